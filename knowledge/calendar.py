"""Which days are public holidays and which weekend days are worked in their stead, in China."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import holidays

log = logging.getLogger(__name__)


class DayKind(StrEnum):
    """What a date is in the working calendar."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


class Break(NamedTuple):
    """A holiday with the days off around it; both dates are inclusive."""

    name: str
    first: date
    last: date


# What people call a holiday -> a part of its official name.
HOLIDAY_NAMES: Mapping[str, str] = {
    "国庆": "国庆", "十一": "国庆", "春节": "春节", "过年": "春节", "大年": "春节", "元旦": "元旦",
    "清明": "清明", "五一": "劳动", "劳动节": "劳动", "端午": "端午", "中秋": "中秋",
}  # fmt: skip


class ChinaCalendar:
    """The national arrangement of holidays, which the State Council publishes year by year.

    For a year whose arrangement is not out yet, only the statutory days are known and no make-up
    working days; `knows` says so, and the fall-back is logged once a year asked for.
    """

    def __init__(self) -> None:
        self._china = holidays.country_holidays("CN", language="zh_CN")
        self._warned: set[int] = set()

    def knows(self, year: int) -> bool:
        """Whether the arrangement of `year`, make-up working days included, is known."""
        substituted = getattr(self._china, "special_public_holidays", {})
        return year in substituted

    def holiday(self, day: date) -> str:
        """Name of the public holiday that `day` is, empty for none."""
        if not self.knows(day.year) and day.year not in self._warned:
            self._warned.add(day.year)
            log.warning(
                "holiday arrangement of %d unknown: statutory days only, no make-up days", day.year
            )
        return str(self._china.get(day) or "")

    def kind(self, day: date) -> DayKind:
        """What `day` is for an office that keeps working days.

        A weekend next to a public holiday belongs to the days off, as the yearly notice counts.
        """
        if self.holiday(day):
            return DayKind.HOLIDAY
        if day.weekday() < 5:
            return DayKind.WORKDAY
        if self.knows(day.year) and day in self._china.weekend_workdays:
            return DayKind.MAKEUP_WORKDAY
        saturday = day - timedelta(days=day.weekday() - 5)
        beside = (saturday - timedelta(days=1), saturday, saturday + timedelta(days=1),
                  saturday + timedelta(days=2))  # fmt: skip
        return DayKind.HOLIDAY if any(map(self.holiday, beside)) else DayKind.WEEKEND

    def next_break(self, name: str, since: date) -> Break | None:
        """The first break that ends at or after `since`; `name` is one of `HOLIDAY_NAMES`.

        A break takes in the weekend and the days off next to the holiday. None when the name is
        unknown or nothing comes within 400 days.
        """
        official = HOLIDAY_NAMES.get(name)
        if official is None:
            return None
        for ahead in range(-8, 400):
            day = since + timedelta(days=ahead)
            if official in self.holiday(day):
                found = self._around(day)
                if found.last >= since:
                    return Break(official, found.first, found.last)
        return None

    def _around(self, day: date) -> Break:
        first = last = day
        off = (DayKind.HOLIDAY, DayKind.WEEKEND)
        while self.kind(first - timedelta(days=1)) in off:
            first -= timedelta(days=1)
        while self.kind(last + timedelta(days=1)) in off:
            last += timedelta(days=1)
        return Break("", first, last)


@cache
def china_calendar() -> ChinaCalendar:
    """The one calendar of the process; building a year costs some milliseconds."""
    return ChinaCalendar()
