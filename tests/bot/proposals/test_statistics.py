import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.proposals.statistics import Group, Statistics, statistics
from bot.storage.database import Database
from bot.storage.proposals import Filter
from bot.storage.records import Person, PersonKind, Stage, Urgency

WORKER = Person(PersonKind.WORKER, "9", "李")
Step = Callable[[Ledger, str, Person], object]


def answer(ledger: Ledger, code: str, owner: Person) -> object:
    return ledger.assign(code, "物业", WORKER)


def execute(ledger: Ledger, code: str, owner: Person) -> object:
    return ledger.move(code, Stage.EXECUTED, WORKER)


def judge(solved: bool, satisfaction: int | None = None) -> Step:
    return lambda ledger, code, owner: ledger.rate(
        code, owner, solved=solved, satisfaction=satisfaction
    )


def withdraw(ledger: Ledger, code: str, owner: Person) -> object:
    return ledger.move(code, Stage.WITHDRAWN, owner)


@pytest.fixture
def live(database: Database, clock: FixedClock) -> Callable[..., str]:
    """Raises a proposal and does each step at its hour after that; the clock goes on."""

    def run(*steps: tuple[float, Step], category: str = "road", community: str = "xingfu") -> str:
        with database.unit_of_work() as unit:
            ledger = Ledger(unit, Deadlines(unit.time_zone))
            resident = unit.people.meet("console", "wang")
            draft = Draft(
                "坑", "3栋", category=category, community=community, urgency=Urgency.GENERAL
            )
            code = ledger.create(draft, resident).code
        hours = 0.0
        for hour, step in steps:
            clock.advance(timedelta(hours=hour - hours))
            hours = hour
            with database.unit_of_work() as unit:
                step(Ledger(unit, Deadlines(unit.time_zone)), code, resident.person)
        return code

    return run


def whole(database: Database, **options: object) -> Statistics:
    with database.read() as unit:
        (one,) = statistics(unit, **options)  # type: ignore[arg-type]
    return one


def test_nothing_has_no_rates(database: Database) -> None:
    none = whole(database)
    assert none.proposals == 0
    assert (none.response_rate, none.resolution_rate, none.satisfaction_rate) == (None, None, None)


def test_the_rates_are_those_of_the_formula(
    database: Database, clock: FixedClock, live: Callable[..., str]
) -> None:
    live((1, answer), (5, execute), (6, judge(True, 5)))  # in time, solved, satisfied
    live((30, answer), (40, execute), (41, judge(False, 2)))  # late, unsolved, not satisfied
    live((2, execute))  # in time, no answer from the resident
    live((1, withdraw))  # withdrawn unanswered: neither
    live()  # never answered
    clock.advance(timedelta(hours=25))
    live()  # still within the time: neither
    one = whole(database)
    assert one.proposals == 6
    assert (one.answered_in_time, one.answered_late, one.unanswered_overdue) == (2, 1, 1)
    assert one.response_rate == 2 / 4
    assert one.resolution_rate == 1 / 2
    assert (one.satisfied, one.rated, one.satisfaction_rate) == (1, 2, 0.5)
    assert one.reopened == 1
    assert (one.open, one.overdue) == (3, 0)
    assert one.stages[Stage.WITHDRAWN] == 1
    assert one.as_dict()["response"] == {
        "rate": 0.5, "in_time": 2, "late": 1, "overdue": 1, "median_hours": 2.0,
    }  # fmt: skip
    assert json.loads(json.dumps(one.as_dict()))["resolution"]["median_hours"] == 5.0


def test_the_last_answer_counts(database: Database, live: Callable[..., str]) -> None:
    live((1, execute), (2, judge(False, 1)), (3, execute), (4, judge(True, 4)))
    one = whole(database)
    assert (one.solved, one.unsolved, one.satisfied, one.rated) == (1, 0, 1, 1)
    assert one.reopened == 1


def test_a_city_may_count_the_third_grade(database: Database, live: Callable[..., str]) -> None:
    live((1, execute), (2, judge(True, 3)))
    assert whole(database).satisfaction_rate == 0
    assert whole(database, satisfied_from=3).satisfaction_rate == 1


def test_what_a_resident_does_is_no_response(database: Database, live: Callable[..., str]) -> None:
    live((1, withdraw))
    assert whole(database).response_rate is None


def test_transfers_do_not_count_the_first_department(
    database: Database, live: Callable[..., str]
) -> None:
    live((1, answer), (2, lambda ledger, code, owner: ledger.assign(code, "供电所", WORKER)))
    assert whole(database).transfers == 1


def test_groups_and_filters(
    database: Database, clock: FixedClock, live: Callable[..., str]
) -> None:
    live((1, answer), category="road", community="xingfu")
    live(category="lamp", community="xingfu")
    clock.advance(timedelta(days=14))
    start = clock.now()
    live(category="road", community="nanhu")
    with database.read() as unit:

        def counts(group: Group, wanted: Filter = Filter()) -> dict[str, int]:  # noqa: B008
            return {each.group: each.proposals for each in statistics(unit, wanted, group)}

        assert counts(Group.NOTHING) == {"": 3}
        assert counts(Group.CATEGORY) == {"lamp": 1, "road": 2}
        assert counts(Group.COMMUNITY) == {"nanhu": 1, "xingfu": 2}
        assert counts(Group.DEPARTMENT) == {"": 2, "物业": 1}
        assert counts(Group.MONTH) == {"2026-11": 2, "2026-12": 1}
        assert counts(Group.WEEK) == {"2026-W47": 2, "2026-W49": 1}
        assert counts(Group.NOTHING, Filter(since=start)) == {"": 1}
        assert counts(Group.NOTHING, Filter(categories=("lamp",))) == {"": 1}
        assert counts(Group.CATEGORY, Filter(until=start, communities=("nanhu",))) == {}


def test_months_are_local(database: Database, clock: FixedClock, live: Callable[..., str]) -> None:
    clock.advance(timedelta(days=9, hours=4))  # 30 November 16:30 UTC, 1 December in Shanghai
    live()
    with database.read() as unit:
        assert [each.group for each in statistics(unit, group=Group.MONTH)] == ["2026-12"]
