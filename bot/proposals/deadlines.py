"""When a proposal must be answered and solved, and who has to be reminded.

Four urgencies, after published practice of 12345 hotlines: Beijing handles by 2 hours, 24 hours,
7 days and 15 days; many cities dispatch danger within 1 hour and others within 2 or 24 hours, and
answer general matters within 5 working days. A city that promises otherwise sets its own spans.

Hours run round the clock. Days count from the day after, and a period ends with its last day
(Civil Code, articles 201 and 203); a period of calendar days that would end on a day off ends with
the next working day. Working days follow the State Council's yearly arrangement, make-up days
included, as the `holidays` library knows it.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from threading import Lock
from zoneinfo import ZoneInfo

from holidays import country_holidays

from bot.clock import local
from bot.storage.database import UnitOfWork
from bot.storage.proposals import Filter
from bot.storage.records import Proposal, Urgency

log = logging.getLogger(__name__)

_SPAN = re.compile(r"(\d+)(h|d|wd)")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `unit` is h (hours), d (calendar days) or wd (working days)."""

    amount: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Span":
        """The span that `2h`, `15d` or `5wd` means; ValueError for anything else."""
        match = _SPAN.fullmatch(text.strip())
        if match is None or int(match[1]) == 0:
            raise ValueError(
                f"期限写成 2h（小时）、15d（天）或 5wd（工作日），不能是“{text.strip()}”"
            )
        return cls(int(match[1]), match[2])


@dataclass(frozen=True, slots=True)
class Limits:
    """How soon a matter is answered (dispatched) and how soon it is solved."""

    response: Span
    resolution: Span


DEFAULT_LIMITS = {
    Urgency.DANGER: Limits(Span(1, "h"), Span(24, "h")),
    Urgency.UTILITY: Limits(Span(2, "h"), Span(24, "h")),
    Urgency.GENERAL: Limits(Span(24, "h"), Span(5, "wd")),
    Urgency.COMPLEX: Limits(Span(24, "h"), Span(15, "d")),
}


class WorkingDays:
    """Which days people work in China."""

    def __init__(self) -> None:
        self._china = country_holidays("CN")
        self._years_looked_at: set[int] = set()
        self._lock = Lock()

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked.

        For a year whose arrangement is not published yet, the statutory holidays and plain
        weekends are taken, and that is logged once a year asked for.
        """
        if day.year not in self._years_looked_at:
            with self._lock:  # the library fills itself in while it is asked
                self._look_at(day.year)
        return self._china.is_working_day(day)

    def end_after(self, start: date, working_days: int) -> date:
        """The last day of a period of so many working days that starts on `start`."""
        day = start
        while working_days:
            day += timedelta(days=1)
            working_days -= self.is_working_day(day)
        return day

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is worked, else the first one after it that is."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def _look_at(self, year: int) -> None:
        _ = date(year, 1, 1) in self._china  # fills in the year
        if not any(day.year == year for day in self._china.weekend_workdays):
            log.warning("no make-up working days known for %d, taking plain weekends", year)
        self._years_looked_at.add(year)


class ReminderKind(StrEnum):
    """What a worker is reminded of."""

    RESPONSE_SOON = "response_soon"
    RESPONSE_OVERDUE = "response_overdue"
    RESOLUTION_SOON = "resolution_soon"
    RESOLUTION_OVERDUE = "resolution_overdue"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A deadline that is near or past."""

    proposal: Proposal
    kind: ReminderKind
    due_at: datetime


class Deadlines:
    """Sets deadlines, and lists what is due."""

    def __init__(
        self,
        time_zone: ZoneInfo,
        limits: Mapping[Urgency, Limits] | None = None,
        working_days: WorkingDays | None = None,
    ) -> None:
        self._time_zone = time_zone
        self._limits = {**DEFAULT_LIMITS, **(limits or {})}
        self._working_days = working_days or WorkingDays()

    @classmethod
    def from_text(cls, time_zone: ZoneInfo, text: str) -> "Deadlines":
        """From a setting such as `general=24h/5wd, complex=24h/30d`: response and resolution.

        Urgencies that are left out keep their default. Raises ValueError for an unknown urgency or
        an unreadable span.
        """
        limits: dict[Urgency, Limits] = {}
        for promise in filter(None, (part.strip() for part in text.split(","))):
            name, _, spans = promise.partition("=")
            if name.strip() not in list(Urgency):
                raise ValueError(f"没有“{name.strip()}”这种紧急程度，可用：{'、'.join(Urgency)}")
            response, slash, resolution = spans.partition("/")
            if not slash:
                raise ValueError(f"“{promise}”要写答复和办结两个期限，如 general=24h/5wd")
            limits[Urgency(name.strip())] = Limits(Span.parse(response), Span.parse(resolution))
        return cls(time_zone, limits)

    def limits(self, urgency: Urgency) -> Limits:
        """How soon a matter of this urgency is answered and solved."""
        return self._limits[urgency]

    def due(self, urgency: Urgency, start: datetime) -> tuple[datetime, datetime]:
        """Response and resolution deadline of a matter raised at `start`; aware UTC."""
        limits = self._limits[urgency]
        return self.after(start, limits.response), self.after(start, limits.resolution)

    def after(self, start: datetime, span: Span) -> datetime:
        """The first moment after the period of `span` that begins at `start`; aware UTC."""
        if span.unit == "h":
            return start + timedelta(hours=span.amount)
        day = local(start, self._time_zone).date()
        if span.unit == "wd":
            last = self._working_days.end_after(day, span.amount)
        else:
            last = self._working_days.next_working_day(day + timedelta(days=span.amount))
        midnight = datetime.combine(last + timedelta(days=1), time(), self._time_zone)
        return midnight.astimezone(start.tzinfo)

    def due_soon(self, unit: UnitOfWork, within: timedelta) -> Iterator[Reminder]:
        """What falls due within that time and is not overdue yet."""
        return (each for each in self._waiting(unit, within) if each.due_at >= unit.now)

    def overdue(self, unit: UnitOfWork) -> Iterator[Reminder]:
        """What should have been answered or solved before now."""
        return (each for each in self._waiting(unit, timedelta()) if each.due_at < unit.now)

    def remind(self, unit: UnitOfWork, within: timedelta) -> list[Reminder]:
        """What is due soon or overdue and was not reminded of before; noted as reminded now.

        Once a kind and deadline: a proposal that is reopened gets new deadlines and so new
        reminders.
        """
        waiting = list(self._waiting(unit, within))
        return [
            each
            for each in waiting
            if unit.proposals.remind_once(each.proposal.code, each.kind, each.due_at)
        ]

    @staticmethod
    def _waiting(unit: UnitOfWork, within: timedelta) -> Iterator[Reminder]:
        horizon = unit.now + within
        for proposal in unit.proposals.find(Filter(due_before=horizon)):
            for due_at, done_at, soon, overdue in (
                (
                    proposal.response_due_at,
                    proposal.responded_at,
                    ReminderKind.RESPONSE_SOON,
                    ReminderKind.RESPONSE_OVERDUE,
                ),
                (
                    proposal.resolution_due_at,
                    proposal.resolved_at,
                    ReminderKind.RESOLUTION_SOON,
                    ReminderKind.RESOLUTION_OVERDUE,
                ),
            ):
                if done_at is None and due_at is not None and due_at < horizon:
                    yield Reminder(proposal, overdue if due_at < unit.now else soon, due_at)
