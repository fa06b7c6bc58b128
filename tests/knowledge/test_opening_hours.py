from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.opening_hours import HoursError, OpeningHours, parse_hours

ZONE = ZoneInfo("Asia/Shanghai")
COUNTER = "周一至周五 9:00-12:00，13:30-17:30；周六 9:00-12:00；法定节假日休息"
OFFICE = "工作日上午9:00—12:00，下午1:30—5:30"
WEEKDAYS = "一二三四五六日"


def week(text: str) -> str:
    """The week in one line: "一二三四五 9:00-12:00 / 六 9:00-11:00"; days alike stand together."""
    days: dict[str, str] = {}
    for weekday, periods in zip(WEEKDAYS, parse_hours(text).week, strict=True):
        if periods:
            times = " ".join(map(str, periods))
            days[times] = days.get(times, "") + weekday
    return " / ".join(f"{names} {times}" for times, names in days.items())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (COUNTER, "一二三四五 9:00-12:00 13:30-17:30 / 六 9:00-12:00"),
        (OFFICE, "一二三四五 9:00-12:00 13:30-17:30"),
        ("周一至周五 9：00～17：00，周末及法定节假日休息", "一二三四五 9:00-17:00"),
        ("全天", "一二三四五六日 0:00-24:00"),
        ("24小时服务", "一二三四五六日 0:00-24:00"),
        ("24/7", "一二三四五六日 0:00-24:00"),
        ("Mo-Fr 09:00-17:00; PH off", "一二三四五 9:00-17:00"),
        ("周一至周五 9:00-17:00（午休12:00-13:30）", "一二三四五 9:00-12:00 13:30-17:00"),
        ("每周二闭馆，其余 9:00-17:00", "一三四五六日 9:00-17:00"),
        ("周一到周六（周三除外）8:30-17:00", "一二四五六 8:30-17:00"),
        ("周一、三、五 上午九点至十一点半", "一三五 9:00-11:30"),
        ("星期一到星期五早9点到晚5点", "一二三四五 9:00-17:00"),
        ("周五至周日 18:00-02:00", "五六日 18:00-2:00"),
        ("周五至周一 10:00-20:00", "一五六日 10:00-20:00"),
        ("周一至周五9:00-12:00,14:00-17:00,周六周日9:00-12:00",
         "一二三四五 9:00-12:00 14:00-17:00 / 六日 9:00-12:00"),
        ("工作日 9:00-17:00 中午不休息", "一二三四五 9:00-17:00"),
        ("周1-周5 9:00-17:00", "一二三四五 9:00-17:00"),
        ("每天8点到晚上9点，全年无休", "一二三四五六日 8:00-21:00"),
    ],
)  # fmt: skip
def test_texts_as_offices_write_them(text: str, expected: str) -> None:
    assert week(text) == expected


@pytest.mark.parametrize("text", ["以现场公告为准", "", "夏季 8:00-12:00；冬季 9:00-12:00",
                                  "每月第一个周六 9:00-12:00"])  # fmt: skip
def test_what_is_no_timetable_claims_nothing(text: str) -> None:
    hours = parse_hours(text)
    assert not hours.understood
    assert hours.is_open(at("2026-09-16T10:00")) is None
    assert hours.next_opening(at("2026-09-16T10:00")) is None


