from dataclasses import replace
from datetime import date

import pytest

from knowledge.check import Kind, check
from knowledge.document import Document, Gap, Status

TODAY = date(2026, 5, 1)
TEXT = (
    "年满70周岁的老人可以在社区食堂用餐，每餐补贴3元，每天两餐。"
    "用餐前在社区登记，带身份证和一张照片，当天就能开通。"
    "行动不便的老人由志愿者送餐上门，送餐时间是上午十一点到十二点。"
    "对饭菜有意见的，可以向居委会提出，居委会两天内答复。"
)


def document(document_id: str, text: str = TEXT, **stated: str) -> Document:
    return Document(document_id, f"助餐办法{document_id}", text, **{"issuer": "民政局"} | stated)


def kinds(*documents: Document) -> list[tuple[str, Kind]]:
    return [(finding.document_id, finding.kind) for finding in check(documents, TODAY)]


def test_a_sound_document_has_no_findings() -> None:
    assert check([document("a")], TODAY) == []
    assert check([], TODAY) == []


def test_the_same_text_twice() -> None:
    spaced = TEXT.replace("。", "。\n")
    assert kinds(document("a"), document("b", spaced)) == [("b", Kind.DUPLICATE)]


def test_the_same_text_with_other_figures() -> None:
    (finding,) = check([document("a"), document("b", TEXT.replace("3元", "5元"))], TODAY)
    assert (finding.document_id, finding.kind) == ("b", Kind.DIFFERENT_FIGURES)
    assert "这份是 5，那份是 3" in finding.message
    assert "《助餐办法a》（a）" in finding.message


def test_nearly_the_same_text() -> None:
    other = TEXT.replace("带身份证和一张照片", "带好身份证和一张照片")
    assert kinds(document("a"), document("b", other)) == [("b", Kind.NEAR_DUPLICATE)]


def test_texts_on_one_subject_are_not_alike() -> None:
    other = (
        "社区食堂的饭菜由营养师搭配，每周公布菜单，居民可以投票选菜，票数最多的三道菜下周供应。" * 2
    )
    assert kinds(document("a"), document("b", other)) == []


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"status": Status.EXPIRED}, "已失效"),
        ({"expires_on": "2026-04-30"}, "有效期到 2026-04-30"),
        ({"status": Status.SUPERSEDED, "superseded_by": "新办法"}, "由《新办法》代替"),
    ],
)
def test_expired_documents(stated: dict[str, str], words: str) -> None:
    (finding,) = check([document("a", **stated)], TODAY)
    assert finding.kind is Kind.EXPIRED
    assert words in finding.message


def test_a_document_in_its_last_day_and_one_without_a_calendar() -> None:
    last_day = document("a", expires_on="2026-05-01")
    assert check([last_day], TODAY) == []
    assert check([replace(last_day, expires_on="2000-01-01")]) == []


@pytest.mark.parametrize("source", ["", "文件.txt", "documents.jsonl"])
def test_the_name_of_a_file_is_no_source(source: str) -> None:
    assert kinds(document("a", issuer="", source=source)) == [("a", Kind.NO_SOURCE)]


def test_a_law_or_an_address_is_a_source() -> None:
    assert kinds(document("a", issuer="", source="《养老条例》第三条")) == []
    assert kinds(document("a", issuer="", document_number="民发〔2024〕1号")) == []


def test_a_rule_that_a_newer_one_ends() -> None:
    old = replace(document("a"), title="老年助餐暂行办法")
    new = document("b", "第九条 《老年助餐暂行办法》（民发〔2019〕3号）同时废止。")
    (finding,) = check([old, new], TODAY)
    assert (finding.document_id, finding.kind) == ("a", Kind.EXPIRED)
    assert "《助餐办法b》" in finding.message
    assert check([replace(old, status=Status.SUPERSEDED), new], TODAY)[0].message.startswith("已被")


def test_gaps_are_told_with_what_is_missing() -> None:
    (finding,) = check([replace(document("a"), gaps=(Gap(3, "缺三行"), Gap(9, "缺三行")))], TODAY)
    assert finding.kind is Kind.GAP
    assert "2 处缺漏：缺三行" in finding.message


def test_a_sentence_that_will_be_cut() -> None:
    (finding,) = check([document("a", "楼" * 600 + "。")], TODAY)
    assert finding.kind is Kind.LONG_SENTENCE
    assert "601 字" in finding.message


def test_many_documents_that_share_a_heading_are_checked_quickly() -> None:
    heading = "各区民政局、各街道办事处、各社区居民委员会：请认真执行。"
    many = [
        document(str(n), heading + "".join(chr(0x5200 + (n * 67 + k) % 9000) for k in range(90)))
        for n in range(0, 400, 2)
    ]
    assert check(many, TODAY) == []
