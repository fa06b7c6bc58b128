"""Each rule of places by name, and all of them on sentences of many kinds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.characters import plain
from intents.parse import Entity
from intents.places import find_places

LABELLED = Path(__file__).parent.parent / "data" / "places.tsv"


def parts(text: str) -> dict[str, str]:
    """The first of each kind."""
    found = sorted(find_places(text, plain(text)), key=lambda entity: entity.start, reverse=True)
    return {entity.entity: entity.value for entity in found}


def place(text: str) -> str:
    return parts(text).get("place", "")


@pytest.mark.parametrize(
    "building",
    ["3号楼", "12号楼", "三栋", "5栋", "第8幢", "A座", "B2栋", "5座", "3#楼", "3#", "二十三栋",
     "3、4号楼"],
)  # fmt: skip
def test_buildings(building: str) -> None:
    assert parts(f"{building}停电了")["building"] == building


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("6-3漏水", "6-3"),
        ("6-3", "6-3"),
        ("你好，6-3的下水道堵了", "6-3"),
        ("玫瑰城6-3停电", "玫瑰城6-3"),
        ("我在海棠湾12-1502住", "海棠湾12-1502"),
    ],
)
def test_a_pair_of_numbers_for_building_and_unit(text: str, where: str) -> None:
    assert place(text) == where
    assert parts(text)["building"] == where.lstrip("玫瑰城海棠湾")


@pytest.mark.parametrize(
    "text",
    [
        "6-8天没来水了",
        "12-25晚上停电",
        "2-3个人吵架",
        "比分3-1",
        "玫瑰城要等6-8天",
        "6-3-2",
        "费用，5-10，太贵",
    ],
)
def test_ranges_and_dates_are_no_building(text: str) -> None:
    assert "building" not in parts(text)


@pytest.mark.parametrize(
    ("text", "estate"),
    [("玫瑰城停水了", "玫瑰城"), ("我们玫瑰城的电梯坏了", "玫瑰城"), ("香樟湾", "香樟湾"),
     ("玫瑰城6-3", "玫瑰城")],
)  # fmt: skip
def test_an_estate_called_like_a_town_or_a_bay(text: str, estate: str) -> None:
    assert parts(text)["estate"] == estate


@pytest.mark.parametrize(
    "text", ["进城怎么走", "创建文明城市", "全城停水", "叫城管来", "美食城管理处", "打工要出城"]
)
def test_a_town_in_talk_is_no_estate(text: str) -> None:
    assert "estate" not in parts(text)


@pytest.mark.parametrize(
    "text",
    ["两栋楼之间", "一座桥断了", "整栋楼没水", "12号开始", "3个月了", "1000块钱", "第一次来"],
)
def test_no_building(text: str) -> None:
    assert "building" not in parts(text)
    assert place(text) == ""


@pytest.mark.parametrize("number", ["110", "119", "120", "122"])
def test_an_emergency_number_before_a_place_is_no_building(number: str) -> None:
    assert place(f"打{number}，3号楼有人晕倒了") == "3号楼"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("3号楼二单元", "unit", "二单元"),
        ("3号楼B单元", "unit", "B单元"),
        ("3号楼5层", "floor", "5层"),
        ("3号楼负一楼", "floor", "负一楼"),
        ("3号楼302室", "room", "302室"),
        ("3号楼2单元501漏水", "room", "501"),
        ("18-2-401漏水", "building", "18-2-401"),
        ("中山路12号", "house_number", "12号"),
        ("中山路8弄3号", "house_number", "8弄3号"),
        ("中山路附5号", "house_number", "附5号"),
    ],
)
def test_parts_inside_and_behind_a_building(text: str, kind: str, value: str) -> None:
    assert parts(text)[kind] == value


@pytest.mark.parametrize(
    ("text", "estate"),
    [
        ("我住阳光花园，太吵", "阳光花园"),
        ("和谐家园二期停电", "和谐家园二期"),
        ("东湖名都B区", "东湖名都B区"),
        ("电力小区（老区）3栋", "电力小区（老区）"),
        ("幸福里3号楼", "幸福里"),
        ("翡翠湾5号楼", "翡翠湾"),
        ("凤凰城二期", "凤凰城二期"),
        ("星河湾东门", "星河湾"),
        ("纺织厂宿舍漏水", "纺织厂宿舍"),
        ("荔园邨", "荔园邨"),
    ],
)
def test_estates_are_known_by_their_end_or_by_what_follows(text: str, estate: str) -> None:
    assert parts(text)["estate"] == estate


@pytest.mark.parametrize(
    ("text", "road"),
    [
        ("解放大道12号", "解放大道"),
        ("滨河北路的树", "滨河北路"),
        ("六号路没灯", "六号路"),
        ("经三路堵车", "经三路"),
        ("石榴胡同积水", "石榴胡同"),
        ("西大街太窄", "西大街"),
        ("学府路上的树", "学府路"),
    ],
)
def test_roads(text: str, road: str) -> None:
    assert parts(text)["road"] == road


@pytest.mark.parametrize(
    "text",
    ["路灯坏了", "路面有坑", "路边摊", "路过的时候", "马路上", "一路都是", "修路", "电路老化",
     "线路短路", "逛街", "走在路上", "放学路上", "条路太烂", "公路扬尘", "6路公交车"],
)  # fmt: skip
def test_no_road(text: str) -> None:
    assert parts(text) == {}


@pytest.mark.parametrize(
    ("text", "community"),
    [
        ("百花社区停电", "百花社区"),
        ("红旗街道没人管", "红旗街道"),
        ("李家村三组停水", "李家村三组"),
        ("王家湾着火", "王家湾"),
        ("大李庄的路", "大李庄"),
        ("四季青镇", "四季青镇"),
    ],
)
def test_communities_and_villages(text: str, community: str) -> None:
    assert parts(text)["community"] == community


@pytest.mark.parametrize(
    "text",
    [
        "社区工作人员",
        "街道办事慢",
        "全村停电",
        "我们村没水",
        "农村厕所",
        "街道太脏",
        "城镇户口",
        "腿脚不好社区能来人吗",
        "最好社区出面",
    ],
)
def test_no_community(text: str) -> None:
    assert place(text) == ""


@pytest.mark.parametrize(
    "landmark",
    [
        "长青公园",
        "第三小学",
        "东门",
        "2号门",
        "中百超市",
        "实验幼儿园",
        "十字路口",
        "村口",
        "文化广场",
    ],
)
def test_landmarks(landmark: str) -> None:
    assert place(f"就在{landmark}") == landmark


@pytest.mark.parametrize(
    "text", ["水果店对面", "清水桥桥头", "府河边上", "五金店门口", "肯德基旁边"]
)
def test_common_heads_are_landmarks_before_a_word_of_side(text: str) -> None:
    assert place(text + "堵了") == text


@pytest.mark.parametrize("text", ["店里卖假货", "公司不发工资", "工地太吵", "过河的时候"])
def test_common_heads_alone_are_not(text: str) -> None:
    assert place(text) == ""


@pytest.mark.parametrize(
    "side",
    ["门口", "对面", "旁边", "后面", "东南角", "那里", "那旮沓", "嗰度", "跟前", "楼下", "中段"],
)
def test_words_of_side_lengthen_a_place(side: str) -> None:
    assert place(f"在文化广场{side}有人摆摊") == f"文化广场{side}"


@pytest.mark.parametrize(
    "text",
    ["楼道灯不亮", "楼下吵", "小区里没灯", "门口堵了", "三楼漏水", "二单元漏水", "充电桩坏了",
     "这里没信号", "隔壁装修", "院子里黑", "我们小区", "绿化带种菜", "学校乱收费", "公园没厕所"],
)  # fmt: skip
def test_vague_places_are_none(text: str) -> None:
    assert place(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中山路与解放路交叉口", "中山路与解放路交叉口"),
        ("3号楼和5号楼之间", "3号楼和5号楼之间"),
        ("9栋到11栋", "9栋到11栋"),
        ("幸福里，3号楼", "幸福里，3号楼"),
        ("幸福里小区的3号楼", "幸福里小区的3号楼"),
        ("我住3号楼，5号楼的人太吵", "3号楼"),
        ("洪山区珞狮南路12号", "洪山区珞狮南路12号"),
        ("我住洪山区", ""),
        ("建议装个红绿灯 中山路和解放路路口", "中山路和解放路路口"),
        ("3单元 阳光家园", "3单元 阳光家园"),
        ("和平广场 和平路1号", "和平广场 和平路1号"),
    ],
)
def test_parts_that_stand_together_make_one_place(text: str, expected: str) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        "和平路",
        "都市花园",
        "来福苑",
        "向阳路",
        "走马街",
        "有福里7栋",
        "家和苑",
        "太平路",
        "在水一方小区",
    ],
)
def test_names_may_hold_what_else_ends_a_name(name: str) -> None:
    assert place(f"{name}漏水") == name


def test_values_are_the_residents_own_characters() -> None:
    assert place("我住喺幸福裡３號樓") == "幸福裡３號樓"


def test_precision_and_recall_on_labelled_sentences() -> None:
    rows = [line.split("\t") for line in LABELLED.read_text("utf-8").splitlines()]
    found = [place(text) for text, _ in rows]
    right = sum(bool(got) and got == gold for got, (_, gold) in zip(found, rows, strict=True))
    assert len(rows) >= 200
    assert right / sum(map(bool, found)) >= 0.95
    assert right / sum(bool(gold) for _, gold in rows) >= 0.95


@given(
    st.text(
        st.sampled_from("幸福里小区3五号楼栋单元路街门口的和，那边社区村A#-0 路口店河東樓")
        | st.characters()
    )
)
def test_ranges_stand_in_the_text(text: str) -> None:
    for entity in find_places(text, plain(text)):
        assert isinstance(entity, Entity)
        assert 0 <= entity.start < entity.end <= len(text)
        assert text[entity.start : entity.end] == entity.value


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("师范学院路小学门口天天堵", "师范学院路小学门口"),  # a road called after a place
        ("新民村7排12号没水", "新民村7排12号"),
        ("胜利街那座天桥下有人睡觉", "胜利街那座天桥下"),
        ("化肥厂家属区5栋漏水", "化肥厂家属区5栋"),
        ("槐树村牌坊旁边堆着土", "槐树村牌坊旁边"),
        ("王家大墩的路灯不亮", "王家大墩"),
        ("楼下嗰盏街灯唔着", ""),
        ("街道办对面的路灯不亮", "街道办对面"),
    ],
)
def test_more_places(text: str, where: str) -> None:
    assert place(text) == where