@pytest.mark.parametrize("text", ["周一 25:00-26:00", "周一 9:75-12:00"])
def test_impossible_times_are_refused(text: str) -> None:
    with pytest.raises(HoursError, match=text.split()[1][:4].rstrip("-")):
        parse_hours(text)


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        (COUNTER, "2026-09-16T09:00", True),
        (COUNTER, "2026-09-16T12:00", False),  # the lunch break begins
        (COUNTER, "2026-09-16T13:30", True),
        (COUNTER, "2026-09-13T10:00", False),  # Sunday
        (COUNTER, "2026-10-01T10:00", False),  # National Day
        (COUNTER, "2026-10-03T10:00", False),  # the Saturday within
        (OFFICE, "2026-10-10T10:00", True),  # Saturday, worked in exchange
        (OFFICE, "2026-10-17T10:00", False),  # an ordinary Saturday
        ("每天 9:00-17:00", "2026-10-01T10:00", True),
        ("每天 9:00-17:00，法定节假日休息", "2026-10-01T10:00", False),
        ("周一至周五 9:00-17:00，法定节假日照常开放", "2026-10-01T10:00", True),
        ("法定节假日 10:00-12:00，工作日 9:00-17:00", "2026-10-01T09:30", False),
        ("法定节假日 10:00-12:00，工作日 9:00-17:00", "2026-10-01T10:30", True),
        ("周一至周六 9:00-17:00", "2026-10-01T10:00", None),  # silent about holidays
        ("9:00-17:00", "2026-09-16T10:00", True),
        ("9:00-17:00", "2026-09-13T10:00", None),  # no day named, and it is Sunday
        ("周五 18:00-02:00", "2026-09-12T01:30", True),  # Friday's night goes on
        ("周五 18:00-02:00", "2026-09-12T02:00", False),
        ("24小时", "2026-02-17T03:00", True),
    ],
)
def test_is_open(text: str, moment: str, expected: bool | None) -> None:
    assert parse_hours(text).is_open(at(moment)) is expected


def test_time_of_another_zone_is_read_in_the_offices_zone() -> None:
    utc = datetime(2026, 9, 16, 1, 30, tzinfo=ZoneInfo("UTC"))  # half past nine in Shanghai
    assert parse_hours(COUNTER).is_open(utc)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-09-16T12:30", "2026-09-16T13:30"),
        ("2026-09-16T18:00", "2026-09-17T09:00"),
        ("2026-09-30T18:00", "2026-10-08T09:00"),  # after the National Day break
    ],
)
def test_next_opening(moment: str, expected: str) -> None:
    assert parse_hours(COUNTER).next_opening(at(moment)) == at(expected)


def test_closing_time() -> None:
    assert parse_hours(COUNTER).closes_at(at("2026-09-16T10:00")) == at("2026-09-16T12:00")
    assert parse_hours(COUNTER).closes_at(at("2026-09-16T12:30")) is None
    assert parse_hours("24小时").closes_at(at("2026-09-16T12:30")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [(COUNTER, True), ("每天 9:00-17:00", False), ("周六 9:00-12:00", None), ("看公告", None)],
)
def test_lunch_break(text: str, expected: bool | None) -> None:
    assert parse_hours(text).has_lunch_break is expected


def test_make_up_day_of_an_office_with_different_days_is_not_guessed() -> None:
    uneven = parse_hours("周一至周四 9:00-17:00，周五 9:00-12:00")
    assert uneven.periods_on(date(2026, 10, 10)) is None


times = st.tuples(st.integers(6, 11), st.integers(12, 21))
days = st.integers(0, 6)


@given(first=days, last=days, hours=times)
def test_any_range_of_days_is_read_back(first: int, last: int, hours: tuple[int, int]) -> None:
    text = f"周{WEEKDAYS[first]}至周{WEEKDAYS[last]} {hours[0]}:00-{hours[1]}:30"
    parsed = parse_hours(text)
    expected = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    assert {day for day, periods in enumerate(parsed.week) if periods} == expected
    assert parsed.week[first][0] == (hours[0] * 60, hours[1] * 60 + 30)


@given(
    st.text(
        alphabet="周星期一二三四五六日天至到-9:012点半上下午休息；，。法定节假日24小时月()",
        max_size=40,
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        hours = parse_hours(text)
    except HoursError:
        return
    assert isinstance(hours, OpeningHours)
    for periods in hours.week:
        assert all(0 <= start < end <= 2 * 24 * 60 for start, end in periods)
