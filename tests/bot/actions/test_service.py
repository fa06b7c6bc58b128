"""Service cards and what is asked about them next, with the example community's directory."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.actions.service_card import ServiceCard
from bot.clock import FixedClock
from bot.responses import Responses
from index.places import Place
from knowledge.directory import load_file
from knowledge.service import Service

SUNDAY_NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
COMMUNITY = Path(__file__).parents[3] / "knowledge" / "communities" / "xingfuli.yml"
OFFICE = Service.model_validate(
    {
        "id": "hall",
        "name": "社区服务大厅",
        "department": "幸福里社区",
        "materials": ["身份证", "户口本", "照片"],
        "offices": [
            {
                "name": "幸福里社区服务大厅",
                "address": "示例路1号",
                "latitude": 30.0,
                "longitude": 114.0,
                "hours": "周一至周五 9:00-12:00, 13:30-17:30",
            }
        ],
        "phones": ["12345"],
        "checked_on": "2026-11-01",
    }
)


@pytest.fixture(scope="module")
def card() -> ServiceCard:
    zone = ZoneInfo("Asia/Shanghai")
    return ServiceCard(Responses.load(), FixedClock(SUNDAY_NOON), zone, "12345")


def test_the_card_says_all_there_is(card: ServiceCard) -> None:
    reply = card.card(OFFICE, Place(30.001, 114.0), traditional=False)
    for words in (
        "社区服务大厅",
        "示例路1号",
        "☐ 户口本",
        "现在没开门",
        "明天9:00",
        "5分钟",
        "12345",
    ):
        assert words in reply.text
    assert reply.location is not None
    assert "2026-11-01" in reply.text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("周末呢", "11月22日（周日）不开门"),
        ("中午休息吗", "中午休息，不办事"),
        ("明天上班吗", "11月23日（周一）开门"),
        ("现在开门吗", "现在没开门"),
        ("春节呢", "不开门"),
        ("过年期间开不开", "不开门"),
        ("12月1号呢", "12月1日（周二）开门"),
        ("后天能办吗", "11月24日（周二）开门"),
        ("今晚开吗", "11月22日（周日）不开门"),
        ("明天去要带什么", "户口本"),
        ("地址", "示例路1号"),
        ("电话", "12345"),
        ("要带什么材料", "户口本"),
        ("多少钱", "没有登记费用"),
    ],
)
def test_follow_ups(card: ServiceCard, question: str, expected: str) -> None:
    assert expected in card.follow_up(OFFICE, question, Place(), traditional=False).text


def test_every_entry_of_the_example_community_has_a_card(card: ServiceCard) -> None:
    for service in load_file(COMMUNITY):
        reply = card.card(service, Place(), traditional=True)
        assert service.name in reply.text
        assert all(len(button.id.encode()) <= 64 for button in reply.buttons)


TWO_PLACES = Service.model_validate(
    {
        "id": "clinic",
        "name": "打疫苗",
        "offices": [
            {"name": "近处", "latitude": 30.0, "longitude": 114.0,
             "hours": "周一至周五 8:00-16:00"},
            {"name": "远处", "latitude": 30.01, "longitude": 114.0,
             "hours": "周一至周六 8:00-16:00；周日 8:00-11:00"},
        ],
    }
)  # fmt: skip
NEAR = Place(30.0, 114.0)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("服务大厅周末开门吗", "11月22日（周日）不开门"),
        ("服务大厅明天上班吗", "11月23日（周一）开门：9:00-12:00、13:30-17:30"),
        ("服务大厅元旦开门吗", "1月1日（周五）到1月3日（周日）不开门"),
        ("服务大厅中午休息吗", "中午休息，不办事。"),
        ("服务大厅周一晚上开门吗", "您说的时候不开门，那天的时间是9:00-12:00、13:30-17:30"),
    ],
)
def test_a_question_about_times_is_answered_first(
    card: ServiceCard, question: str, said: str
) -> None:
    lines = card.card(OFFICE, Place(), False, question).text.split("\n")
    assert any(said in line for line in lines[1:3]), lines


def test_whether_it_is_open_now_is_said_once(card: ServiceCard) -> None:
    text = card.card(OFFICE, Place(), False, "服务大厅现在开门吗").text
    assert text.count("现在没开门") == 1


def test_where_no_times_are_known_that_is_said(card: ServiceCard) -> None:
    bare = Service(id="bare", name="社保局")
    assert "没有登记开门时间" in card.card(bare, Place(), False, "社保局周末上班吗").text
    assert "没有登记开门时间" not in card.card(bare, Place(), False, "上班路上摔了找谁").text


def test_a_year_not_arranged_yet_is_named(card: ServiceCard) -> None:
    text = card.follow_up(OFFICE, "国庆呢", Place(), traditional=False).text
    assert "2027年的放假安排还没公布" in text


def test_the_nearest_of_several_places_that_is_open_when_asked_for(card: ServiceCard) -> None:
    assert "近处" in card.card(TWO_PLACES, NEAR, False, "附近哪里打疫苗").text
    assert "远处" in card.card(TWO_PLACES, NEAR, False, "附近周日哪里打疫苗开门").text
    assert "远处" in card.follow_up(TWO_PLACES, "周末呢", NEAR, traditional=False).text


def test_of_several_places_the_nearest_is_offered_for_a_location(card: ServiceCard) -> None:
    assert "有2处能办" in card.card(TWO_PLACES, Place(), False).text
    assert "有2处能办" not in card.card(TWO_PLACES, NEAR, False).text


def test_the_map_opens_at_the_place(card: ServiceCard) -> None:
    assert "position=114.0,30.0&coordinate=wgs84" in card.card(OFFICE, Place(), False).text


def test_a_report_is_one_tap_away_where_it_may_be_one(card: ServiceCard) -> None:
    offered = card.card(OFFICE, Place(), False, with_proposal=True).buttons
    assert "proposal:from_question" in [button.id for button in offered]
    plain = card.card(OFFICE, Place(), False).buttons
    assert "proposal:from_question" not in [button.id for button in plain]
