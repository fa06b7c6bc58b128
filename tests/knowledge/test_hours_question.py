from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from knowledge.hours_question import Topic, answer_hours, asks_opening
from knowledge.opening_hours import parse_hours

COUNTER = parse_hours("周一至周五 9:00-12:00，13:30-17:30；周六 9:00-12:00；法定节假日休息")
# A Wednesday, in the lunch break.
NOW = datetime(2026, 9, 9, 12, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("question", "topic", "is_open", "days"),
    [
        ("现在开门吗", Topic.NOW, False, "09-09"),
        ("明天几点上班", Topic.DAY, True, "09-10"),
        ("周六呢", Topic.DAY, True, "09-12"),
        ("周日有人吗", Topic.DAY, False, "09-13"),
        ("周六中午有人吗", Topic.DAY, False, "09-12"),
        ("下周三上班不", Topic.DAY, True, "09-16"),
        ("9月30号上班吗", Topic.DAY, True, "09-30"),
        ("周末开门吗", Topic.WEEKEND, True, "09-12 09-13"),
        ("下周末开门吗", Topic.WEEKEND, True, "09-19 09-20"),
        ("中午休息吗", Topic.NOON, False, "09-09"),
        ("晚上开门吗", Topic.EVENING, False, "09-09"),
        ("明天下午五点还有人吗", Topic.DAY, True, "09-10"),
        ("明天下午五点半还有人吗", Topic.DAY, False, "09-10"),
        ("国庆上班不", Topic.HOLIDAY, False, "10-01 10-02 10-03 10-04 10-05 10-06 10-07"),
        ("节假日休息吗", Topic.HOLIDAY, False, "09-25 09-26 09-27"),
    ],
)
def test_questions_about_time(question: str, topic: Topic, is_open: bool, days: str) -> None:
    answer = answer_hours(question, COUNTER, NOW)
    assert answer is not None
    assert (answer.topic, answer.is_open) == (topic, is_open)
    assert " ".join(f"{each.day:%m-%d}" for each in answer.days) == days


def test_each_day_of_a_weekend_has_its_own_answer() -> None:
    answer = answer_hours("周末开门吗", COUNTER, NOW)
    assert answer is not None
    assert [each.is_open for each in answer.days] == [True, False]


def test_next_opening_is_told() -> None:
    answer = answer_hours("现在还上班吗", COUNTER, NOW)
    assert answer is not None
    assert answer.next_opening == NOW.replace(hour=13)


def test_a_year_not_arranged_yet_is_not_certain() -> None:
    answer = answer_hours("国庆开门吗", COUNTER, NOW.replace(year=2090))
    assert answer is not None
    assert not answer.is_certain


def test_other_questions_are_not_about_time() -> None:
    assert answer_hours("要带什么材料", COUNTER, NOW) is None


def test_hours_that_nobody_can_read_answer_nothing() -> None:
    answer = answer_hours("周末开门吗", parse_hours("以公告为准"), NOW)
    assert answer is not None
    assert answer.is_open is None


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("周末开门吗", True),
        ("居委会几点下班", True),
        ("社保局明天上班不", True),
        ("中午能办吗", True),
        ("上班路上摔断了腿", False),
        ("能办残疾证的条件", False),
        ("休息椅坏了", False),
    ],
)
def test_whether_opening_is_asked_about(question: str, asks: bool) -> None:
    assert asks_opening(question) is asks


@pytest.mark.parametrize(
    "question",
    ["5号楼的食堂开门吗", "五一路派出所开门吗", "孩子十一岁办证几点开门", "国庆小区开门吗"],
)
def test_houses_streets_and_ages_are_no_dates(question: str) -> None:
    answer = answer_hours(question, COUNTER, NOW)
    assert answer is not None
    assert answer.topic is Topic.NOW
