from datetime import date
from typing import Any

import pytest

from knowledge.service import Kind, Office, Scope, Service
from knowledge.service_check import (
    MIN_QUESTIONS,
    AskedQuestion,
    IssueKind,
    check_services,
)

TODAY = date(2026, 11, 20)
HALL = Office(name="大厅", hours="周一至周五 9:00-17:00")


def service(**values: Any) -> Service:
    """An entry with nothing to mend, but for what the test changes."""
    good = {"id": "a", "name": "老年证", "phones": ("12345",), "offices": (HALL,),
            "checked_on": TODAY}  # fmt: skip
    return Service.model_validate(good | values)


def test_a_good_entry_has_no_issue() -> None:
    assert check_services([service()], TODAY) == []


@pytest.mark.parametrize(
    ("values", "kind", "detail"),
    [
        ({"phones": ()}, IssueKind.NO_PHONE, "没有电话"),
        ({"offices": ()}, IssueKind.NO_OFFICE, "去哪里办"),
        ({"checked_on": None}, IssueKind.STALE, "没有写核对日期"),
        ({"checked_on": date(2025, 11, 19)}, IssueKind.STALE, "366 天"),
        ({"checked_on": date(2027, 1, 1)}, IssueKind.STALE, "还没到"),
        ({"offices": (Office(name="大厅"),)}, IssueKind.DEAD_HOURS, "没有写办理时间"),
        ({"offices": (Office(name="大厅", hours="看公告"),)}, IssueKind.DEAD_HOURS, "看不懂"),
        ({"offices": (Office(name="大厅", hours="周一至周日休息"),)}, IssueKind.DEAD_HOURS,
         "三十天内都不开门"),
    ],
)  # fmt: skip
def test_each_issue_is_found(values: dict[str, Any], kind: IssueKind, detail: str) -> None:
    (issue,) = check_services([service(**values)], TODAY)
    assert (issue.kind, issue.service_id) == (kind, "a")
    assert detail in issue.detail


def test_a_year_to_the_day_is_not_stale() -> None:
    assert check_services([service(checked_on=date(2025, 11, 20))], TODAY) == []


def test_an_offices_phone_is_a_phone() -> None:
    own = Office(name="大厅", hours="全天", phone="12345")
    assert check_services([service(phones=(), offices=(own,))], TODAY) == []


def test_general_entries_and_hotlines_need_no_office() -> None:
    general = service(offices=(), scope=Scope.NATIONAL)
    hotline = service(id="b", name="热线", offices=(), kind=Kind.HOTLINE)
    assert check_services([general, hotline], TODAY) == []


def test_a_word_that_leads_to_two_services_is_told_once() -> None:
    pair = [
        service(aliases=("老人卡", "敬老卡")),
        service(id="b", name="老 人 卡", aliases=("敬老卡",)),
    ]
    (issue,) = check_services(pair, TODAY)
    assert (issue.kind, issue.service_id) == (IssueKind.DUPLICATE, "b")
    assert "老年证" in issue.detail


def test_what_nobody_finds_is_told_once_there_are_questions_enough() -> None:
    pair = [service(), service(id="b", name="低保")]
    asked = [AskedQuestion("老年证咋办", "a")] * (MIN_QUESTIONS - 1)
    assert check_services(pair, TODAY, asked) == []
    (issue,) = check_services(pair, TODAY, [*asked, AskedQuestion("修车", "")])
    assert (issue.kind, issue.service_id) == (IssueKind.NEVER_FOUND, "b")


def test_issues_are_grouped_by_kind() -> None:
    services = [service(checked_on=None, phones=()), service(id="b", name="低保", phones=())]
    kinds = [issue.kind for issue in check_services(services, TODAY)]
    assert kinds == [IssueKind.NO_PHONE, IssueKind.NO_PHONE, IssueKind.STALE]
