"""Chores: done once, however often they are tried."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.upkeep import Upkeep
from bot.clock import FixedClock
from bot.proposals.communities import Communities, Community, Level
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.responses import Responses
from bot.storage.attachments import AttachmentStore
from bot.storage.database import Database
from bot.storage.records import Role

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SUNDAY)


@pytest.fixture
def database(tmp_path: Path, clock: FixedClock) -> Iterator[Database]:
    opened = Database(tmp_path / "linli.db", clock, "Asia/Shanghai")
    yield opened
    opened.close()


@pytest.fixture
def upkeep(database: Database, tmp_path: Path) -> Upkeep:
    """With one worker enrolled and one proposal raised."""
    deadlines = Deadlines(database.time_zone)
    with database.unit_of_work() as work:
        code = work.people.create_invite(Role.WORKER, "", timedelta(days=1))
        work.people.redeem(code, work.people.meet("telegram", "7", "小王").id)
        resident = work.people.meet("telegram", "8", "居民")
        Ledger(work, deadlines).create(Draft("路灯坏了", "3号楼"), resident)
    files = AttachmentStore(tmp_path / "attachments")
    return Upkeep(deadlines, Communities(()), Responses.load(), files)


def told(database: Database) -> list[str]:
    """What waits to be sent to the worker; taken out."""
    texts = []
    with database.unit_of_work() as work:
        while due := work.outbox.due("telegram", work.now):
            for outgoing in due:
                texts.append(outgoing.reply.text)
                work.outbox.mark_sent(outgoing.id, "1")
    return texts


def test_a_deadline_is_told_once_when_near_and_once_when_past(
    upkeep: Upkeep, database: Database, clock: FixedClock
) -> None:
    seen = []
    for _ in range(30):
        with database.unit_of_work() as work:
            upkeep.remind(work)
        seen += told(database)
        clock.advance(timedelta(hours=1))
    assert len(seen) == 2
    assert "快到答复期限" in seen[0]
    assert "超过答复期限" in seen[1]


def test_the_summary_comes_on_monday_morning_once_a_week(
    upkeep: Upkeep, database: Database, clock: FixedClock
) -> None:
    sent_at = []
    for _ in range(7 * 24):
        with database.unit_of_work() as work:
            if upkeep.summarise(work):
                sent_at.append(work.now)
        clock.advance(timedelta(hours=1))
    *_, text = told(database)
    monday = datetime(2026, 11, 23, 1, tzinfo=UTC)  # nine o'clock in Shanghai
    assert sent_at == [monday]  # none at once for a week before they joined
    assert "上周小结（11月16日至11月22日）" in text
    assert "全部社区上周小结" in text
    assert "新提案 1 件" in text
    assert "还没办完 1 件" in text


def test_the_summary_calls_a_place_by_its_name(
    upkeep: Upkeep, database: Database, clock: FixedClock
) -> None:
    tree = Communities((Community("xing", "幸福社区", Level.COMMUNITY),))
    with database.unit_of_work() as work:
        code = work.people.create_invite(Role.WORKER, "xing", timedelta(days=1))
        work.people.redeem(code, work.people.meet("telegram", "7").id)
    clock.advance(timedelta(days=1))
    with database.unit_of_work() as work:
        assert replace(upkeep, communities=tree).summarise(work) == 1
    assert "幸福社区上周小结" in told(database)[0]


def test_what_was_handled_is_emptied_in_time(
    upkeep: Upkeep, database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    with database.unit_of_work() as work:
        work.inbox.receive_raw("telegram", "8/1", "8", '{"text": "我的话"}', "8")
        work.inbox.mark_done("telegram", "8/1")
        work.conversations.save("telegram", "8", "{}", 0)
    for days, kept in ((29, True), (2, False)):
        clock.advance(timedelta(days=days))
        with database.unit_of_work() as work:
            upkeep.tidy(work)
            found = work.inbox.find("telegram", "8/1")
            assert found is not None
            assert bool(found.body) is kept
            assert work.conversations.load("telegram", "8") == ("{}", 1)
