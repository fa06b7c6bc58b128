"""Opening hours as Chinese offices write them: read into weekly periods, and asked about.

`parse_hours("周一至周五 9:00-12:00，13:30-17:30；周六 9:00-12:00；法定节假日休息")`
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from knowledge.calendar import ChinaCalendar, DayKind, china_calendar
from knowledge.hours_text import DAY, HOURS_ERROR, Group, HoursError, read_groups

__all__ = ["DEFAULT_ZONE", "HOURS_ERROR", "HoursError", "OpeningHours", "Period", "parse_hours"]

DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")
_HORIZON_DAYS = 30
_NOON = (12 * 60, 13 * 60)


class Period(NamedTuple):
    """Minutes after midnight, start inclusive, end exclusive; an end past 1440 is the next day."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


Periods = tuple[Period, ...]


@dataclass(frozen=True)
class OpeningHours:
    """What a text says about when a place is open.

    `week` holds the periods of Monday to Sunday. `understood` is false where the text could not
    be read; nothing is then claimed about any time. `days_stated` is false for a bare "9:00-17:00",
    which is believed of working days and of no others. `holidays` are the periods of public
    holidays, None where the text is silent about them.
    """

    text: str
    understood: bool
    week: tuple[Periods, ...] = ((),) * 7
    days_stated: bool = True
    holidays: Periods | None = None
    open_on_holidays: bool = False

    @property
    def keeps_working_days(self) -> bool:
        """Whether the place follows the working calendar: open on weekdays, closed at weekends."""
        return any(self.week[:5]) and not any(self.week[5:]) and not self.open_on_holidays

    @property
    def has_lunch_break(self) -> bool | None:
        """Whether it closes around noon between a morning and an afternoon; None if not told."""
        for periods in self.week:
            if any(start <= _NOON[0] and end >= _NOON[1] for start, end in periods):
                return False
            before = any(end <= _NOON[1] for _, end in periods)
            if before and any(start >= _NOON[0] for start, _ in periods):
                return True
        return None

    def periods_on(self, day: date, calendar: ChinaCalendar | None = None) -> Periods | None:
        """The periods of `day` in order, () when closed, None when the text does not tell.

        An office that names weekdays only is taken to close on public holidays and to open on
        make-up working days, as the yearly notice of the State Council has it.
        """
        if not self.understood:
            return None
        kind = (calendar or china_calendar()).kind(day)
        usual = self.week[day.weekday()]
        if kind is DayKind.HOLIDAY and not self.open_on_holidays:
            return self._on_holiday(usual)
        if kind is DayKind.MAKEUP_WORKDAY and not usual and all(self.week[:5]):
            alike = self.keeps_working_days and len(set(self.week[:5])) == 1
            return self.week[0] if alike else None
        if not self.days_stated and kind is DayKind.WEEKEND:
            return None
        return usual

    def _on_holiday(self, usual: Periods) -> Periods | None:
        if self.holidays is not None:
            return self.holidays
        if self.keeps_working_days or not usual:
            return ()
        return usual if self.days_stated and all(self.week) else None

    def is_open(
        self, at: datetime, zone: ZoneInfo = DEFAULT_ZONE, calendar: ChinaCalendar | None = None
    ) -> bool | None:
        """Whether it is open at `at` (aware); None when the text does not tell."""
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        today = self.periods_on(local.date(), calendar)
        before = self.periods_on(local.date() - timedelta(days=1), calendar) or ()
        if any(period.end > minute + DAY for period in before):
            return True
        if today is None:
            return None
        return any(period.start <= minute < period.end for period in today)

    def next_opening(
        self, at: datetime, zone: ZoneInfo = DEFAULT_ZONE, calendar: ChinaCalendar | None = None
    ) -> datetime | None:
        """The next moment after `at` when it opens, in `zone`; None if unknown within 30 days."""
        return self._next(at, zone, calendar, "start")

    def closes_at(
        self, at: datetime, zone: ZoneInfo = DEFAULT_ZONE, calendar: ChinaCalendar | None = None
    ) -> datetime | None:
        """When the period that `at` lies in ends; None while closed or never closing."""
        if not self.is_open(at, zone, calendar):
            return None
        moment = self._next(at, zone, calendar, "end")
        while moment and self.is_open(moment, zone, calendar):
            if moment - at > timedelta(days=7):
                return None
            moment = self._next(moment, zone, calendar, "end")
        return moment

    def _next(
        self, at: datetime, zone: ZoneInfo, calendar: ChinaCalendar | None, edge: str
    ) -> datetime | None:
        local = at.astimezone(zone)
        for ahead in range(-1, _HORIZON_DAYS):
            day = local.date() + timedelta(days=ahead)
            for period in self.periods_on(day, calendar) or ():
                minutes = period.start if edge == "start" else period.end
                moment = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
                if moment > local:
                    return moment
        return None


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> OpeningHours:
    """Read an opening-hours text; raises `HoursError` for a time that cannot be, such as 25:00.

    A text that is no timetable ("以现场公告为准") gives hours that are not `understood`.
    """
    groups = read_groups(text)
    if groups is None:
        return OpeningHours(text, understood=False)
    week: list[Periods] = [()] * 7
    holidays: Periods | None = None
    open_on_holidays = False
    for group in groups:
        periods = tuple(_periods(group))
        for day in group.days:
            week[day] = () if group.closed else periods or week[day]
        if group.holidays:
            holidays = () if group.closed else periods or None
            open_on_holidays = not group.closed and not periods
    stated = any(group.days_stated for group in groups)
    understood = any(week) or holidays is not None or any(group.closed for group in groups)
    return OpeningHours(text, understood, tuple(week), stated, holidays, open_on_holidays)


def _periods(group: Group) -> Iterator[Period]:
    """The group's periods in order, with its breaks cut out of them."""
    for start, end in sorted(group.periods):
        for pause_start, pause_end in sorted(group.pauses):
            if start < pause_start < end:
                yield Period(start, pause_start)
                start = pause_end
        if start < end:
            yield Period(start, end)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes if minutes <= DAY else minutes - DAY, 60)
    return f"{hour}:{minute:02d}"
