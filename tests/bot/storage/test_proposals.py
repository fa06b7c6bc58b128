import sqlite3
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from bot.clock import FixedClock
from bot.storage.database import Database, UnitOfWork
from bot.storage.errors import StorageError
from bot.storage.proposals import Filter
from bot.storage.records import EventKind, Person, PersonKind, Proposal, Stage, StoredFile, Urgency

START = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
PROPOSAL = Proposal(
    code="P20261121-0001",
    title="路灯坏了",
    description="3栋门口的路灯不亮",
    category="lighting",
    urgency=Urgency.GENERAL,
    place="3栋门口",
    community="xingfuli",
    building="3栋",
    latitude=30.5,
    longitude=114.3,
    contact_name="王阿姨",
    contact_phone="13812345678",
    resident_id=None,
    stage=Stage.RAISED,
    department="",
    channel="console",
    created_at=START,
    updated_at=START,
    response_due_at=START + timedelta(hours=24),
    resolution_due_at=START + timedelta(days=7),
)
WORKER = Person(PersonKind.WORKER, "9", "李")


def add(unit: UnitOfWork, number: int = 1, **changes: object) -> Proposal:
    """A proposal numbered `number`, created so many minutes after the start."""
    created = START + timedelta(minutes=number)
    values = {"code": f"P20261121-{number:04d}", "created_at": created, **changes}
    proposal = replace(PROPOSAL, **values)  # type: ignore[arg-type]
    unit.proposals.add(proposal)
    return proposal


def test_a_proposal_comes_back_as_it_was(database: Database) -> None:
    with database.unit_of_work() as unit:
        proposal = add(unit)
        assert unit.proposals.get("P20261121-0001") == proposal
        assert unit.proposals.get(" p20261121-0001\n") == proposal
        assert unit.proposals.get("P20261121-9999") is None


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE proposals; --", "<b>粗</b>", "😀" * 50, "\ud800\0"]
)
def test_any_text_is_only_text(database: Database, text: str) -> None:
    with database.unit_of_work() as unit:
        add(unit, title=text, description=text, place=text)
        stored = unit.proposals.get("P20261121-0001")
    assert stored is not None
    assert stored.title == text.replace("\ud800", "\ufffd").replace("\0", "")


def test_codes_count_within_a_day_past_four_digits(database: Database) -> None:
    day = date(2026, 11, 21)
    with database.unit_of_work() as unit:
        codes = [unit.proposals.next_code(day) for _ in range(10_001)]
        assert unit.proposals.next_code(day + timedelta(days=1)) == "P20261122-0001"
    assert codes[0] == "P20261121-0001"
    assert codes[-2:] == ["P20261121-10000", "P20261121-10001"]


def test_codes_are_unique_among_threads(database: Database) -> None:
    def take(_: int) -> str:
        with database.unit_of_work() as unit:
            return unit.proposals.next_code(date(2026, 11, 21))

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(take, range(200)))
    assert sorted(codes) == [f"P20261121-{number:04d}" for number in range(1, 201)]


