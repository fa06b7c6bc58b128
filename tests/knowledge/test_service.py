from typing import Any

import pytest
from pydantic import ValidationError

from knowledge.service import Kind, Level, Office, Service, faults, is_made_id, made_id


def reasons(**values: Any) -> dict[str, str]:
    """What is wrong with an entry, by field."""
    with pytest.raises(ValidationError) as caught:
        Service.model_validate({"id": "card", "name": "老年证"} | values)
    return {fault.field: fault.reason for fault in faults(caught.value)}


def test_cells_of_a_table_are_read_as_people_write_them() -> None:
    service = Service.model_validate(
        {
            "id": "card",
            "name": " 老年证 ",
            "level": "区级",
            "kind": "热线",
            "materials": "1.身份证（原件、复印件）2.照片",
            "phones": "027-85551234转801，12345/13800138000",
            "checked_on": "2026年11月1日",
            "min_age": "60",
            "max_age": "",
            "fee": None,
        }
    )
    assert service.name == "老年证"
    assert (service.level, service.kind) == (Level.DISTRICT, Kind.HOTLINE)
    assert service.materials == ("身份证（原件、复印件）", "照片")
    assert service.phones == ("027-85551234转801", "12345", "13800138000")
    assert str(service.checked_on) == "2026-11-01"
    assert (service.min_age, service.max_age, service.fee) == (60, None, "")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": " "}, {"name": "没有填"}),
        ({"id": "老年证"}, {"id": "只能用小写字母、数字和短横线（写的是“老年证”）"}),
        ({"level": "星球"}, {"level": "只能是 社区、街道、区、市、省、全国（写的是“星球”）"}),
        ({"checked_on": "去年"}, {"checked_on": "日期应写成 2026-11-01 这样（写的是“去年”）"}),
        ({"checked_on": "2026-13-01"},
         {"checked_on": "日期应写成 2026-11-01 这样（写的是“2026-13-01”）"}),
        ({"min_age": "六十"}, {"min_age": "应该是整数（写的是“六十”）"}),
        ({"min_age": 300}, {"min_age": "不能大于 120（写的是“300”）"}),
        ({"min_age": 60, "max_age": 18}, {"": "最小年龄 60 大于最大年龄 18"}),
        ({"link": "gov.cn"}, {"link": "网址要以 http:// 或 https:// 开头：“gov.cn”"}),
        ({"phones": ["1380013"]}, {"phones": "电话“1380013”不是有效的号码"}),
        ({"phones": ["12"]}, {"phones": "电话“12”位数太少"}),
        ({"phones": ["1380013800012345"]}, {"phones": "电话“1380013800012345”位数太多"}),
        ({"phones": ["找老王"]}, {"phones": "电话“找老王”认不出来"}),
        ({"price": 5}, {"price": "没有这个字段"}),
        ({"offices": [{"name": "大厅", "latitude": 91, "longitude": 114}]},
         {"offices.0.latitude": "不能大于 90.0（写的是“91”）"}),
        ({"offices": [{"name": "大厅", "latitude": 30}]},
         {"offices.0": "纬度和经度要么都填，要么都不填（写的是"}),
        ({"offices": [{"hours": "9:00-17:00"}]}, {"offices.0": "办理点至少要有名称或地址"}),
        ({"offices": [{"name": "大厅", "hours": "周一 25:00-26:00"}]},
         {"offices.0.hours": "时间写错了：“25:00”"}),
    ],
)  # fmt: skip
def test_faults_are_told_in_chinese_with_what_was_written(
    values: dict[str, Any], expected: dict[str, str]
) -> None:
    found = reasons(**values)
    assert found.keys() == expected.keys()
    for field, reason in expected.items():
        assert found[field].startswith(reason.removesuffix("（写的是"))


def test_all_faults_of_an_entry_are_told_at_once() -> None:
    assert len(reasons(name="", level="星球", phones=["12"], min_age="x")) == 4


def test_an_office_knows_its_place_and_hours() -> None:
    office = Office(name="大厅", latitude=30.5, longitude=114.3, hours="全天")
    assert office.location == (30.5, 114.3)
    assert office.opening_hours.understood
    assert Office(name="大厅").location is None


def test_made_ids_are_stable_valid_and_tell_departments_apart() -> None:
    made = made_id("区民政局", "低保")
    assert made == made_id("区民政局", "低保")
    assert made != made_id("区人社局", "低保")
    assert is_made_id(made)
    assert Service(id=made, name="低保").id == made
    assert not is_made_id("elder-card")


def test_fullness_counts_the_facts_that_residents_ask_for() -> None:
    bare = Service(id="a", name="低保", department="区民政局")
    full = Service(id="a", name="低保", materials=("身份证",), fee="免费", phones=("12345",))
    assert (bare.fullness, full.fullness) == (0, 3)
