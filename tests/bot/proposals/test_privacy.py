from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.privacy import anonymise, as_people_write, forget, mask_contacts, mask_name
from bot.proposals.proposal import Draft
from bot.storage.database import Database, UnitOfWork
from bot.storage.records import EventKind, Person, PersonKind, Resident, Stage, StoredFile

WORKER = Person(PersonKind.WORKER, "9", "李")
PHONE = "13812345678"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+8613800138000", "138 0013 8000"),
        ("8613800138000", "138 0013 8000"),  # a card from a chat
        ("+862782345678", "027 8234 5678"),
        ("+862782345678转12", "027 8234 5678转12"),
        ("+85261234567", "+852 6123 4567"),
        ("12345", "12345"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_people_write_it(stored: str, shown: str) -> None:
    assert as_people_write(stored) == shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678找我", "电话138******78找我"),
        ("138 1234 5678", "138 **** **78"),
        ("138-1234-5678", "138-****-**78"),
        ("138一1234一5678", "138一****一**78"),
        ("微信wx13812345678", "微信wx138******78"),
        ("+86 13812345678", "+86 1********78"),
        ("8613812345678", "861********78"),
        ("１３８１２３４５６７８", "１３８******７８"),
        ("13812345678 13912345678", "138******78 139******78"),
        ("13812345678/13912345678", "138******78/139******78"),
        ("027-85551234转3", "027-******34转3"),
        ("(027)8555 1234", "(027)**** **34"),
        ("0716-8555123", "071*-*****23"),
        ("电话：8555 1234", "电话：855* **34"),
        ("座机85551234", "座机855***34"),
        ("TEL 85551234", "TEL 855***34"),
        ("+852 6123 4567", "+852 **** **67"),
        ("身份证42010619900101123X", "身份证420************23*"),
        ("420106199001011234", "420*************34"),
        ("420106900101123", "420**********23"),
        ("420106 19900101 1234", "420*** ******** **34"),
        ("卡号6222 0212 3456 7890 123", "卡号622* **** **** **** *23"),
        ("6222021234567890", "622***********90"),
    ],
)
def test_numbers_of_people_are_masked(text: str, masked: str) -> None:
    assert mask_contacts(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯坏了",
        "打110、120、12345或95598",
        "400-820-8820",
        "P20261121-0001",
        "T20261121-0001",
        "2026-11-21 10:30",
        "20261121",
        "3栋2单元1502室",
        "花了20000000元",
        "工号12345678",
        "12345678901234",
        "第1381号",
        "010-12345",
        "30.123456,114.654321",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_contacts(text) == text


MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
IDS = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True)
AROUND = st.text(st.characters(exclude_categories=("Nd", "Nl", "No")), max_size=10)


@given(AROUND, MOBILES | IDS, AROUND)
def test_a_number_is_masked_wherever_it_stands(before: str, number: str, after: str) -> None:
    masked = mask_contacts(before + number + after)
    assert number not in masked
    assert number[3:-2] not in masked
    assert len(masked) == len(before + number + after)


@given(st.text(max_size=60) | st.from_regex(r"[0-9 \-Xx一（）()]{0,60}", fullmatch=True))
def test_masking_keeps_the_length_and_twice_is_the_same_as_once(text: str) -> None:
    masked = mask_contacts(text)
    assert len(masked) == len(text)
    assert mask_contacts(masked) == masked
    assert all(now == was or now == "*" for now, was in zip(masked, text, strict=True))


@pytest.mark.parametrize(("name", "masked"), [("王阿姨", "王**"), ("王", "王"), ("", "")])
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def ledger_of(unit: UnitOfWork) -> Ledger:
    return Ledger(unit, Deadlines(unit.time_zone))


def dump(database: Database) -> str:
    """Everything that is in the database, as text."""
    rows = database._rows()
    return "\n".join(str(row) for name in rows.table_names() for row in rows[name].rows)


@pytest.fixture
def resident(database: Database) -> Resident:
    with database.unit_of_work() as unit:
        return unit.people.meet("console", "external-of-wang", "王小花")


@pytest.fixture
def code(database: Database, resident: Resident) -> str:
    """A proposal that tells a lot about the resident."""
    draft = Draft(
        f"路灯坏了，打{PHONE}找王小花",
        f"王小花家门口，电话{PHONE}",
        contact_name="王小花",
        contact_phone=PHONE,
    )
    with database.unit_of_work() as unit:
        return ledger_of(unit).create(draft, resident).code


