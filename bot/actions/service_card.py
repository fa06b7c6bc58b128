"""How a service is shown: the card, and single facts that are asked for afterwards."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import compress, groupby
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.maps import map_link
from bot.messages import Button, Location, Reply
from bot.responses import Quoted, Responses
from index.places import Place, circle_minutes, nearest_office, office_distance
from knowledge.hours_question import DayHours, Topic, answer_hours, asks_opening, names_time
from knowledge.service import Kind, Office, Scope, Service

WEEKDAYS = "一二三四五六日"
FACTS = (
    ("hours", re.compile(r"上班|休息|节假日|时间(?!限)|[上中下]午|有人")),
    ("office", re.compile(r"地址|在哪|哪里|哪儿|边度|怎么走|位置|地方")),
    ("phone", re.compile(r"电话|号码|打给谁|联系")),
    ("materials", re.compile(r"带|材料|准备|东西|证件|手续")),
    ("fee", re.compile(r"收费|(?:多少|好多|几多?)钱|要钱|费用|免费|[交花]钱")),
    ("time_limit", re.compile(r"[多好]久|多长时间|几天|时限|什么时候能")),
    ("link", re.compile(r"网上|手机上|线上|网址|小程序")),
    ("conditions", re.compile(r"条件|资格|谁能|什么人")),
    ("basis", re.compile(r"依据|凭什么|规定|文件")),
    ("steps", re.compile(r"怎么[办弄搞]|(?:啷个|么样|咋个?|点样?)[办弄搞]|流程|步骤|手续")),
)
"""Which fact a follow-up asks for; the first that matches."""

MAY_SHE = re.compile(
    r"^(那么?|像|请问|[，, ])*(我|俺|咱|她|他|你|家里|这个|这种|的|爱人|老伴|老公|老婆"
    r"|[爸妈爹娘爷奶公婆哥姐弟妹][爸妈爷奶公婆]?|儿子|女儿|儿媳|孙子|孙女|孩子|小孩|娃|老人|亲戚"
    r"|租客|租户|外地人|外地户口|农村户口|退休的?|没工作的?|也|都|还|这样|这种情况)+"
    r"(现在|还|也)*((能不能|可不可以|能|可以|符合|够不够|够|算不算|算|有没有资格|有资格)(条件|资格)*"
    r"[办领申请享受]*(吗|么|嘛|不|呢|条件|资格)|呢[？?]?$)"
)
"""那我妈能办吗 asks for the conditions; without a person, 周末能办吗, for the hours."""

ABSENT = {
    "hours": "no_hours",
    "office": "no_place",
    "materials": "no_materials",
    "phone": "no_phone",
    "fee": "no_fee",
}
"""What to say where a fact is not known."""


class ServiceCard:
    """Writes cards and follow-up answers; knows the time, to say whether a place is open."""

    def __init__(self, responses: Responses, clock: Clock, zone: ZoneInfo, hotline: str) -> None:
        self._responses = responses
        self._clock = clock
        self._zone = zone
        self._hotline = hotline

    def card(
        self,
        service: Service,
        place: Place,
        traditional: bool,
        question: str = "",
        with_proposal: bool = False,
    ) -> Reply:
        """What, where, when, what to bring, how much, how long, whom to call.

        Whether it is open when `question` asks about comes first. A nuisance can be reported with
        one tap, anything else where `with_proposal` says so.
        """
        office = self._office(service, place, question if asks_opening(question) else "")
        lines = [
            *self._when_asked(service, question, office, traditional),
            *(
                line
                for name in self._order(service)
                for line in self._fact(name, service, office, place, traditional)
            ),
            *self._elsewhere(service, place, traditional),
        ]
        text = self._text("card", traditional, name=service.name, lines="\n".join(lines))
        if note := self._footnote(service, traditional):
            text += f"\n\n{note}"
        buttons = self._buttons(service, traditional, with_proposal)
        return Reply(text, buttons, location=pin(office))

    def whose(self, service: Service, traditional: bool) -> str:
        """Whose job a nuisance is, on what basis, and whom to call, in one line."""
        return self._text(
            "whose",
            traditional,
            department=Quoted(service.department),
            basis=Quoted("".join(service.legal_basis[:1])),
            phones="、".join(service.phones),
        )

    def follow_up(self, service: Service, question: str, place: Place, traditional: bool) -> Reply:
        """One fact about the service that was shown last."""
        name = asked_fact(question)
        office = self._office(service, place, question if name == "hours" else "")
        if name == "hours" and office and (answer := self._times(question, office, traditional)):
            lines = [answer, self._text("hours", traditional, value=Quoted(office.hours))]
            if len(service.offices) > 1:
                lines.insert(
                    0, self._text("office", traditional, value=Quoted(office_line(office)))
                )
        else:
            lines = list(self._fact(name, service, office, place, traditional))
        if not lines:
            absent = ABSENT.get(name, "no_fact")
            lines = [self._text(absent, traditional, hotline=self._hotline)]
        return Reply(
            f"{service.name}\n" + "\n".join(lines),
            location=pin(office) if name == "office" else None,
        )

    def _office(self, service: Service, place: Place, times: str) -> Office | None:
        """The one to go to; of those open when `times` asks about, if it asks."""
        offices, now = service.offices, self._clock.now()
        if len(offices) > 1 and times:
            answers = [answer_hours(times, o.opening_hours, now, self._zone) for o in offices]
            is_open = [answer is not None and answer.is_open is True for answer in answers]
            offices = tuple(compress(offices, is_open)) or offices
        return nearest_office(offices, place)

    def _when_asked(
        self, service: Service, question: str, office: Office | None, traditional: bool
    ) -> Iterator[str]:
        """The answer to a question about times; the hours themselves say whether it is open now."""
        if not asks_opening(question) or service.kind is not Kind.SERVICE:
            return
        if office is None or not office.hours:
            yield self._text("no_hours", traditional)
        elif answer := self._times(question, office, traditional, with_now=False):
            yield answer

    def _elsewhere(self, service: Service, place: Place, traditional: bool) -> Iterator[str]:
        """How to get the nearest of several offices, while it is not known where the person is."""
        if len(service.offices) > 1 and place.latitude is None and not place.community:
            yield self._text("several_offices", traditional, count=len(service.offices))

    @staticmethod
    def _order(service: Service) -> Sequence[str]:
        if service.kind is Kind.HOTLINE:
            return ("phone", "hours", "conditions", "steps", "department")
        if service.kind is Kind.NUISANCE:
            return ("department", "phone", "first_step", "basis")
        return ("department", "office", "hours", "materials", "conditions", "steps", "fee",
                "time_limit", "phone", "link")  # fmt: skip

    def _fact(
        self, name: str, service: Service, office: Office | None, place: Place, traditional: bool
    ) -> Iterator[str]:
        if name == "hours":
            yield from self._hours(office, traditional)
        elif name == "materials" and len(service.materials) > 2:
            yield self._text("materials_short", traditional)
            yield from (f"  ☐ {item}" for item in service.materials)
        elif value := self._value(name, service, office):
            yield self._text(name, traditional, value=Quoted(value))
        if name == "office" and office:
            yield from self._way(office, place, traditional)

    def _way(self, office: Office, place: Place, traditional: bool) -> Iterator[str]:
        """How far it is, and a link to the map."""
        metres = office_distance(office, place)
        if metres is not None:
            minutes = circle_minutes(metres)
            key = "near" if minutes else "far"
            yield self._text(key, traditional, minutes=minutes, kilometres=f"{metres / 1000:.1f}")
        if point := pin(office):
            yield self._text("map", traditional, link=map_link(point))

    @staticmethod
    def _value(name: str, service: Service, office: Office | None) -> str:
        phones = [*([office.phone] if office and office.phone else []), *service.phones]
        steps = numbered(service.steps)
        return {
            "department": service.department,
            "office": office_line(office),
            "materials": "、".join(service.materials),
            "conditions": "；".join(service.conditions),
            "steps": steps,
            "first_step": steps,
            "fee": service.fee,
            "time_limit": service.time_limit,
            "phone": "、".join(dict.fromkeys(phones)),
            "link": service.link,
            "basis": "、".join(service.legal_basis),
        }[name]

    def _hours(self, office: Office | None, traditional: bool) -> Iterator[str]:
        if office is None or not office.hours:
            return
        yield self._text("hours", traditional, value=Quoted(office.hours))
        now = self._clock.now()
        is_open = office.opening_hours.is_open(now, self._zone)
        opening = office.opening_hours.next_opening(now, self._zone)
        if is_open:
            yield self._text("open_now", traditional)
        elif is_open is False and opening:
            when = self._text("next_opening", traditional, when=self._moment(opening))
            yield self._text("closed_now", traditional, next=when)

    def _times(
        self, question: str, office: Office, traditional: bool, with_now: bool = True
    ) -> str:
        """“周末呢”, “国庆开门吗”, “中午休息吗”; empty where the hours do not tell."""
        now = self._clock.now()
        answer = answer_hours(question, office.opening_hours, now, self._zone)
        if answer is None or answer.is_open is None:
            return ""
        if answer.topic is Topic.NOW:
            if not with_now:
                return ""
            if answer.is_open:
                return self._text("open_now", traditional)
            opening = answer.next_opening
            when = self._moment(opening) if opening else ""
            later = self._text("next_opening", traditional, when=when) if when else ""
            return self._text("closed_now", traditional, next=later)
        if (
            answer.topic is Topic.NOON
            and (rests := office.opening_hours.has_lunch_break) is not None
        ):
            return self._text("noon_closed" if rests else "noon_open", traditional)
        alike = groupby(answer.days, key=lambda each: (each.is_open, each.periods))
        lines = [self._days(list(days), traditional) for _, days in alike]
        if not answer.is_certain:
            year = answer.days[-1].day.year
            lines.append(self._text("uncertain_holiday", traditional, year=year))
        return "\n".join(lines)

    def _days(self, days: Sequence[DayHours], traditional: bool) -> str:
        """One line for days on end that are alike."""
        first, last = days[0], days[-1]
        name = day_name(first.day)
        if first is not last:
            name = self._text("days", traditional, first=name, last=day_name(last.day))
        periods = "、".join(map(str, first.periods or ()))
        if first.is_open is None:
            key = "day_unknown"
        elif first.is_open:
            key = "day_open"
        else:
            key = "day_closed_then" if periods else "day_closed"
        return self._text(key, traditional, day=name, periods=periods)

    def _moment(self, moment: datetime) -> str:
        today = self._clock.now().astimezone(self._zone).date()
        days = {0: "今天", 1: "明天"}.get((moment.date() - today).days)
        day = days or day_name(moment)
        return f"{day}{moment.hour}:{moment.minute:02d}"

    def _footnote(self, service: Service, traditional: bool) -> str:
        parts = []
        if service.scope is Scope.NATIONAL and service.kind is not Kind.HOTLINE:
            key = "national_nuisance" if service.kind is Kind.NUISANCE else "national"
            parts.append(self._text(key, traditional, hotline=self._hotline))
        if service.checked_on:
            parts.append(self._text("checked", traditional, date=service.checked_on.isoformat()))
        return "".join(parts)

    def _buttons(
        self, service: Service, traditional: bool, with_proposal: bool
    ) -> tuple[Button, ...]:
        buttons = []
        if with_proposal or service.kind is Kind.NUISANCE:
            label = self._text("buttons.propose", traditional)
            buttons.append(Button(label, "proposal:from_question"))
        label = self._text("buttons.wrong", traditional)
        buttons.append(Button(label, f"service:wrong:{service.id}"))
        return tuple(buttons)

    def _text(self, key: str, traditional: bool, **slots: object) -> str:
        return self._responses.text(f"service.{key}", traditional, **slots)


def asked_fact(question: str) -> str:
    """The fact that a follow-up asks for; what to do, where it names none."""
    if MAY_SHE.match(question):
        return "conditions"
    if asks_opening(question):
        return "hours"
    named = next((name for name, pattern in FACTS if pattern.search(question)), "")
    return named or ("hours" if names_time(question) else "steps")


def day_name(day: date) -> str:
    """Date and weekday: 10月1日（周五）."""
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def office_line(office: Office | None) -> str:
    """Name and address of an office in one line."""
    if office is None:
        return ""
    return "，".join(part for part in (office.name, office.address) if part)


def pin(office: Office | None) -> Location | None:
    """The office as a pin on the map."""
    return Location(*office.location) if office and office.location else None


def numbered(steps: Sequence[str]) -> str:
    """Steps as one text; numbered where there are several."""
    if len(steps) < 2:
        return "".join(steps)
    return "".join(f"\n  {number}. {step}" for number, step in enumerate(steps, 1))