def test_a_number_of_an_undone_transaction_is_given_again(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.unit_of_work() as unit:
        unit.proposals.next_code(date(2026, 11, 21))
        raise ZeroDivisionError
    with database.unit_of_work() as unit:
        assert unit.proposals.next_code(date(2026, 11, 21)) == "P20261121-0001"


def test_an_update_touches_its_columns_and_the_time(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work() as unit:
        add(unit)
    clock.advance(timedelta(hours=3))
    with database.unit_of_work() as unit:
        unit.proposals.update("P20261121-0001", stage=Stage.DECIDED, department="物业")
        changed = unit.proposals.get("P20261121-0001")
    assert changed is not None
    assert (changed.stage, changed.department) == (Stage.DECIDED, "物业")
    assert changed.updated_at == clock.now()


def test_a_stage_or_grade_that_does_not_exist_is_refused(database: Database) -> None:
    for column, value in (("stage", "lost"), ("urgency", "soon"), ("satisfaction", 6)):
        with pytest.raises(StorageError), database.unit_of_work() as unit:
            add(unit)
            unit.proposals.update("P20261121-0001", **{column: value})


def test_filters(database: Database) -> None:
    with database.unit_of_work() as unit:
        wang, li = unit.people.meet("console", "1"), unit.people.meet("console", "2")
        add(unit, 1, category="road", resident_id=wang.id)
        add(unit, 2, community="nanhu", stage=Stage.EXECUTED, resident_id=li.id)
        add(unit, 3, department="物业", resident_id=li.id)
        add(unit, 4, response_due_at=None, responded_at=START, resolved_at=START)
        unit.proposals.add_supporter("P20261121-0003", wang.id)

        def numbers(wanted: Filter) -> list[int]:
            found = list(unit.proposals.find(wanted))
            assert unit.proposals.count(wanted) == len(found)
            return [int(each.code[-4:]) for each in found]

        assert numbers(Filter()) == [1, 2, 3, 4]
        since = START + timedelta(minutes=2)
        assert numbers(Filter(since=since)) == [2, 3, 4]
        assert numbers(Filter(until=since)) == [1]
        assert numbers(Filter(stages=(Stage.EXECUTED, Stage.MERGED))) == [2]
        assert numbers(Filter(categories=("road",))) == [1]
        assert numbers(Filter(communities=("nanhu", "xingfuli"), departments=("物业",))) == [3]
        assert numbers(Filter(resident_id=wang.id)) == [1]
        assert numbers(Filter(supporter_id=wang.id)) == [1, 3]
        assert numbers(Filter(due_before=START + timedelta(hours=25))) == [1, 3]
        assert numbers(Filter(due_before=START)) == []
        add(unit, 5, title="井盖松了", place="民主路100%号")
        assert numbers(Filter(words="井盖 民主路")) == [5]
        assert numbers(Filter(words="100%")) == [5]
        assert numbers(Filter(words="井盖 光明路")) == []
        newest = unit.proposals.find(newest_first=True, limit=2)
        assert [each.code[-1] for each in newest] == ["5", "4"]


def test_history_is_in_order_and_whole(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work() as unit:
        add(unit)
        first = unit.proposals.add_event(
            "P20261121-0001", WORKER, EventKind.MOVED, Stage.RAISED, Stage.DECIDED, "急"
        )
        add(unit, 2)
        unit.proposals.add_event("P20261121-0002", WORKER, EventKind.NOTED, note="别的")
        assert unit.proposals.events("P20261121-0001") == [first]
        assert [each.code[-1] for each in unit.proposals.all_events()] == ["1", "2"]
        assert len(unit.proposals.events_by(WORKER)) == 2
    assert (first.at, first.who, first.to_value) == (clock.now(), WORKER, "decided")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM proposal_events",
        "UPDATE proposal_events SET note = ''",
        "UPDATE proposal_events SET to_value = 'x', anonymised_at = 'now'",
        "UPDATE proposal_events SET who_name = '别人', anonymised_at = 'now'",
        "UPDATE proposal_events SET note = note || '，补一句', anonymised_at = 'now'",
        "UPDATE proposal_events SET at = '1990', anonymised_at = 'now'",
        "INSERT OR REPLACE INTO proposal_events SELECT id, code, at, who_kind, who_id, who_name,"
        " what, from_value, 'x', note, NULL FROM proposal_events",
    ],
)
def test_history_cannot_be_rewritten(database: Database, statement: str) -> None:
    with database.unit_of_work() as unit:
        add(unit)
        event = unit.proposals.add_event("P20261121-0001", WORKER, EventKind.NOTED, note="原话")
    rows = database._rows()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        rows.execute(statement)
    with database.read() as unit:
        assert unit.proposals.events("P20261121-0001") == [event]


def test_history_can_lose_what_is_personal(database: Database) -> None:
    with database.unit_of_work() as unit:
        add(unit)
        event = unit.proposals.add_event("P20261121-0001", WORKER, EventKind.NOTED, note="打138")
        unit.proposals.anonymise_event(event, "打***", forget_who=True)
        (after,) = unit.proposals.events("P20261121-0001")
    assert after == replace(event, who=Person(PersonKind.WORKER), note="打***")


def test_events_and_supporters_need_a_proposal(database: Database) -> None:
    with pytest.raises(StorageError), database.unit_of_work() as unit:
        unit.proposals.add_event("P20261121-0404", WORKER, EventKind.NOTED)
    with pytest.raises(StorageError), database.unit_of_work() as unit:
        unit.proposals.add_supporter("P20261121-0404", 1)


def test_supporters_follow_a_merged_proposal_and_count_once(database: Database) -> None:
    with database.unit_of_work() as unit:
        people = [unit.people.meet("console", str(each)).id for each in range(4)]
        add(unit, 1, resident_id=people[0])
        add(unit, 2, resident_id=people[1])
        assert unit.proposals.add_supporter("P20261121-0001", people[1])  # who raised the other
        assert unit.proposals.add_supporter("P20261121-0001", people[2])
        assert not unit.proposals.add_supporter("P20261121-0001", people[2])
        assert unit.proposals.add_supporter("P20261121-0002", people[3])
        assert unit.proposals.copy_supporters("P20261121-0001", "P20261121-0002") == 2
        supporters = {each.id for each in unit.proposals.supporters("P20261121-0002")}
        assert supporters == {people[0], people[2], people[3]}
        assert unit.proposals.supporter_count("P20261121-0002") == 3
        unit.proposals.remove_supporter(people[3])
        assert unit.proposals.supporter_count("P20261121-0002") == 2


def test_files_of_a_proposal(database: Database) -> None:
    file = StoredFile("attachments/a.jpg", "ab" * 32, "image/jpeg", 5, "路灯.jpg")
    with database.unit_of_work() as unit:
        add(unit)
        unit.proposals.attach("P20261121-0001", file)
        assert unit.proposals.attachments("P20261121-0001") == [file]
        assert list(unit.proposals.all_attachments()) == [file]
        assert unit.proposals.detach("P20261121-0001") == [file]
        assert unit.proposals.attachments("P20261121-0001") == []


def test_a_reminder_is_given_once_for_each_deadline(database: Database) -> None:
    with database.unit_of_work() as unit:
        add(unit)
        assert unit.proposals.remind_once("P20261121-0001", "response_soon", START)
        assert not unit.proposals.remind_once("P20261121-0001", "response_soon", START)
        assert unit.proposals.remind_once("P20261121-0001", "response_overdue", START)
        later = START + timedelta(days=1)
        assert unit.proposals.remind_once("P20261121-0001", "response_soon", later)


def test_a_hundred_thousand_proposals_stream_in_bounded_memory(database: Database) -> None:
    rows = database._rows()
    with database.unit_of_work() as unit:
        add(unit)
        columns = ", ".join(column.name for column in rows["proposals"].columns[1:])
        rows.execute(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
            f" INSERT INTO proposals SELECT 'P20261121-' || i, {columns} FROM proposals, n"
        )
    with database.read() as unit:
        found = unit.proposals.find()
        next(found)
        tracemalloc.start()
        assert sum(1 for _ in islice(found, 5_000)) == 5_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert sum(1 for _ in found) == 94_999
    assert peak < 1_000_000
