"""How a service is shown: the card, and single facts that are asked for afterwards."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.messages import Button, Location, Reply
from bot.responses import Quoted, Responses
from knowledge.service import Kind, Office, Scope, Service

WEEKDAYS = "一二三四五六日"
FACTS = (
    (
        "hours",
        re.compile(
            r"几点|开门|上班|营业|休息|周末|星期|周[一二三四五六日天]|中午|国庆|节假日|时间(?!限)"
        ),
    ),
    ("office", re.compile(r"地址|在哪|哪里|哪儿|怎么走|位置|地方")),
    ("phone", re.compile(r"电话|号码|打给谁|联系")),
    ("materials", re.compile(r"带|材料|准备|东西|证件|手续")),
    ("fee", re.compile(r"收费|多少钱|要钱|费用|免费|交钱")),
    ("time_limit", re.compile(r"多久|多长时间|几天|时限|什么时候能")),
    ("link", re.compile(r"网上|手机上|线上|网址|小程序")),
    ("conditions", re.compile(r"条件|资格|谁能|什么人")),
    ("basis", re.compile(r"依据|凭什么|规定|文件")),
    ("steps", re.compile(r"怎么办|流程|步骤|怎么弄|手续")),
)
"""Which fact a follow-up asks for; the first that matches."""


class ServiceCard:
    """Writes cards and follow-up answers; knows the time, to say whether a place is open."""

    def __init__(self, responses: Responses, clock: Clock, zone: ZoneInfo, hotline: str) -> None:
        self._responses = responses
        self._clock = clock
        self._zone = zone
        self._hotline = hotline

    def card(self, service: Service, traditional: bool) -> Reply:
        """What, where, when, what to bring, how much, how long, whom to call."""
        lines = [
            line for name in self._order(service) for line in self._fact(name, service, traditional)
        ]
        text = self._text("card", traditional, name=service.name, lines="\n".join(lines))
        if note := self._footnote(service, traditional):
            text += f"\n\n{note}"
        return Reply(text, self._buttons(service, traditional), location=location_of(service))

    def follow_up(self, service: Service, question: str, traditional: bool) -> Reply:
        """One fact about the service that was shown last."""
        name = next((name for name, pattern in FACTS if pattern.search(question)), "steps")
        lines = list(self._fact(name, service, traditional))
        if not lines:
            absent = {"hours": "no_hours", "office": "no_place", "materials": "no_materials",
                      "phone": "no_phone", "fee": "no_fee"}.get(name, "no_fact")  # fmt: skip
            lines = [self._text(absent, traditional, hotline=self._hotline)]
        place = location_of(service) if name == "office" else None
        return Reply(f"{service.name}\n" + "\n".join(lines), location=place)

    @staticmethod
    def _order(service: Service) -> Sequence[str]:
        if service.kind is Kind.HOTLINE:
            return ("phone", "hours", "conditions", "steps", "department")
        if service.kind is Kind.NUISANCE:
            return ("department", "phone", "first_step", "basis")
        return ("department", "office", "hours", "materials", "conditions", "steps", "fee",
                "time_limit", "phone", "link")  # fmt: skip

    def _fact(self, name: str, service: Service, traditional: bool) -> Iterator[str]:
        if name == "hours":
            yield from self._hours(service, traditional)
        elif name == "materials" and len(service.materials) > 2:
            yield self._text("materials_short", traditional)
            yield from (f"  ☐ {item}" for item in service.materials)
        elif value := self._value(name, service):
            yield self._text(name, traditional, value=Quoted(value))

    @staticmethod
    def _value(name: str, service: Service) -> str:
        office = service.offices[0] if service.offices else None
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

    def _hours(self, service: Service, traditional: bool) -> Iterator[str]:
        for office in service.offices[:1]:
            if not office.hours:
                continue
            yield self._text("hours", traditional, value=Quoted(office.hours))
            now = self._clock.now()
            is_open = office.opening_hours.is_open(now, self._zone)
            if is_open:
                yield self._text("open_now", traditional)
            elif is_open is False and (
                opening := office.opening_hours.next_opening(now, self._zone)
            ):
                when = self._text("next_opening", traditional, when=self._moment(opening))
                yield self._text("closed_now", traditional, next=when)

    def _moment(self, moment: datetime) -> str:
        today = self._clock.now().astimezone(self._zone).date()
        days = {0: "今天", 1: "明天"}.get((moment.date() - today).days)
        day = days or f"{moment.month}月{moment.day}日（周{WEEKDAYS[moment.weekday()]}）"
        return f"{day}{moment.hour}:{moment.minute:02d}"

    def _footnote(self, service: Service, traditional: bool) -> str:
        parts = []
        if service.scope is Scope.NATIONAL and service.kind is not Kind.HOTLINE:
            parts.append(self._text("national", traditional))
        if service.checked_on:
            parts.append(self._text("checked", traditional, date=service.checked_on.isoformat()))
        return "".join(parts)

    def _buttons(self, service: Service, traditional: bool) -> tuple[Button, ...]:
        buttons = []
        if service.kind is Kind.NUISANCE:
            label = self._text("buttons.propose", traditional)
            buttons.append(Button(label, "proposal:from_question"))
        label = self._text("buttons.wrong", traditional)
        buttons.append(Button(label, f"service:wrong:{service.id}"))
        return tuple(buttons)

    def _text(self, key: str, traditional: bool, **slots: object) -> str:
        return self._responses.text(f"service.{key}", traditional, **slots)


def office_line(office: Office | None) -> str:
    """Name and address of an office in one line."""
    if office is None:
        return ""
    return "，".join(part for part in (office.name, office.address) if part)


def location_of(service: Service) -> Location | None:
    """Where the first office stands, for a pin on the map."""
    place = service.offices[0].location if service.offices else None
    return Location(*place) if place else None


def numbered(steps: Sequence[str]) -> str:
    """Steps as one text; numbered where there are several."""
    if len(steps) < 2:
        return "".join(steps)
    return "".join(f"\n  {number}. {step}" for number, step in enumerate(steps, 1))
