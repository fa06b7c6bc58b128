from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlite_utils import Database as SqliteDatabase

from bot.clock import FixedClock
from bot.messages import Message
from bot.storage.database import Database
from bot.storage.encoding import load_message
from bot.storage.errors import AlreadyHandled
from bot.storage.inbox import Inbox
from bot.storage.migrations import migrations

MESSAGE = Message(
    id="1",
    channel="console",
    conversation_id="c",
    sender_id="r",
    sender_name="王阿姨",
    text="路灯坏了",
    sent_at=datetime(2026, 11, 21, tzinfo=UTC),
)


def test_a_message_is_kept_whole_and_once(database: Database) -> None:
    with database.unit_of_work() as unit:
        assert unit.inbox.receive(MESSAGE)
        assert not unit.inbox.receive(replace(MESSAGE, text="别的话"))
        (received,) = unit.inbox.pending("console")
    assert load_message(received.body) == MESSAGE
    assert (received.raw, received.attempts) == (False, 0)


def test_the_same_id_in_another_channel_is_another_message(database: Database) -> None:
    with database.unit_of_work() as unit:
        assert unit.inbox.receive(MESSAGE)
        assert unit.inbox.receive(replace(MESSAGE, channel="telegram"))


def test_a_raw_update_is_kept_as_it_came(database: Database) -> None:
    with database.unit_of_work() as unit:
        assert unit.inbox.receive_raw("telegram", "77", "c", '{"update_id": 77}', "r")
        (received,) = unit.inbox.pending("telegram")
    assert (received.raw, received.body) == (True, '{"update_id": 77}')


def test_a_message_is_done_once(database: Database) -> None:
    with database.unit_of_work() as unit:
        unit.inbox.receive(MESSAGE)
        unit.inbox.mark_done("console", "1")
        assert unit.inbox.is_done("console", "1")
    with pytest.raises(AlreadyHandled), database.unit_of_work() as unit:
        unit.people.meet("console", "an effect that must be undone")
        unit.inbox.mark_done("console", "1")
    with database.read() as unit:
        assert unit.people.get(1) is None


def test_what_was_never_received_cannot_be_done(database: Database) -> None:
    with pytest.raises(AlreadyHandled), database.unit_of_work() as unit:
        unit.inbox.mark_done("console", "404")


def test_a_repeated_update_has_its_effect_once(database: Database) -> None:
    for _ in range(100):
        with database.unit_of_work() as unit:
            unit.inbox.receive(MESSAGE)
            for received in unit.inbox.pending("console"):
                unit.proposals.next_code(unit.now.date())
                unit.inbox.mark_done("console", received.message_id)
    with database.unit_of_work() as unit:
        assert unit.proposals.next_code(unit.now.date()).endswith("-0002")


def test_a_message_that_fails_waits_and_then_lets_the_next_one_by(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        unit.inbox.receive(MESSAGE)
        unit.inbox.receive(replace(MESSAGE, id="2"))
        retry_at = unit.now + timedelta(minutes=1)
        assert not unit.inbox.mark_failed("console", "1", ValueError, retry_at, max_attempts=2)
        assert unit.inbox.pending("console") == []
    clock.advance(timedelta(minutes=1))
    with database.unit_of_work() as unit:
        assert [each.message_id for each in unit.inbox.pending("console")] == ["1"]
        assert unit.inbox.mark_failed("console", "1", ValueError, max_attempts=2)
        assert [each.message_id for each in unit.inbox.pending("console")] == ["2"]
        (dead,) = unit.inbox.dead("console")
        assert (dead.message_id, dead.attempts) == ("1", 2)
        assert unit.inbox.depth("console") == {"pending": 1, "done": 0, "dead": 1}
        assert unit.inbox.revive("console", "1")
        assert not unit.inbox.revive("console", "1")
        assert [each.message_id for each in unit.inbox.pending("console")] == ["1"]


def test_only_the_class_of_an_error_is_kept(database: Database) -> None:
    with database.unit_of_work() as unit:
        unit.inbox.receive(MESSAGE)
        unit.inbox.mark_failed("console", "1", KeyError)
        (row,) = database._rows()["inbox"].rows
    assert row["error"] == "KeyError"


def test_trimming_empties_what_is_handled_and_still_knows_repeats(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        unit.inbox.receive(MESSAGE)
        unit.inbox.receive(replace(MESSAGE, id="2"))
        unit.inbox.mark_done("console", "1")
        assert unit.inbox.trim(unit.now) == 0
        assert unit.inbox.trim(unit.now + timedelta(seconds=1)) == 1
        (done, waiting) = database._rows()["inbox"].rows
        assert (done["body"], done["sender_id"], done["conversation_id"]) == ("", "", "")
        assert waiting["body"]
        assert not unit.inbox.receive(MESSAGE)


class InboxMachine(RuleBasedStateMachine):
    """The inbox against a plain list of messages."""

    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self.rows = SqliteDatabase(memory=True)
        migrations.apply(self.rows)
        self.inbox = Inbox(self.rows, datetime(2026, 11, 21, tzinfo=UTC))
        self.model: dict[str, list[str]] = {}  # id -> [conversation, state], in order of arrival

    @rule(target=known, number=st.integers(0, 30), conversation=st.sampled_from("abc"))
    def receive(self, number: int, conversation: str) -> str:
        message = replace(MESSAGE, id=str(number), conversation_id=conversation)
        is_new = str(number) not in self.model
        assert self.inbox.receive(message) == is_new
        if is_new:
            self.model[str(number)] = [conversation, "pending"]
        return str(number)

    @rule(message=known)
    def done(self, message: str) -> None:
        if self.model[message][1] == "pending":
            self.inbox.mark_done("console", message)
            self.model[message][1] = "done"
        else:
            with pytest.raises(AlreadyHandled):
                self.inbox.mark_done("console", message)

    @rule(message=known)
    def fail_for_good(self, message: str) -> None:
        is_pending = self.model[message][1] == "pending"
        is_dead = self.inbox.mark_failed("console", message, ValueError, max_attempts=1)
        if is_pending:
            self.model[message][1] = "dead"
        assert is_dead == (self.model[message][1] == "dead")

    @invariant()
    def the_first_pending_of_each_conversation_is_next(self) -> None:
        heads: dict[str, str] = {}
        for message, (conversation, state) in self.model.items():
            if state == "pending":
                heads.setdefault(conversation, message)
        received = self.inbox.pending("console")
        assert [each.message_id for each in received] == [
            message for message in self.model if message in heads.values()
        ]

    @invariant()
    def depths_add_up(self) -> None:
        states = [state for _, state in self.model.values()]
        for name, count in self.inbox.depth("console").items():
            assert states.count(name) == count

    def teardown(self) -> None:
        self.rows.close()


TestInboxAgainstAModel = InboxMachine.TestCase
TestInboxAgainstAModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
