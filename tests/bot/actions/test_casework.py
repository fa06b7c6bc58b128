"""What residents hear of their proposals; no encoder is needed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.actions.casework import Casework
from bot.clock import FixedClock
from bot.messages import Reply
from bot.proposals.deadlines import Deadlines
from bot.proposals.proposal import Draft, InvalidMove
from bot.responses import Responses
from bot.storage.database import Database, UnitOfWork
from bot.storage.records import Person, PersonKind, Stage

PHONE = "13912345678"
WORKER = Person(PersonKind.WORKER, "9", "李")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    opened = Database(tmp_path / "linli.db", clock, "Asia/Shanghai")
    yield opened
    opened.close()


def casework(work: UnitOfWork) -> Casework:
    return Casework(work, Deadlines(work.time_zone), Responses.load())


@pytest.fixture
def code(database: Database) -> str:
    """A proposal by `wang`, supported by `zhao`."""
    with database.unit_of_work() as work:
        ledger = casework(work).ledger
        draft = Draft(f"灯坏了，打{PHONE}", "东门", title=f"灯坏了{PHONE}")
        proposal = ledger.create(draft, work.people.meet("console", "wang", "王秀英"))
        ledger.support(proposal.code, work.people.meet("console", "zhao", "赵建国"))
    return proposal.code


def heard(database: Database, user: str) -> list[Reply]:
    with database.unit_of_work() as work:
        replies = []
        while due := [o for o in work.outbox.due("console", work.now) if o.conversation_id == user]:
            for outgoing in due:
                work.outbox.mark_sent(outgoing.id)
                replies.append(outgoing.reply)
    return replies


def test_owner_and_supporter_hear_of_a_move_each_in_their_words(
    database: Database, code: str
) -> None:
    with database.unit_of_work() as work:
        casework(work).move(code, Stage.DISCUSSED, WORKER, f"有事找老李{PHONE}")
    (owner,), (supporter,) = heard(database, "wang"), heard(database, "zhao")
    assert owner.text.startswith("您报的")
    assert PHONE in owner.text  # the worker wrote it for them
    assert supporter.text.startswith("您支持的")
    assert PHONE not in supporter.text


def test_only_the_owner_is_asked_to_judge(database: Database, code: str) -> None:
    with database.unit_of_work() as work:
        casework(work).move(code, Stage.EXECUTED, WORKER, "修好了")
    (owner,), (supporter,) = heard(database, "wang"), heard(database, "zhao")
    assert [button.id for button in owner.buttons] == [
        f"status:solved:{code}",
        f"status:unsolved:{code}",
    ]
    assert supporter.buttons == ()


def test_an_answer_never_goes_to_a_supporter_instead(database: Database, code: str) -> None:
    with database.unit_of_work() as work:
        work.people.set_blocked(work.people.meet("console", "wang").id, True)
        assert not casework(work).reply(code, WORKER, "您的病历收到了")
    assert heard(database, "wang") == heard(database, "zhao") == []


def test_nobody_hears_of_a_move_that_did_not_happen(database: Database, code: str) -> None:
    with pytest.raises(InvalidMove), database.unit_of_work() as work:
        casework(work).assign(code, "物业", WORKER)
        casework(work).move(code, Stage.EVALUATED, WORKER)
    assert heard(database, "wang") == heard(database, "zhao") == []
