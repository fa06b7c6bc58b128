"""The grammar of opening-hours texts: which days, which times, closed or not."""

import re
import unicodedata
from dataclasses import dataclass, field

DAY = 24 * 60
EVERY_DAY = range(7)
HOURS_ERROR = "时间写错了"


class HoursError(ValueError):
    """A time in the text cannot be, such as 25:00 or 9:75; the message quotes it."""


@dataclass
class Group:
    """One statement: some days, and the times that go with them."""

    days: list[int] = field(default_factory=list)
    days_stated: bool = True
    holidays: bool = False
    periods: list[tuple[int, int]] = field(default_factory=list)
    pauses: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether times or a closure have been read, so that a new day begins a new group."""
        return bool(self.periods or self.closed)


_WEEKDAY = r"(?:周|星期|礼拜)"
_NUMBER = r"[一二三四五六日天末1-7]"
_HALF = r"(?:上午|早上|早晨|早|中午|下午|晚上|晚间|晚|凌晨|夜间|夜里)?"
_MOMENT = rf"{_HALF}\s*\d{{1,2}}\s*(?:[::时点]\s*(?:\d{{1,2}}分?|半)?)?"
_TO = r"\s*(?:-+|~+|至|到)\s*"
_TOKEN = re.compile(
    rf"""
    (?P<days>(?:每个?)?{_WEEKDAY}{_NUMBER}(?:{_TO}{_WEEKDAY}?{_NUMBER}|[、,和及]?{_WEEKDAY}?(?!\d*[:点]){_NUMBER}(?![一二三四五六七八九十\d]*[:点时]))*)
  | (?P<workdays>工作日|平日|平时)
  | (?P<weekend>双休日|周末|公休日|星期末)
  | (?P<everyday>每天|每日|天天|日常|全年|365天)
  | (?P<holidays>(?:国家)?(?:法定|国定|公众)?(?:节假日|假日|假期)|节日|国家法定假)
  | (?P<around>24\s*(?:小时|h\b)|全天候?|全日|昼夜)
  | (?P<pause>午休|中午休息|午间休息|午间)
  | (?P<nopause>中午不休息?|午间不休息?|不午休|中午不间断|中午照常|午间值班)
  | (?P<unclosed>不休息?|不打烊|无休|照常|正常|不例外)
  | (?P<closed>休息|不开放?|不营业|不上班|不办公|不对外|不办理|闭馆|关门|停诊|停业|放假|除外|休)
  | (?P<times>{_MOMENT}{_TO}{_MOMENT})
  | (?P<rest>其余|其他|其它)(?:时间|日子|各?日|天)?
  | (?P<season>夏[季天令]|冬[季天令]|春[季天]|秋[季天]|夏时|冬时|\d{{1,2}}\s*月)
  | (?P<seldom>每月|[单双隔]周|第.个)
  | (?P<stop>[;。\n])
    """,
    re.VERBOSE,
)
_CHINESE_DIGITS = "零一二三四五六七八九"
_CHINESE_HOUR = re.compile(r"([一二三四五六七八九十两]{1,3})(?=[点时])")
_OSM_DAYS = dict(zip(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), "一二三四五六日", strict=True))


def read_groups(text: str) -> list[Group] | None:
    """Split a text into its statements; None for one with seasons or without any timetable."""
    groups: list[Group] = []
    current = Group()
    for match in _TOKEN.finditer(_normalise(text)):
        kind, value = match.lastgroup or "", match.group()
        if kind in ("season", "seldom"):
            return None
        if kind == "stop" or _starts_anew(kind, current):
            groups.append(current)
            current = Group()
        _take(current, kind, value, groups)
    groups.append(current)
    return _settle([group for group in groups if group.is_complete or group.holidays])


def _starts_anew(kind: str, group: Group) -> bool:
    """Days after times or after a closure open a new statement; so do times after a closure."""
    if kind in ("days", "workdays", "weekend", "everyday", "holidays", "rest"):
        return group.is_complete
    return kind in ("times", "around") and group.closed


def _take(group: Group, kind: str, value: str, before: list[Group]) -> None:
    """Add one token to the group that is being read."""
    match kind:
        case "days" | "workdays" | "weekend" | "everyday" | "rest":
            group.days += _named_days(kind, value, before)
        case "holidays":
            group.holidays = True
        case "around":
            group.periods.append((0, DAY))
        case "pause":
            group.pauses.append((0, 0))
        case "times":
            _take_times(group, value)
        case "closed":
            _close(group, before)


def _named_days(kind: str, value: str, before: list[Group]) -> list[int]:
    """The days that one word stands for; "其余" are those that no earlier statement named."""
    if kind == "days":
        return _days(value)
    if kind == "rest":
        named = {day for earlier in before for day in earlier.days}
        return [day for day in EVERY_DAY if day not in named]
    return list({"workdays": range(5), "weekend": (5, 6)}.get(kind, EVERY_DAY))


def _take_times(group: Group, value: str) -> None:
    """A pair of times is a break when "午休" stands before it, else a period."""
    if group.pauses and group.pauses[-1] == (0, 0):
        group.pauses[-1] = _times(value)
    else:
        group.periods.append(_times(value))


def _close(group: Group, before: list[Group]) -> None:
    """Days without times are closed; "午休" and the times after it are not."""
    if group.days or group.holidays:
        group.closed = not group.periods
    elif not before and not group.periods and not group.pauses:
        group.closed = True


def _settle(groups: list[Group]) -> list[Group] | None:
    """Give statements without days those of the statement before, or all days."""
    settled: list[Group] = []
    for group in groups:
        group.pauses = [pause for pause in group.pauses if pause != (0, 0)]
        if not group.days and not group.holidays:
            if settled and not group.closed and not settled[-1].closed:
                settled[-1].periods += group.periods
                settled[-1].pauses += group.pauses
                continue
            group.days, group.days_stated = list(EVERY_DAY), group.periods == [(0, DAY)]
        elif group.holidays and not group.days and not settled:
            group.days_stated = False
        settled.append(group)
    return settled or None


def _days(value: str) -> list[int]:
    """ "周一至周五" -> 0…4, "周一、三、五" -> 0, 2, 4, "周末" -> 5, 6, "周五至周日" -> 4, 5, 6."""
    days: list[int] = []
    parts = re.findall(rf"({_TO})?(?:{_WEEKDAY})?({_NUMBER})", re.sub(r"^每个?", "", value))
    for to, number in parts:
        if number == "末":
            days += [5, 6]
            continue
        day = _weekday(number)
        if to and days:
            first = days[-1]
            days += [(first + step) % 7 for step in range(1, (day - first) % 7 + 1)]
        else:
            days.append(day)
    return days


def _weekday(number: str) -> int:
    return int(number) - 1 if number.isdigit() else min(6, "一二三四五六日天".index(number))


def _times(value: str) -> tuple[int, int]:
    """ "下午1:30-5:30" -> (810, 1050); an end before an afternoon start is the next day's."""
    left, right = re.split(_TO, value, maxsplit=1)
    start = _minutes(left, left)
    end = _minutes(right, right if re.match(r"\D", right.strip()) else left)
    if end <= start:
        half_day = DAY // 2
        end += half_day if start < half_day and end + half_day > start else DAY
    return start, end


