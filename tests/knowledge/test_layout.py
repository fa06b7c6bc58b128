import pytest

from knowledge.layout import (
    join_broken_sentences,
    join_wrapped_lines,
    pair_quotes,
    strip_indents,
    widen_punctuation,
)


def test_indents_go_and_inner_space_stays() -> None:
    assert strip_indents("\u3000\u3000第一条 爱护花草。 \n\t第二条\u3000轻声说话。") == (
        "第一条 爱护花草。\n第二条\u3000轻声说话。"
    )


@pytest.mark.parametrize(
    "text",
    [
        "居民议事会每月开一次，由楼长轮流\n主持，记录贴在公示栏。",
        "（二）管好车棚。充电费用由业主大会决定，车棚由“邻里\n互助队”轮流看管。",
    ],
)
def test_a_sentence_broken_over_lines_is_joined(text: str) -> None:
    assert join_broken_sentences(text) == text.replace("\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "一、加强组织，落实责任，把小区的公共事务管理好\n社区成立工作小组。",
        "议事会讨论了停车、绿化、照明三件事，当场\n2024年3月1日",
        "参加的有楼长、组长、志愿者，还有物业经理\n二、讨论情况",
        "组长：李明 社区书记\n副组长：王芳 社区主任",
        "每月开一次会，由楼长主持。\n记录贴在公示栏。",
    ],
)
def test_headings_dates_items_and_lists_are_not_joined(text: str) -> None:
    assert join_broken_sentences(text) == text


def test_half_width_punctuation_between_chinese_becomes_full_width() -> None:
    text = "报名时间:每周三上午9:00-11:30,地点:社区大厅;联系人:王老师(网格员)。带齐证件,好吗?"
    assert widen_punctuation(text) == (
        "报名时间：每周三上午9:00-11:30，地点：社区大厅；联系人：王老师（网格员）。带齐证件，好吗？"
    )


@pytest.mark.parametrize(
    "kept",
    ["http://example.cn/a?b=1,2", "1,000元", "10:05", "(zhuang)", "(3)", "A:B", "50,5"],
)
def test_numbers_addresses_and_latin_keep_theirs(kept: str) -> None:
    text = f"说明:请看,这里,那里,还有{kept}等"
    assert kept in widen_punctuation(text)


def test_a_text_with_full_width_punctuation_is_left_alone() -> None:
    text = "请带身份证，户口本，照片；地点：大厅。备注:复印件两份,原件备查。"
    assert widen_punctuation(text) == text


def test_closing_quotes_alone_become_pairs() -> None:
    assert pair_quotes("推行”三张清单”和”五个一”。") == "推行“三张清单”和“五个一”。"


@pytest.mark.parametrize("text", ["推行“三张清单”。", "他说到一半”就走了。", "没有引号。"])
def test_other_quotes_stay(text: str) -> None:
    assert pair_quotes(text) == text


def wrapped(text: str, width: int = 28) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


PARAGRAPH = (
    "为了让楼道保持畅通，居民委员会决定从下个月开始，每周组织一次集中清理，清理时间是周六上午九点到"
    "十一点，请各楼提前把杂物搬到指定地点，逾期由物业公司统一处理。"
)


def test_lines_broken_at_the_width_of_a_page_are_joined() -> None:
    page = f"楼道清理公告\n{wrapped('一、' + PARAGRAPH)}\n{wrapped('二、' + PARAGRAPH)}\n幸福社区"
    assert join_wrapped_lines(page) == f"楼道清理公告\n一、{PARAGRAPH}\n二、{PARAGRAPH}\n幸福社区"


def test_latin_words_keep_a_space_between_lines() -> None:
    page = wrapped(PARAGRAPH * 2, 28).replace(PARAGRAPH[26:28], "ab", 1) + "\n" + PARAGRAPH[:9]
    assert "ab" in join_wrapped_lines(page)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(
            f"{name} 幸福社区三号楼楼长兼网格员（兼职）"
            for name in ("李明", "王芳", "张强", "赵敏")
        ),
        "\n".join([PARAGRAPH] * 8),
        "短行\n很短\n",
    ],
)
def test_lists_and_whole_paragraphs_are_not_joined(text: str) -> None:
    assert join_wrapped_lines(text) == text
