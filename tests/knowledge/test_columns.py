import pytest

from knowledge.columns import apply_choices, guess_columns
from knowledge.document import KnowledgeError
from knowledge.service_columns import REMARKS, SERVICE_COLUMNS


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("department main_item item link", "department:department item:name link:link"),
        ("实施主体 事项名称 法定办结时限 收费依据及标准 咨询电话 办公地址 办公时间",
         "实施主体:department 事项名称:name 法定办结时限:time_limit 咨询电话:phones"
         " 办公地址:offices.address 办公时间:offices.hours"),
        ("服务名称* 主管部门： 所需材料（每行一样） 纬度 经度",
         "服务名称*:name 主管部门：:department 所需材料（每行一样）:materials"
         " 纬度:offices.latitude 经度:offices.longitude"),
        ("名称 事项名称", "名称:name"),  # each field once; the first of two equals
        ("天气 心情", ""),
    ],
)  # fmt: skip
def test_headings_are_guessed(headings: str, expected: str) -> None:
    guessed = guess_columns(headings.split(), SERVICE_COLUMNS)
    wanted = dict(pair.rsplit(":", 1) for pair in expected.split())
    assert {title: guessed.get(title) for title in wanted} == wanted
    if not wanted:
        assert guessed == {}


def test_the_last_word_of_a_heading_decides() -> None:
    assert guess_columns(["窗口地址"], SERVICE_COLUMNS) == {"窗口地址": "offices.address"}


def test_every_heading_that_we_write_is_understood() -> None:
    own = [names[0] for names in SERVICE_COLUMNS.values()]
    assert list(guess_columns(own, SERVICE_COLUMNS).values()) == list(SERVICE_COLUMNS)
    assert REMARKS.keys() == SERVICE_COLUMNS.keys()


def test_a_person_decides_against_the_guess() -> None:
    headings = ["名称", "窗口"]
    guessed = {"名称": "name", "窗口": "offices.name"}
    decided = apply_choices(guessed, {"窗口": "offices.address"}, headings, SERVICE_COLUMNS)
    assert decided == {"名称": "name", "窗口": "offices.address"}
    assert apply_choices(guessed, {"窗口": ""}, headings, SERVICE_COLUMNS) == {"名称": "name"}
    assert apply_choices(guessed, {"窗口": "name"}, headings, SERVICE_COLUMNS) == {"窗口": "name"}


@pytest.mark.parametrize(
    ("choice", "message"), [({"楼": "name"}, "没有“楼”这一列"), ({"名称": "x"}, "没有“x”这个字段")]
)
def test_choices_that_do_not_exist_are_refused(choice: dict[str, str], message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        apply_choices({"名称": "name"}, choice, ["名称"], SERVICE_COLUMNS)
