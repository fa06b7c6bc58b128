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
        ("中午休息吗", "不开门"),
        ("明天上班吗", "11月23日（周一）开门"),
        ("现在开门吗", "现在没开门"),
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
