"""Answers to "周末开门吗", "国庆上班不", "中午休息吗", "明天下午五点有人吗"."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from knowledge.calendar import HOLIDAY_NAMES, ChinaCalendar, DayKind, china_calendar
from knowledge.opening_hours import DEFAULT_ZONE, OpeningHours, Periods

_ASKS = re.compile(
    r"开门|开着|开[吗么嘛不没冇]|上班|营业|关门|休息|放假|办公|有人|能办|办得了|几点|开不开|时间|呢|开放|午休"
)
_OPENING = re.compile(
    r"开门|关门|开不开|开着|营业|午休|几点|(?:上班|休息|办公|放假|有人|能办|办得了|开放)(?:[吗么嘛不没吧呢啵]|$)"
    r"|[还在](?:上班|营业|开)|什么时候(?:开|关|上班|下班|休息)"
)
_SOON = {"今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "后天": 2, "大后天": 3}
_WEEKDAY = re.compile(r"(下个?)?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEKEND = re.compile(
    r"(下个?)?(?:周末|双休日|(?:周|星期|礼拜)(?:六[、和]?(?:周|星期|礼拜)?[日天]|末))"
)
# Numbers of houses, and streets named after holidays, are no dates.
_DATE = re.compile(r"(?:(\d{1,2})月)?(\d{1,2})[日号](?![楼栋院线门弄单馆店铺])")
_NAMES = "|".join(sorted(HOLIDAY_NAMES, key=len, reverse=True))
_NO_HOLIDAY = "(?!路|街|巷|大道|村|小区|[点岁年个月天])"
_HOLIDAY = re.compile(f"(?:{_NAMES}){_NO_HOLIDAY}|节假日|法定假|放假")
_NOON = re.compile(r"中午|午休|午间")
_EVENING = re.compile(r"晚上|夜里|夜间|晚间|下班后|今晚")
_CLOCK = re.compile(
    r"(上午|早上|下午|晚上|中午)?(\d{1,2}|[一二两三四五六七八九十]{1,3})[点:](半|\d{1,2})?"
)
_HOURS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8,
          "九": 9, "十": 10, "十一": 11, "十二": 12}  # fmt: skip
Window = tuple[int, int]


class Topic(StrEnum):
    """What about the hours is asked."""

    NOW = "now"
    DAY = "day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    NOON = "noon"
    EVENING = "evening"


@dataclass(frozen=True)
class DayHours:
    """One day of the answer; `is_open` is about the time of day asked for, if any was.

    `periods` are those of the whole day, () when closed, None where the text does not tell.
    """

    day: date
    kind: DayKind
    periods: Periods | None
    is_open: bool | None


@dataclass(frozen=True)
class HoursAnswer:
    """What the hours say to a question.

    `is_open` is true where it is open on any of the days asked for, None where nothing is known.
    `holiday` is the holiday's name; `is_certain` is false where the year's arrangement of
    holidays is not published yet.
    """

    topic: Topic
    days: tuple[DayHours, ...]
    is_open: bool | None
    holiday: str = ""
    next_opening: datetime | None = None
    closes_at: datetime | None = None
    is_certain: bool = True


def asks_opening(question: str) -> bool:
    """Whether it is asked when a place is open; "上班路上摔了" is not."""
    return _OPENING.search(unicodedata.normalize("NFKC", question)) is not None


def names_time(question: str) -> bool:
    """Whether a day, a holiday or a time of day is named, as in "春节呢" and "12月1号呢"."""
    text = unicodedata.normalize("NFKC", question)
    named = (_HOLIDAY, _WEEKEND, _WEEKDAY, _DATE, _NOON, _EVENING, _CLOCK)
    return any(pattern.search(text) for pattern in named) or any(day in text for day in _SOON)


def answer_hours(
    question: str,
    hours: OpeningHours,
    at: datetime,
    zone: ZoneInfo = DEFAULT_ZONE,
    calendar: ChinaCalendar | None = None,
) -> HoursAnswer | None:
    """Answer a question about times, asked at `at` (aware); None when it asks for none."""
    text = unicodedata.normalize("NFKC", question)
    if not _ASKS.search(text):
        return None
    known = calendar or china_calendar()
    local = at.astimezone(zone)
    topic, holiday, days = _days(text, local.date(), known)
    topic, window = _window(text, topic)
    if topic is Topic.NOW:
        minute = local.hour * 60 + local.minute
        window = (minute, minute + 1)
    answered = tuple(_day_hours(hours, day, window, known) for day in days)
    is_open = _any([day.is_open for day in answered])
    if topic is Topic.NOW:
        is_open = hours.is_open(at, zone, known)
    return HoursAnswer(
        topic,
        answered,
        is_open,
        holiday,
        hours.next_opening(at, zone, known),
        hours.closes_at(at, zone, known),
        all(known.knows(day.year) for day in days),
    )


def _days(text: str, today: date, calendar: ChinaCalendar) -> tuple[Topic, str, list[date]]:
    """Topic, name of the holiday, and the days that the question is about."""
    if match := _HOLIDAY.search(text):
        name = match.group()
        names = [name] if name in HOLIDAY_NAMES else list(HOLIDAY_NAMES)
        breaks = [found for each in names if (found := calendar.next_break(each, today))]
        if breaks:
            nearest = min(breaks, key=lambda found: found.first)
            length = (nearest.last - nearest.first).days + 1
            days = [nearest.first + timedelta(days=step) for step in range(length)]
            return Topic.HOLIDAY, nearest.name, days
    if match := _WEEKEND.search(text):
        saturday = today + timedelta(days=(5 - today.weekday()) % 7 if today.weekday() < 6 else -1)
        saturday += timedelta(days=7 if match[1] else 0)
        weekend = (saturday, saturday + timedelta(days=1))
        return Topic.WEEKEND, "", [day for day in weekend if day >= today]
    day = next(_single_days(text, today), None)
    return (Topic.DAY, "", [day]) if day else (Topic.NOW, "", [today])


def _single_days(text: str, today: date) -> Iterator[date]:
    for word in sorted(_SOON, key=len, reverse=True):
        if word in text:
            yield today + timedelta(days=_SOON[word])
    if match := _WEEKDAY.search(text):
        wanted = min(6, "一二三四五六日天".index(match[2]))
        monday = today - timedelta(days=today.weekday())
        if match[1]:
            yield monday + timedelta(days=7 + wanted)
        yield today + timedelta(days=(wanted - today.weekday()) % 7)
    if match := _DATE.search(text):
        yield from _next_date(today, match[1], int(match[2]))


def _next_date(today: date, month: str | None, day: int) -> Iterator[date]:
    """The first date from today on that is called so; nothing for the 31st of February."""
    for ahead in range(366):
        candidate = today + timedelta(days=ahead)
        if candidate.day == day and (month is None or candidate.month == int(month)):
            yield candidate
            return


def _window(text: str, topic: Topic) -> tuple[Topic, Window | None]:
    """The time of day that is asked about, in minutes; a bare "中午休息吗" is about today."""
    by_day = topic is not Topic.NOW
    if match := _CLOCK.search(text):
        hour = int(match[2]) if match[2].isdigit() else _HOURS.get(match[2], 0)
        minute = 30 if match[3] == "半" else int(match[3] or 0)
        is_late = match[1] in ("下午", "晚上") and hour < 12
        start = (hour + (12 if is_late else 0)) * 60 + minute
        return (topic if by_day else Topic.DAY), (start, start + 1)
    if _NOON.search(text):
        return (topic if by_day else Topic.NOON), (12 * 60 + 15, 13 * 60)
    if _EVENING.search(text):
        return (topic if topic in (Topic.WEEKEND, Topic.HOLIDAY) else Topic.EVENING), (
            18 * 60 + 30,
            20 * 60,
        )
    return topic, None


def _day_hours(
    hours: OpeningHours, day: date, window: Window | None, calendar: ChinaCalendar
) -> DayHours:
    periods = hours.periods_on(day, calendar)
    is_open: bool | None = None
    if periods is not None:
        is_open = any(
            window is None or (period.start <= window[0] and period.end >= window[1])
            for period in periods
        )
    return DayHours(day, calendar.kind(day), periods, is_open)


def _any(values: list[bool | None]) -> bool | None:
    if any(values):
        return True
    return False if False in values else None
