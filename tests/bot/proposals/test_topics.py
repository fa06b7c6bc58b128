from datetime import timedelta

import numpy as np
import pytest

from bot.clock import FixedClock
from bot.commands.parts import Parts
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.proposals.similar import SimilarFinder
from bot.proposals.topics import Topic, find_topics, spark
from bot.storage.database import Database
from bot.storage.records import Person, PersonKind, Stage

WORKER = Person(PersonKind.WORKER, "9", "李")
LAMP, LIFT = ("路灯坏了", "幸福里3号楼"), ("电梯停了", "阳光花园5栋")


def raised(database: Database, description: str, place: str) -> str:
    with database.unit_of_work() as unit:
        resident = unit.people.meet("console", "wang", "王秀英")
        ledger = Ledger(unit, Deadlines(unit.time_zone))
        return ledger.create(Draft(description, place), resident).code


def topics(database: Database, parts: Parts, weeks: int = 4) -> list[Topic]:
    finder = SimilarFinder(database, parts.encoder, parts.settings.cache)
    with database.read() as rows:
        proposals = list(rows.proposals.find())
        meanings = finder.centred(finder.vectors(proposals, rows))
        return find_topics(proposals, meanings, rows.now, weeks)


def test_what_comes_up_lately_is_hotter_than_what_came_up_often(
    database: Database, parts: Parts, clock: FixedClock
) -> None:
    for description in ("路灯坏了", "路灯不亮了", "门口路灯坏了没人修"):
        raised(database, description, LAMP[1])
    clock.advance(timedelta(days=70))
    lifts = [raised(database, description, LIFT[1]) for description in ("电梯停了", "电梯又停了")]
    raised(database, "路灯坏了", "幸福里9号楼")
    hot, *rest = topics(database, parts)
    assert [each.code for each in hot.proposals] == lifts
    assert hot.counts == [0, 0, 0, 2]
    assert hot.heat == pytest.approx(2.0)
    assert sorted(len(topic.proposals) for topic in rest) == [1, 3]
    often = max(rest, key=lambda topic: len(topic.proposals))
    assert often.counts == [0, 0, 0, 0]
    assert often.heat == pytest.approx(3 * 0.5**5)


def test_weeks_are_counted_back_from_now(
    database: Database, parts: Parts, clock: FixedClock
) -> None:
    for _ in range(3):
        raised(database, *LAMP)
        clock.advance(timedelta(days=7))
    (topic,) = topics(database, parts, weeks=5)
    assert topic.counts == [0, 1, 1, 1, 0]
    assert spark(topic.counts) == "▁███▁"


def test_open_ones_are_counted_and_all_is_json(database: Database, parts: Parts) -> None:
    first, second = raised(database, *LAMP), raised(database, *LAMP)
    with database.unit_of_work() as unit:
        Ledger(unit, Deadlines(unit.time_zone)).move(first, Stage.EXECUTED, WORKER)
    (topic,) = topics(database, parts)
    row = topic.as_dict()
    assert (row["proposals"], row["open"], row["codes"]) == (2, 1, [first, second])


def test_nothing_gives_nothing_and_lengths_must_agree(database: Database) -> None:
    empty = np.empty((0, 4), np.float32)
    assert find_topics([], empty, database.clock.now()) == []
    with pytest.raises(ValueError, match="0 proposals, but 1 meanings"):
        find_topics([], np.ones((1, 4), np.float32), database.clock.now())


def test_sparks() -> None:
    assert spark([]) == ""
    assert spark([0, 0]) == "▁▁"
    assert spark([0, 1, 7]) == "▁▂█"
