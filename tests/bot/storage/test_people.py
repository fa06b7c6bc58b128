from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import FixedClock
from bot.messages import Message, Reply
from bot.storage.database import Database
from bot.storage.errors import InvalidInvite
from bot.storage.records import Person, PersonKind, Role, TicketKind


def message(number: str, sender: str, conversation: str) -> Message:
    return Message(
        id=number,
        channel="console",
        conversation_id=conversation,
        sender_id=sender,
        sender_name="王阿姨",
        text="我的电话是秘密",
        sent_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


def test_a_resident_is_met_once_and_renamed(database: Database) -> None:
    with database.unit_of_work() as unit:
        first = unit.people.meet("console", "7", "王")
        assert unit.people.meet("console", "7") == first
        assert unit.people.meet("console", "7", "王阿姨").name == "王阿姨"
        assert unit.people.meet("telegram", "7", "别人").id != first.id
        assert unit.people.get(first.id) == unit.people.meet("console", "7")
        assert unit.people.get(404) is None


def test_what_is_remembered_of_a_resident(database: Database) -> None:
    with database.unit_of_work() as unit:
        number = unit.people.meet("console", "7").id
        unit.people.set_community(number, "xingfuli")
        unit.people.give_consent(number, "办理时联系您")
        unit.people.set_blocked(number, True)
        resident = unit.people.get(number)
        assert resident is not None
        assert (resident.community, resident.consent_purpose) == ("xingfuli", "办理时联系您")
        assert resident.consent_at == resident.blocked_at == unit.now
        unit.people.set_blocked(number, False)
        unit.people.withdraw_consent(number)
        resident = unit.people.get(number)
        assert resident is not None
        assert (resident.blocked_at, resident.consent_at) == (None, None)


def test_an_invite_enrols_once_however_it_is_typed(database: Database) -> None:
    with database.unit_of_work() as unit:
        wang, li = unit.people.meet("console", "1", "王"), unit.people.meet("console", "2", "李")
        code = unit.people.create_invite(Role.WORKER, "xingfu", timedelta(days=7))
        typed = f" {code[:5].lower()}-{code[5:]} "
        worker = unit.people.redeem(typed, wang.id)
        assert (worker.role, worker.community, worker.name) == (Role.WORKER, "xingfu", "王")
        assert unit.people.worker(wang.id) == worker
        assert unit.people.workers() == [worker]
        with pytest.raises(InvalidInvite):
            unit.people.redeem(code, li.id)
        assert unit.people.worker(li.id) is None


def test_an_invite_ends_and_a_wrong_code_is_refused(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work() as unit:
        wang = unit.people.meet("console", "1")
        code = unit.people.create_invite(Role.ADMIN, "", unit.now + timedelta(hours=1))
        with pytest.raises(InvalidInvite):
            unit.people.redeem("ABCDEFGHJK", wang.id)
        with pytest.raises(InvalidInvite):
            unit.people.redeem("\ud800；DROP TABLE invites", wang.id)
    clock.advance(timedelta(hours=1))
    with database.unit_of_work() as unit, pytest.raises(InvalidInvite):
        unit.people.redeem(code, wang.id)


def test_the_code_itself_is_not_in_the_database(database: Database) -> None:
    with database.unit_of_work() as unit:
        code = unit.people.create_invite(Role.ADMIN, "", timedelta(days=1))
    (row,) = database._rows()["invites"].rows
    assert code not in str(row)


def test_another_invite_changes_the_role_and_removal_ends_it(database: Database) -> None:
    with database.unit_of_work() as unit:
        wang = unit.people.meet("console", "1")
        for role in (Role.WORKER, Role.ADMIN):
            unit.people.redeem(unit.people.create_invite(role, "", timedelta(days=1)), wang.id)
        assert [each.role for each in unit.people.workers()] == [Role.ADMIN]
        assert unit.people.remove_worker(wang.id)
        assert not unit.people.remove_worker(wang.id)
        assert unit.people.workers() == []


def test_the_access_log(database: Database, clock: FixedClock) -> None:
    who = Person(PersonKind.WORKER, "3", "李")
    with database.unit_of_work() as unit:
        unit.people.log_access(who, "export", "proposals.csv", "with contacts")
        clock.advance(timedelta(hours=1))
    with database.unit_of_work() as unit:
        unit.people.log_access(who, "refused", "/export")
        assert [each.what for each in unit.people.accesses()] == ["export", "refused"]
        (last,) = unit.people.accesses(since=unit.now)
        assert (last.who, last.subject, last.at) == (who, "/export", unit.now)


def test_forgetting_leaves_nothing_personal_behind(database: Database) -> None:
    with database.unit_of_work() as unit:
        wang = unit.people.meet("console", "external-of-wang", "王阿姨")
        unit.people.set_community(wang.id, "xingfuli")
        unit.people.give_consent(wang.id, "联系您")
        unit.people.redeem(unit.people.create_invite(Role.WORKER, "", timedelta(days=1)), wang.id)
        unit.people.log_access(wang.person, "refused", "/export")
        ticket = unit.tickets.open(TicketKind.TALK, "我是王阿姨", wang, unit.now.date())
        unit.questions.add("低保", intent="ask_policy", confidence=1.0, resident_id=wang.id)
        unit.inbox.receive(message("1", "external-of-wang", "private"))
        unit.inbox.receive(message("2", "external-of-wang", "group"))
        unit.inbox.receive(message("3", "external-of-li", "group"))
        for number in "123":
            unit.inbox.mark_done("console", number)
        for conversation, answered in (("private", "1"), ("group", "2"), ("group", "3")):
            reply = unit.outbox.add("console", conversation, Reply(f"给{answered}"), answered)
            unit.outbox.mark_sent(reply, "m")
        unit.conversations.save("console", "private", "草稿", 0)
        unit.conversations.save("console", "group", "大家的", 0)
        unit.inbox.receive(message("4", "external-of-wang", "private"))

        unit.people.forget(wang.id)

        forgotten = unit.people.get(wang.id)
        assert forgotten is not None
        assert (forgotten.name, forgotten.community) == ("", "")
        assert (forgotten.consent_at, forgotten.forgotten_at) == (None, unit.now)
        assert unit.people.workers() == []
        assert unit.outbox.replies_for("console", "1") == []
        assert unit.outbox.replies_for("console", "2") == []
        assert unit.outbox.replies_for("console", "3") == [Reply("给3")]
        # the version stays, so that what is being handled now can still be saved
        assert unit.conversations.load("console", "private") == ("", 1)
        assert unit.conversations.load("console", "group") == ("大家的", 1)
        assert unit.tickets.waiting() == []
        kept = unit.tickets.get(ticket.code)
        assert kept is not None
        assert (kept.text, kept.answered_at) == ("", unit.now)
        (access,) = unit.people.accesses()
        assert access.who.name == ""
        assert not unit.inbox.receive(message("1", "external-of-wang", "private"))

        unit.inbox.mark_done("console", "4")
        unit.inbox.trim(unit.now + timedelta(seconds=1))
        unit.conversations.trim(unit.now + timedelta(seconds=1))
        assert unit.people.meet("console", "external-of-wang").id != wang.id
    rows = database._rows()
    left = [str(list(rows[name].rows)) for name in rows.table_names() if name != "residents"]
    assert "王阿姨" not in "".join(left)
    assert "external-of-wang" not in "".join(left)


def test_forgetting_somebody_unknown_does_nothing(database: Database) -> None:
    with database.unit_of_work() as unit:
        unit.people.forget(404)
