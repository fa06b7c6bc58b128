import pytest

from knowledge.layout import join_broken_sentences, pair_quotes, strip_indents, widen_punctuation


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
