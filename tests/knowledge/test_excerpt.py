from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.document import Document
from knowledge.excerpt import around, numbered
from knowledge.outline import outline

TEXT = (
    "# 装灯办法\n\n## 一、谁来装\n\n1. 居委会登记。\n2. 物业公司装灯。\n3. 街道验收。\n\n"
    "## 二、多少钱\n\n1. 每盏补二十元。\n2. 自己出三十元。\n"
)


def document(text: str = TEXT) -> Document:
    return Document("lamps", "装灯办法", text, sections=outline(text))


def shown(text: str, limit: int = 1000, of: str = TEXT) -> str:
    start = of.index(text)
    excerpt = around(document(of), start, start + len(text), limit)
    return of[excerpt.start : excerpt.end].strip()


def test_the_part_that_a_quote_stands_in() -> None:
    assert (
        shown("物业公司装灯。")
        == "## 一、谁来装\n\n1. 居委会登记。\n2. 物业公司装灯。\n3. 街道验收。"
    )
    assert shown("物业公司装灯。\n3. 街道验收。").startswith("## 一、谁来装")


def test_a_part_too_long_gives_the_item() -> None:
    assert shown("物业公司装灯。", limit=20) == "2. 物业公司装灯。"


def test_without_an_outline_the_sentences_around() -> None:
    text = "先登记。" * 100 + "再装灯。" + "后验收。" * 100
    excerpt = around(Document("a", "a", text), text.index("再装灯"), text.index("再装灯") + 3, 400)
    assert "再装灯。" in text[excerpt.start : excerpt.end]
    assert text[: excerpt.start].endswith("。") and text[: excerpt.end].endswith("。")
    assert excerpt.end - excerpt.start < 500


def test_the_item_with_a_number_stands_beside_the_quote() -> None:
    for quote, number, item in (
        ("街道验收", 2, "2. 物业公司装灯。"),
        ("每盏补", 2, "2. 自己出三十元。"),
        ("二、多少钱", 1, "## 一、谁来装\n\n1. 居委会登记。\n2. 物业公司装灯。\n3. 街道验收。"),
    ):
        found = numbered(document(), TEXT.index(quote), number)
        assert found is not None
        assert TEXT[found.start : found.end].strip() == item
    assert numbered(document(), TEXT.index("街道验收"), 9) is None
    assert numbered(replace(document(), sections=()), 5, 1) is None


def test_an_article_of_a_law() -> None:
    law = "第一章 总则\n第一条 为了装灯。\n第二条 灯由居委会装。\n第二章 附则\n第三条 即日施行。\n"
    found = numbered(document(law), law.index("为了"), 3)
    assert found is not None and law[found.start : found.end].strip() == "第三条 即日施行。"


@given(st.text(alphabet="一二、1.2（）。\n灯#第条 ", min_size=1, max_size=60), st.data())
def test_an_excerpt_holds_the_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    excerpt = around(document(text), start, end, 30)
    assert 0 <= excerpt.start <= start < end <= excerpt.end <= len(text)
