import re
from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger, masked, shorten
from bot.proposals.proposal import (
    Draft,
    InvalidMove,
    NotYours,
    ProposalError,
    UnknownProposal,
)
from bot.storage.database import Database, UnitOfWork
from bot.storage.records import (
    EventKind,
    Person,
    PersonKind,
    Proposal,
    Stage,
    StoredFile,
    Urgency,
)

WORKER = Person(PersonKind.WORKER, "9", "李")
DRAFT = Draft(
    "3栋门口的路灯坏了三天", "3栋门口", contact_name="王阿姨", contact_phone="13812345678"
)


def ledger_of(unit: UnitOfWork) -> Ledger:
    return Ledger(unit, Deadlines(unit.time_zone))


def kinds(unit: UnitOfWork, code: str) -> list[EventKind]:
    return [event.what for event in unit.proposals.events(code)]


@pytest.fixture
def raised(database: Database) -> Proposal:
    """A proposal by the resident with number 1."""
    with database.unit_of_work() as unit:
        resident = unit.people.meet("console", "wang", "王阿姨")
        return ledger_of(unit).create(DRAFT, resident)


def test_a_proposal_is_created_with_code_deadlines_and_event(database: Database) -> None:
    file = StoredFile("attachments/a.jpg", "0" * 64, "image/jpeg", 1)
    with database.unit_of_work() as unit:
        resident = unit.people.meet("console", "wang", "王阿姨")
        proposal = ledger_of(unit).create(DRAFT, resident, (file,))
        assert unit.proposals.get(proposal.code) == proposal
        assert unit.proposals.attachments(proposal.code) == [file]
        (event,) = unit.proposals.events(proposal.code)
    assert proposal.code == "P20261121-0001"
    assert (proposal.title, proposal.stage) == ("3栋门口的路灯坏了三天", Stage.RAISED)
    assert proposal.response_due_at == proposal.created_at + timedelta(hours=24)
    assert (event.who, event.what, event.to_value) == (
        resident.person, EventKind.CREATED, "raised",
    )  # fmt: skip


def test_the_code_carries_the_local_date(database: Database, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=3, minutes=29, seconds=59))
    with database.unit_of_work() as unit:
        resident = unit.people.meet("console", "wang")
        assert ledger_of(unit).create(DRAFT, resident).code == "P20261121-0001"
    clock.advance(timedelta(seconds=1))  # midnight in Shanghai, still the 21st in UTC
    with database.unit_of_work() as unit:
        assert ledger_of(unit).create(DRAFT, resident).code == "P20261122-0001"


def test_a_title_is_short_and_without_numbers() -> None:
    assert shorten("路灯坏了，打13812345678") == "路灯坏了，打138******78"
    assert len(shorten("长" * 100)) == 24
    assert shorten("一行\n两行") == "一行 两行"


def test_who_when_and_why_of_each_move_is_kept(
    database: Database, raised: Proposal, clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=1))
    with database.unit_of_work() as unit:
        event = ledger_of(unit).move(raised.code, Stage.DISCUSSED, WORKER, "楼组会上议一议")
        assert unit.proposals.events(raised.code)[-1] == event
        after = ledger_of(unit).proposal(raised.code)
    assert (event.at, event.who, event.what) == (clock.now(), WORKER, EventKind.MOVED)
    assert (event.from_value, event.to_value) == ("raised", "discussed")
    assert event.note == "楼组会上议一议"
    assert (after.stage, after.responded_at, after.updated_at) == (
        Stage.DISCUSSED, clock.now(), clock.now(),
    )  # fmt: skip