def _minutes(moment: str, half: str) -> int:
    """Minutes after midnight; `half` is the text whose 上午/下午 counts for it."""
    hour_text, minute_text = re.findall(r"\d+|半", moment + " 0")[:2]
    hour, minute = int(hour_text), 30 if minute_text == "半" else int(minute_text)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise HoursError(f"{HOURS_ERROR}：“{moment.strip()}”")
    afternoon = re.match(r"\s*(下午|晚|夜)", half) or (re.match(r"\s*中午", half) and hour < 6)
    return (hour + 12 if afternoon and hour < 12 else hour) * 60 + minute


def _normalise(text: str) -> str:
    """Half width, plain dashes and colons, digits for Chinese hours, and OSM's weekday letters."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[–—―−～〜]+", "-", text)
    if text.strip() == "24/7":
        return "24小时"
    for english, chinese in _OSM_DAYS.items():
        text = re.sub(rf"\b{english}\b", f"周{chinese}", text)
    text = re.sub(r"\bPH\b", "节假日", text).replace(" off", "休息")
    # An exception in brackets counts for what follows the brackets too: it goes to the end.
    text = re.sub(r"\(([^()]*)除外\)([^;。\n]*)", r"\2;\1休息;", text)
    return _CHINESE_HOUR.sub(lambda match: str(_hour(match[1])), text)


def _hour(numeral: str) -> int:
    """ "九" -> 9, "十二" -> 12, "二十" -> 20, "两" -> 2."""
    numeral = numeral.replace("两", "二")
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _CHINESE_DIGITS.index(numeral[-1])
    value = (_CHINESE_DIGITS.index(tens[-1]) if tens else 1) * 10
    return value + (_CHINESE_DIGITS.index(ones) if ones else 0)
