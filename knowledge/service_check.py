"""Upkeep of the directory: what has grown old, is missing, stands twice or is never found."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from knowledge.service import Kind, Office, Scope, Service

STALE_AFTER_DAYS = 365
# With fewer questions than this, that nobody found a service means nothing.
MIN_QUESTIONS = 200


class IssueKind(StrEnum):
    """Kinds of issues, in the order in which they are worth mending."""

    NO_PHONE = "no_phone"
    DEAD_HOURS = "dead_hours"
    NO_OFFICE = "no_office"
    STALE = "stale"
    DUPLICATE = "duplicate"
    NEVER_FOUND = "never_found"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to mend; `detail` says in Chinese what it is."""

    kind: IssueKind
    service_id: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question of the log: what was asked, the id of the service shown (empty for none or
    several), and whether there was anything to show."""

    text: str
    service_id: str = ""
    is_found: bool = False


def check_services(
    services: Sequence[Service], today: date, asked: Sequence[AskedQuestion] = ()
) -> list[Issue]:
    """All issues, ordered by kind, then as the services are.

    `asked` is the log of questions about services; services that it never led to are reported
    once it holds at least 200.
    """
    issues = [issue for service in services for issue in _check(service, today)]
    issues += _duplicates(services)
    if len(asked) >= MIN_QUESTIONS:
        issues += _never_found(services, asked)
    order = list(IssueKind)
    return sorted(issues, key=lambda issue: order.index(issue.kind))


def _check(service: Service, today: date) -> Iterator[Issue]:
    if not (service.phones or any(office.phone for office in service.offices)):
        yield _issue(IssueKind.NO_PHONE, service, "没有电话")
    if service.scope is Scope.COMMUNITY and service.kind is Kind.SERVICE and not service.offices:
        yield _issue(IssueKind.NO_OFFICE, service, "没有写去哪里办")
    if age := _age(service, today):
        yield _issue(IssueKind.STALE, service, age)
    midnight = datetime.combine(today, time(), UTC) - timedelta(days=1)
    for office in service.offices:
        if dead := _dead_hours(office, midnight):
            yield _issue(IssueKind.DEAD_HOURS, service, f"{office.name or office.address}：{dead}")


def _age(service: Service, today: date) -> str:
    """What is wrong with the date of the last check, empty when it is recent."""
    if service.checked_on is None:
        return "没有写核对日期"
    days = (today - service.checked_on).days
    if days < 0:
        return f"核对日期 {service.checked_on} 还没到"
    if days > STALE_AFTER_DAYS:
        return f"{service.checked_on} 核对的，已过去 {days} 天"
    return ""


def _dead_hours(office: Office, since: datetime) -> str:
    """What is wrong with the office's hours, empty when it opens within a month."""
    if not office.hours:
        return "没有写办理时间"
    if not office.opening_hours.understood:
        return f"办理时间看不懂：“{office.hours}”"
    if office.opening_hours.next_opening(since) is None:
        return f"照“{office.hours}”，三十天内都不开门"
    return ""


def _issue(kind: IssueKind, service: Service, detail: str) -> Issue:
    return Issue(kind, service.id, service.name, detail)


def _duplicates(services: Iterable[Service]) -> Iterator[Issue]:
    """Names and aliases that lead to two services; of one department, or of the same name."""
    owners: dict[str, list[Service]] = defaultdict(list)
    for service in services:
        for word in {_plain(word) for word in (service.name, *service.aliases)}:
            owners[word].append(service)
    reported: set[tuple[str, str]] = set()
    for word, sharing in owners.items():
        first, *others = sharing
        for other in others:
            if (first.id, other.id) not in reported:
                reported.add((first.id, other.id))
                detail = f"和“{first.name}”（{first.id}）都叫“{word}”"
                yield Issue(IssueKind.DUPLICATE, other.id, other.name, detail)


def _never_found(services: Iterable[Service], asked: Sequence[AskedQuestion]) -> Iterator[Issue]:
    shown = {question.service_id for question in asked}
    for service in services:
        if service.id not in shown:
            detail = f"{len(asked)} 次提问里没有一次找到它，看看要不要补常见问法"
            yield Issue(IssueKind.NEVER_FOUND, service.id, service.name, detail)


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", word)).lower()
