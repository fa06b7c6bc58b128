"""Dates are facts of the State Council's arrangement of holidays for 2026."""

import logging
from datetime import date

import pytest

from knowledge.calendar import Break, ChinaCalendar, DayKind

CALENDAR = ChinaCalendar()


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-09-16", DayKind.WORKDAY),
        ("2026-09-12", DayKind.WEEKEND),
        ("2026-10-01", DayKind.HOLIDAY),
        ("2026-10-04", DayKind.HOLIDAY),  # the Sunday within the National Day break
        ("2026-10-06", DayKind.HOLIDAY),  # a day off in exchange
        ("2026-10-10", DayKind.MAKEUP_WORKDAY),  # the Saturday worked for it
        ("2026-09-26", DayKind.HOLIDAY),  # the Saturday after Mid-Autumn Friday
    ],
)
def test_kind_of_day(day: str, kind: DayKind) -> None:
    assert CALENDAR.kind(date.fromisoformat(day)) is kind


def test_a_break_takes_in_weekends_and_days_off() -> None:
    found = CALENDAR.next_break("国庆", date(2026, 9, 1))
    assert found == Break("国庆", date(2026, 10, 1), date(2026, 10, 7))


def test_a_break_that_is_going_on_is_the_next_one() -> None:
    found = CALENDAR.next_break("十一", date(2026, 10, 5))
    assert found is not None
    assert found.first == date(2026, 10, 1)


def test_an_unknown_holiday_has_no_break() -> None:
    assert CALENDAR.next_break("光棍节", date(2026, 9, 1)) is None


def test_a_year_not_yet_arranged_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    calendar = ChinaCalendar()
    assert not calendar.knows(2090)
    with caplog.at_level(logging.WARNING):
        assert calendar.kind(date(2090, 10, 2)) is DayKind.HOLIDAY
        assert calendar.kind(date(2090, 10, 3)) is DayKind.HOLIDAY
    assert [record.args for record in caplog.records] == [(2090,)]