def test_contacts_go_some_time_after_a_proposal_was_closed(
    database: Database, clock: FixedClock, code: str, resident: Resident
) -> None:
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        ledger.note(code, WORKER, f"打过{PHONE}，没人接")
        ledger.move(code, Stage.EXECUTED, WORKER)
        ledger.rate(code, resident.person, solved=True, satisfaction=5, words=f"再打{PHONE}")
        still_open = ledger.create(Draft("坑", "3栋", contact_phone=PHONE), resident).code
    clock.advance(timedelta(days=30))
    with database.unit_of_work() as unit:
        assert anonymise(unit, unit.now - timedelta(days=31)) == []
        assert anonymise(unit, unit.now - timedelta(days=29), WORKER) == [code]
        assert anonymise(unit, unit.now) == []
        after, other = unit.proposals.get(code), unit.proposals.get(still_open)
        events = unit.proposals.events(code)
    assert after is not None
    assert other is not None
    assert (after.contact_name, after.contact_phone) == (None, None)
    assert PHONE not in str(after)
    assert PHONE not in str(events)
    assert other.contact_phone == PHONE
    assert {event.who.name for event in events} == {"", "李"}
    assert (events[-1].what, events[-1].who) == (EventKind.ANONYMISED, WORKER)
    assert [event.what for event in events[:2]] == [EventKind.CREATED, EventKind.NOTED]


def test_reopening_keeps_contacts_longer(
    database: Database, clock: FixedClock, code: str, resident: Resident
) -> None:
    with database.unit_of_work() as unit:
        ledger_of(unit).move(code, Stage.EXECUTED, WORKER)
    clock.advance(timedelta(days=30))
    with database.unit_of_work() as unit:
        ledger_of(unit).rate(code, resident.person, solved=True)
        assert anonymise(unit, unit.now - timedelta(days=10)) == []


def test_to_be_forgotten_leaves_the_proposal_without_the_person(
    database: Database, code: str, resident: Resident
) -> None:
    photo = StoredFile("attachments/a.jpg", "0" * 64, "image/jpeg", 1)
    with database.unit_of_work() as unit:
        ledger = ledger_of(unit)
        li = unit.people.meet("console", "li", "李四")
        theirs = ledger.create(Draft("坑", "3栋"), li).code
        ledger.support(theirs, resident)
        ledger.attach(code, resident.person, photo)
        ledger.note(code, WORKER, f"王小花说{PHONE}打不通")
        ledger.move(code, Stage.EXECUTED, WORKER)
        ledger.rate(code, resident.person, solved=True, satisfaction=5, words="我是王小花")
    with database.unit_of_work() as unit:
        assert forget(unit, resident) == [photo]
        ledger = ledger_of(unit)
        proposal = ledger.proposal(code)
        assert proposal.description == "路灯坏了，打138******78找王**"
        assert proposal.place == "王**家门口，电话138******78"
        assert (proposal.resident_id, proposal.contact_phone) == (None, None)
        assert (proposal.stage, proposal.satisfaction) == (Stage.EVALUATED, 5)
        assert unit.proposals.attachments(code) == []
        assert unit.proposals.supporter_count(theirs) == 0
        assert ledger.followers(code) == []
    left = dump(database)
    for secret in ("王小花", PHONE, "external-of-wang"):
        assert secret not in left


def test_what_is_forgotten_is_not_left_in_the_file(
    database: Database, code: str, resident: Resident
) -> None:
    with database.unit_of_work() as unit:
        forget(unit, resident)
    database._rows().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    content = database.path.read_bytes()
    for secret in ("王小花".encode(), PHONE.encode(), b"external-of-wang"):
        assert secret not in content


def test_a_worker_who_is_forgotten_leaves_the_history(
    database: Database, code: str, resident: Resident
) -> None:
    with database.unit_of_work() as unit:
        worker = Person(PersonKind.WORKER, str(unit.people.meet("console", "li").id), "李四")
        ledger_of(unit).note(code, worker, "李四看过了")
        li = unit.people.meet("console", "li", "李四")
        forget(unit, li)
        assert unit.proposals.events(code)[-1].who == Person(PersonKind.WORKER)
        assert unit.proposals.events(code)[-1].note == "李*看过了"
        kept = unit.proposals.get(code)
    assert kept is not None
    assert kept.contact_phone == PHONE
