import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.outline import number_of, outline, starts_with_mark


def paths(text: str) -> list[tuple[str, ...]]:
    return [section.path for section in outline(text)]


def test_the_levels_of_an_official_document() -> None:
    text = (
        "邻里互助办法\n一、总体要求\n大家的事大家办。\n（一）目标\n人人参与。\n1.建队伍\n每楼一队。\n"
        "（1）招募。面向全体居民，长期有效。\n①登记信息\n二、保障\n给志愿者上保险。"
    )
    assert paths(text) == [
        (),
        ("一、总体要求",),
        ("一、总体要求", "（一）目标"),
        ("一、总体要求", "（一）目标", "1.建队伍"),
        ("一、总体要求", "（一）目标", "1.建队伍", "（1）招募"),
        ("一、总体要求", "（一）目标", "1.建队伍", "（1）招募", "①登记信息"),
        ("二、保障",),
    ]


def test_a_law() -> None:
    text = (
        "第一章 总则\n第一条 为了邻里和睦，制定本公约。\n第二条 居民平等。\n"
        "第二章 公共空间\n第三条 楼道畅通。"
    )
    assert paths(text) == [
        ("第一章 总则",),
        ("第一章 总则", "第一条"),
        ("第一章 总则", "第二条"),
        ("第二章 公共空间",),
        ("第二章 公共空间", "第三条"),
    ]


def test_markdown_headings_and_their_numerals() -> None:
    text = "# 停车公约\n## 一、车位\n每户一位。\n## 二、收费\n### （一）标准\n按月收。"
    assert paths(text) == [
        ("停车公约",),
        ("停车公约", "一、车位"),
        ("停车公约", "二、收费"),
        ("停车公约", "二、收费", "（一）标准"),
    ]


def test_headings_inside_one_paragraph() -> None:
    text = (
        "关于清理楼道的通知 各位居民： 现将有关事项通知如下： 一、清理范围。所有楼道都要清理。 "
        "（一）杂物 由各户自己搬走。 （二）废旧家具 由社区统一搬运，费用全免。 "
        "二、时间。本月底前完成，逾期统一处理。"
    )
    assert [path[-1:] for path in paths(text)] == [
        (),
        ("一、清理范围",),
        ("（一）杂物",),
        ("（二）废旧家具",),
        ("二、时间",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "报名人数比去年多了1.5倍，其中：一、二楼住户最多。",
        "会议定于3.15日举行，地点在（二）号会议室。",
        "根据第三条的规定，押金应当退还。",
        "详见公告： 1. 请在大厅查看。",
    ],
)
def test_numbers_in_a_sentence_are_no_headings(text: str) -> None:
    assert paths(text) == [()]


def test_a_list_of_names_is_not_under_the_last_heading() -> None:
    text = "一、工作要求\n各楼按时完成。\n邻里议事会成员名单\n李明 楼长\n附件：报名表\n姓名"
    assert paths(text) == [("一、工作要求",), ("邻里议事会成员名单",), ("附件：报名表",)]


def test_an_item_of_one_sentence_is_named_by_its_numeral() -> None:
    assert paths("一、约定\n1.楼道里不停车。\n2.夜里不喧哗。") == [
        ("一、约定",),
        ("一、约定", "1."),
        ("一、约定", "2."),
    ]


def test_a_long_heading_is_cut_at_a_clause() -> None:
    text = (
        "1.鼓励居民参加志愿服务，对长期参加的给予表彰并在评选文明家庭的时候优先考虑他们的申请。"
        "详见细则。"
    )
    assert paths(text) == [("1.鼓励居民参加志愿服务",)]


@given(st.text(alphabet="一二三、（）()1.2#第条章 \n。；甲乙", max_size=80))
@settings(max_examples=150, deadline=None)
def test_sections_cover_the_text_in_order(text: str) -> None:
    sections = outline(text)
    assert "".join(text[section.start : section.end] for section in sections) == text
    assert all(section.start < section.end for section in sections)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("一百", 100),
     ("一百零五", 105), ("二百一十", 210), ("12", 12), ("③", 3)],
)  # fmt: skip
def test_numerals(numeral: str, value: int) -> None:
    assert number_of(numeral) == value


def test_starts_with_mark() -> None:
    assert starts_with_mark("（三）分工")
    assert starts_with_mark("附件1")
    assert not starts_with_mark("各位居民")