def test_a_refused_move_changes_nothing(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        with pytest.raises(InvalidMove):
            ledger_of(unit).move(raised.code, Stage.EVALUATED, WORKER)
        assert ledger_of(unit).proposal(raised.code) == raised
        assert kinds(unit, raised.code) == [EventKind.CREATED]


def test_an_unknown_code_is_named_without_its_numbers(database: Database) -> None:
    with database.read() as unit:
        with pytest.raises(UnknownProposal, match="P20261121-0404"):
            ledger_of(unit).proposal("P20261121-0404")
        with pytest.raises(UnknownProposal, match=re.escape("138******78")):
            ledger_of(unit).proposal("13812345678")


def test_only_who_raised_it_may_withdraw_edit_or_judge(
    database: Database, raised: Proposal
) -> None:
    with database.unit_of_work() as unit:
        ledger, other = ledger_of(unit), unit.people.meet("console", "li", "李").person
        with pytest.raises(NotYours):
            ledger.move(raised.code, Stage.WITHDRAWN, other)
        with pytest.raises(NotYours):
            ledger.edit(raised.code, other, title="别的")
        with pytest.raises(NotYours):
            ledger.rate(raised.code, other, solved=True)
        owner = unit.people.get(1)
        assert owner is not None
        ledger.move(raised.code, Stage.WITHDRAWN, owner.person)
        assert ledger.proposal(raised.code).stage is Stage.WITHDRAWN
        assert ledger.proposal(raised.code).responded_at is None  # no worker has answered


def test_solved_completes_and_a_grade_may_come_later(
    database: Database, raised: Proposal, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        ledger, owner = ledger_of(unit), unit.people.meet("console", "wang").person
        ledger.move(raised.code, Stage.EXECUTED, WORKER)
        assert ledger.proposal(raised.code).resolved_at == clock.now()
        assert ledger.rate(raised.code, owner, solved=True).stage is Stage.EVALUATED
        rated = ledger.rate(raised.code, owner, satisfaction=5, words="很快")
        assert (rated.satisfaction, rated.resolved_at) == (5, clock.now())
        judged, _, graded = unit.proposals.events(raised.code)[-3:]
        assert (judged.what, judged.to_value) == (EventKind.JUDGED, "solved")
        assert (graded.what, graded.to_value, graded.note) == (EventKind.RATED, "5", "很快")


def test_not_solved_goes_back_to_work_with_a_new_deadline(
    database: Database, raised: Proposal, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        ledger_of(unit).move(raised.code, Stage.EXECUTED, WORKER)
    clock.advance(timedelta(days=30))
    with database.unit_of_work() as unit:
        ledger, owner = ledger_of(unit), unit.people.meet("console", "wang").person
        again = ledger.rate(raised.code, owner, solved=False, satisfaction=1, words="没修好")
        assert (again.stage, again.resolved_at, again.satisfaction) == (Stage.DECIDED, None, 1)
        assert again.resolution_due_at is not None
        assert again.resolution_due_at > clock.now()
        assert ledger.rate(raised.code, owner, satisfaction=2).satisfaction == 2
        with pytest.raises(InvalidMove):
            ledger.rate(raised.code, owner, solved=True)


def test_a_fault_that_returns_reopens_what_was_complete(
    database: Database, raised: Proposal
) -> None:
    with database.unit_of_work() as unit:
        ledger, owner = ledger_of(unit), unit.people.meet("console", "wang").person
        ledger.move(raised.code, Stage.EXECUTED, WORKER)
        ledger.rate(raised.code, owner, solved=True)
        assert ledger.rate(raised.code, owner, solved=True).stage is Stage.EVALUATED
        assert ledger.rate(raised.code, owner, solved=False).stage is Stage.DECIDED


def test_what_is_not_executed_cannot_be_judged(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        ledger, owner = ledger_of(unit), unit.people.meet("console", "wang").person
        for answer in ({"solved": True}, {"satisfaction": 3}, {"words": "好"}):
            with pytest.raises(InvalidMove, match="还没有办结"):
                ledger.rate(raised.code, owner, **answer)  # type: ignore[arg-type]
        ledger.move(raised.code, Stage.EXECUTED, WORKER)
        with pytest.raises(ValueError, match="1 to 5"):
            ledger.rate(raised.code, owner, satisfaction=6)


def test_words_alone_keep_the_grade(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        ledger, owner = ledger_of(unit), unit.people.meet("console", "wang").person
        ledger.move(raised.code, Stage.EXECUTED, WORKER)
        ledger.rate(raised.code, owner, solved=True, satisfaction=4)
        assert ledger.rate(raised.code, owner, words="谢谢").satisfaction == 4


def test_assignments_are_dispatch_and_transfers_are_counted(
    database: Database, raised: Proposal, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        assert ledger.transfers(raised.code) == 0
        ledger.assign(raised.code, "物业", WORKER)
        assert ledger.proposal(raised.code).responded_at == clock.now()
        assert ledger.transfers(raised.code) == 0
        event = ledger.assign(raised.code, "供电所", WORKER, "是市政路灯")
        assert (event.from_value, event.to_value) == ("物业", "供电所")
        assert ledger.transfers(raised.code) == 1
        with pytest.raises(ProposalError, match="已经由"):
            ledger.assign(raised.code, "供电所", WORKER)
        with pytest.raises(ProposalError, match="请写明"):
            ledger.assign(raised.code, " ", WORKER)


def test_handing_back_needs_a_reason_and_a_department(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        with pytest.raises(ProposalError, match="还没有承办单位"):
            ledger.hand_back(raised.code, WORKER, "不归我们")
        ledger.assign(raised.code, "物业", WORKER)
        with pytest.raises(ProposalError, match="理由"):
            ledger.hand_back(raised.code, WORKER, " ")
        event = ledger.hand_back(raised.code, WORKER, "不归我们")
        assert (event.what, event.from_value) == (EventKind.RETURNED, "物业")
        assert ledger.proposal(raised.code).department == ""


def test_a_closed_proposal_is_neither_assigned_nor_supported(
    database: Database, raised: Proposal
) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        ledger.move(raised.code, Stage.DECLINED, WORKER, "不归社区管")
        with pytest.raises(InvalidMove):
            ledger.assign(raised.code, "物业", WORKER)
        with pytest.raises(InvalidMove):
            ledger.support(raised.code, unit.people.meet("console", "li"))


def test_support_counts_each_resident_once_and_not_who_raised_it(
    database: Database, raised: Proposal
) -> None:
    with database.unit_of_work() as unit:
        ledger, li = ledger_of(unit), unit.people.meet("console", "li")
        assert ledger.support(raised.code, li)
        assert not ledger.support(raised.code, li)
        assert not ledger.support(raised.code, unit.people.meet("console", "wang"))
        assert unit.proposals.supporter_count(raised.code) == 1
        assert kinds(unit, raised.code).count(EventKind.SUPPORTED) == 1


def test_merging_takes_the_supporters_along(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        li, zhao = unit.people.meet("console", "li"), unit.people.meet("console", "zhao")
        other = ledger.create(DRAFT, li)
        ledger.support(other.code, zhao)
        with pytest.raises(InvalidMove, match="自己"):
            ledger.move(other.code, Stage.MERGED, WORKER, target=other.code)
        with pytest.raises(UnknownProposal):
            ledger.move(other.code, Stage.MERGED, WORKER, target="P20200101-0001")
        ledger.move(other.code, Stage.MERGED, WORKER, target=raised.code)
        assert ledger.proposal(other.code).stage is Stage.MERGED
        assert [each.id for each in ledger.followers(raised.code)] == [1, li.id, zhao.id]
        assert [each.id for each in ledger.followers(other.code)] == [li.id, zhao.id]
        absorbed = unit.proposals.events(raised.code)[-1]
        assert (absorbed.what, absorbed.from_value, absorbed.note) == (
            EventKind.ABSORBED, other.code, "2",
        )  # fmt: skip
        third = ledger.create(DRAFT, zhao)
        with pytest.raises(InvalidMove, match="不能再并入"):
            ledger.move(third.code, Stage.MERGED, WORKER, target=other.code)


def test_who_cannot_be_reached_is_not_told(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        ledger, li = ledger_of(unit), unit.people.meet("console", "li")
        ledger.support(raised.code, li)
        unit.people.set_blocked(li.id, True)
        assert [each.id for each in ledger.followers(raised.code)] == [1]


def test_edits_are_events_and_never_show_contacts(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        edited = ledger.edit(
            raised.code,
            WORKER,
            contact_phone="13900000000",
            description="打13812345678",
            place=raised.place,
        )
        assert (edited.contact_phone, edited.description) == ("13900000000", "打13812345678")
        events = unit.proposals.events(raised.code)[1:]
        assert [event.note for event in events] == ["contact_phone", "description"]
        assert "13900000000" not in str(events)
        assert "13812345678" not in str(events)
        with pytest.raises(ValueError, match="stage"):
            ledger.edit(raised.code, WORKER, stage=Stage.EXECUTED)


def test_another_urgency_sets_the_deadlines_anew(database: Database, raised: Proposal) -> None:
    with database.unit_of_work() as unit:
        edited = ledger_of(unit).edit(raised.code, WORKER, urgency=Urgency.DANGER)
    assert edited.urgency is Urgency.DANGER
    assert edited.response_due_at == raised.created_at + timedelta(hours=1)


def test_contacts_are_shown_for_a_purpose_and_the_look_is_logged(
    database: Database, raised: Proposal
) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        with pytest.raises(ProposalError, match="用途"):
            ledger.contacts(raised.code, WORKER, "")
        assert ledger.contacts(raised.code, WORKER, "上门前联系") == ("王阿姨", "13812345678")
        assert kinds(unit, raised.code)[-1] is EventKind.VIEWED
        (access,) = unit.people.accesses()
        assert (access.who, access.subject, access.note) == (WORKER, raised.code, "上门前联系")


def test_replies_notes_and_files(database: Database, raised: Proposal, clock: FixedClock) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        ledger.note(raised.code, WORKER, "去看过了")
        assert ledger.proposal(raised.code).responded_at is None
        ledger.reply(raised.code, WORKER, "明天来修")
        assert ledger.proposal(raised.code).responded_at == clock.now()
        ledger.attach(raised.code, WORKER, StoredFile("attachments/a.jpg", "", "image/jpeg", 1))
        assert len(unit.proposals.attachments(raised.code)) == 1
        assert kinds(unit, raised.code) == [
            EventKind.CREATED, EventKind.NOTED, EventKind.REPLIED,
        ]  # fmt: skip


def test_others_see_a_masked_proposal(raised: Proposal) -> None:
    shown = masked(raised)
    assert (shown.contact_name, shown.contact_phone) == ("王**", "138******78")
