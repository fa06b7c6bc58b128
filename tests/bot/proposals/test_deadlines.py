import logging
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.proposals.deadlines import Deadlines, ReminderKind, Span, WorkingDays
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.storage.database import Database, UnitOfWork
from bot.storage.records import Person, PersonKind, Stage, Urgency

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKER = Person(PersonKind.WORKER, "9", "李")
DAYS = WorkingDays()


def at(text: str) -> datetime:
    """A local time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-11-20", True),  # a Friday
        ("2026-11-21", False),  # a Saturday
        ("2026-10-01", False),  # National Day, a Thursday
        ("2026-10-10", True),  # a Saturday made up for the holiday week
        ("2026-02-14", True),  # a Saturday before the Spring Festival
        ("2026-02-23", False),  # a Monday still off after it
        ("2025-09-28", True),  # a Sunday made up for
    ],
)
def test_holidays_and_make_up_days(day: str, worked: bool) -> None:
    assert DAYS.is_working_day(date.fromisoformat(day)) is worked


def test_a_year_without_an_arrangement_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    days = WorkingDays()
    with caplog.at_level(logging.WARNING):
        assert not days.is_working_day(date(2041, 10, 1))
        assert days.is_working_day(date(2041, 6, 12))
        assert not days.is_working_day(date(2041, 6, 15))  # a Saturday
        days.is_working_day(date(2026, 6, 12))
    assert [record.getMessage() for record in caplog.records] == [
        "no make-up working days known for 2041, taking plain weekends"
    ]


@given(st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(0, 30))
def test_a_period_of_working_days_holds_just_so_many(start: date, amount: int) -> None:
    end = DAYS.end_after(start, amount)
    period = [start + timedelta(days=each) for each in range(1, (end - start).days + 1)]
    assert sum(map(DAYS.is_working_day, period)) == amount
    assert amount == 0 or DAYS.is_working_day(end)


def test_hours_run_round_the_clock() -> None:
    deadlines = Deadlines(SHANGHAI)
    start = at("2026-10-01 23:30")
    response, resolution = deadlines.due(Urgency.DANGER, start)
    assert response == at("2026-10-02 00:30")
    assert resolution == at("2026-10-02 23:30")


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        # Saturday evening; Monday to Friday are five working days, over at Friday midnight
        ("2026-11-21 20:30", "5wd", "2026-11-28 00:00"),
        ("2026-11-20 09:00", "1wd", "2026-11-24 00:00"),
        # over the National Day week, with Saturday the 10th made up for
        ("2026-09-30 09:00", "3wd", "2026-10-11 00:00"),
        # over Spring Festival 2026 (15 to 23 February), with the Saturdays 14 and 28 made up for
        ("2026-02-13 17:59", "5wd", "2026-02-28 00:00"),
        ("2026-02-13 17:59", "15d", "2026-03-01 00:00"),
        ("2026-02-16 20:00", "5wd", "2026-03-01 00:00"),
        # over Spring Festival 2025 (28 January to 4 February), with Sunday the 26th made up for
        ("2025-01-25 10:00", "5wd", "2025-02-08 00:00"),
        # over the turn of the year, into one whose arrangement may not be known
        ("2029-12-31 10:00", "2wd", "2030-01-04 00:00"),
        # fifteen days after Saturday the 21st is Sunday, 6 December: Monday then
        ("2026-11-21 20:30", "15d", "2026-12-08 00:00"),
        ("2026-11-20 09:00", "3d", "2026-11-24 00:00"),
        ("2026-11-16 00:00", "3d", "2026-11-20 00:00"),
    ],
)
def test_days_count_from_the_next_and_end_at_midnight(start: str, span: str, end: str) -> None:
    assert Deadlines(SHANGHAI).after(at(start), Span.parse(span)) == at(end)


def test_the_day_is_the_local_one() -> None:
    start = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # half past midnight on Monday in Shanghai
    end = Deadlines(SHANGHAI).after(start, Span.parse("1wd"))
    assert end == at("2026-11-25 00:00")
    assert end.tzinfo is UTC


def test_every_urgency_has_deadlines_in_order() -> None:
    start = at("2026-11-20 09:00")
    dues = [Deadlines(SHANGHAI).due(urgency, start) for urgency in Urgency]
    assert all(start < response <= resolution for response, resolution in dues)
    assert [response for response, _ in dues] == sorted(response for response, _ in dues)


def test_a_city_may_promise_otherwise() -> None:
    deadlines = Deadlines.from_text(SHANGHAI, "danger=2h/1wd, complex = 24h / 30d,")
    start = at("2026-11-20 09:00")
    assert deadlines.due(Urgency.DANGER, start) == (at("2026-11-20 11:00"), at("2026-11-24 00:00"))
    assert deadlines.limits(Urgency.COMPLEX).resolution == Span(30, "d")
    general = Deadlines(SHANGHAI).due(Urgency.GENERAL, start)
    assert deadlines.due(Urgency.GENERAL, start) == general


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("soon=2h/1d", "soon"),
        ("danger=2/1d", "2"),
        ("danger=0h/1d", "0h"),
        ("danger=2h/-1d", "-1d"),
        ("danger=2h", "danger"),
        ("danger=2h/1d/1d", "1d/1d"),
        ("danger", "danger"),
    ],
)
def test_an_unreadable_promise_is_refused(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Deadlines.from_text(SHANGHAI, text)


def raise_one(unit: UnitOfWork, urgency: Urgency) -> str:
    resident = unit.people.meet("console", "wang")
    draft = Draft("路灯坏了", "3栋", urgency=urgency)
    return Ledger(unit, Deadlines(unit.time_zone)).create(draft, resident).code


def test_what_is_due_soon_and_overdue(database: Database, clock: FixedClock) -> None:
    deadlines = Deadlines(database.time_zone)
    with database.unit_of_work() as unit:
        code = raise_one(unit, Urgency.UTILITY)  # 2 hours and 24 hours
        Ledger(unit, deadlines).assign(raise_one(unit, Urgency.COMPLEX), "街道", WORKER)
        assert list(deadlines.overdue(unit)) == []
        (soon,) = deadlines.due_soon(unit, timedelta(hours=3))
        assert (soon.proposal.code, soon.kind) == (code, ReminderKind.RESPONSE_SOON)
        assert soon.due_at == clock.now() + timedelta(hours=2)
    clock.advance(timedelta(hours=2, seconds=1))
    with database.unit_of_work() as unit:
        (late,) = deadlines.overdue(unit)
        assert (late.proposal.code, late.kind) == (code, ReminderKind.RESPONSE_OVERDUE)
        assert list(deadlines.due_soon(unit, timedelta(hours=3))) == []
        Ledger(unit, deadlines).assign(code, "物业", WORKER)
        assert list(deadlines.overdue(unit)) == []
    clock.advance(timedelta(hours=22))
    with database.unit_of_work() as unit:
        assert [each.kind for each in deadlines.overdue(unit)] == [ReminderKind.RESOLUTION_OVERDUE]
        Ledger(unit, deadlines).move(code, Stage.EXECUTED, WORKER)
        assert list(deadlines.overdue(unit)) == []


def test_reminders_are_given_once_each_and_anew_after_reopening(
    database: Database, clock: FixedClock
) -> None:
    deadlines = Deadlines(database.time_zone)
    within = timedelta(hours=1)

    def remind() -> list[ReminderKind]:
        with database.unit_of_work() as unit:
            return [reminder.kind for reminder in deadlines.remind(unit, within)]

    with database.unit_of_work() as unit:
        code = raise_one(unit, Urgency.DANGER)  # 1 hour and 24 hours
    clock.advance(timedelta(minutes=1))
    assert remind() == [ReminderKind.RESPONSE_SOON]
    assert remind() == []
    clock.advance(timedelta(hours=1))
    assert remind() == [ReminderKind.RESPONSE_OVERDUE]
    clock.advance(timedelta(hours=23))
    assert remind() == [ReminderKind.RESOLUTION_OVERDUE]
    assert remind() == []
    with database.unit_of_work() as unit:
        ledger, owner = Ledger(unit, deadlines), unit.people.meet("console", "wang").person
        ledger.move(code, Stage.EXECUTED, WORKER)
        ledger.rate(code, owner, solved=False)
    clock.advance(timedelta(hours=23, minutes=30))
    assert remind() == [ReminderKind.RESOLUTION_SOON]
    clock.advance(timedelta(hours=1))
    assert remind() == [ReminderKind.RESOLUTION_OVERDUE]
    assert remind() == []
