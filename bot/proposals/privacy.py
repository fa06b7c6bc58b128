"""Keeping contact details where they belong: masking, removing after a time, forgetting."""

import re
from collections.abc import Callable
from datetime import datetime

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
    is_valid_number,
    parse,
)

from bot.storage.database import UnitOfWork
from bot.storage.proposals import Filter
from bot.storage.records import EventKind, Person, PersonKind, Proposal, Resident, StoredFile

SYSTEM = Person(PersonKind.SYSTEM)
_SHORTEST_NAME = 2

# What people put between the groups of a number.
_BETWEEN = r"[\s.·_()（）\-‐-―－一]{0,2}"
_NUMBERS = [
    # Identity cards (18 digits, GB 11643, or the older 15) and bank cards (16 to 19): any run of
    # 15 to 19 digits, as one, or in the groups in which they are written.
    re.compile(r"(?<!\d)\d{14,18}[\dXx](?![\dXx])"),
    re.compile(r"(?<!\d)\d{6}[\s-]?(?:19|20)\d{6}[\s-]?\d{3}[\dXx](?![\dXx])"),
    re.compile(r"(?<!\d)\d{4}(?:[\s-]\d{4}){3}(?:[\s-]?\d{1,3})?(?!\d)"),
    # Mobiles: 11 digits that begin with 13 to 19.
    re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_BETWEEN})?1{_BETWEEN}[3-9](?:{_BETWEEN}\d){{9}}(?!\d)"),
    # Landlines with their area code.
    re.compile(rf"(?<!\d)[(（]?0\d{{2,3}}{_BETWEEN}[2-8]\d{{2,3}}{_BETWEEN}\d{{4}}(?!\d)"),
    # Landlines without one are told from other numbers by the word before them.
    re.compile(r"(?:[话机系真]|tel)[：:号码是\s]{0,4}[2-8]\d{2,3}[\s-]?\d{4}(?!\d)", re.IGNORECASE),
]
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
_DIGIT = re.compile(r"\d")


def mask_contacts(text: str) -> str:
    """`text` with phone numbers and identity or bank card numbers masked.

    The first three and the last two digits of a number stay (`138******78`), so that its owner can
    recognise it. Public hotlines (110, 12345, 95598, 400-…) stay. Twice is the same as once.
    """
    for pattern in _NUMBERS:
        spans = [match.span() for match in pattern.finditer(text.translate(_HALF_WIDTH))]
        text = _mask_spans(text, spans)
    abroad = PhoneNumberMatcher(text, None)  # +852 6123 4567 and the like
    return _mask_spans(text, [(match.start, match.end) for match in abroad])


def as_people_write(phone: str) -> str:
    """A stored number as one writes it at home: +8613800138000 as 138 0013 8000.

    Numbers of other countries keep their code; what is no number stays as it is.
    """
    main, extension_word, extension = phone.partition("转")
    try:
        number = parse(main, "CN")
    except NumberParseException:
        return phone
    if not is_valid_number(number):
        return phone
    at_home = number.country_code == 86
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return format_number(number, style) + extension_word + extension


def _mask_spans(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + _mask(text[start:end]) + text[end:]
    return text


def _mask(number: str) -> str:
    """`number` with all digits but the first three and the last two replaced by stars."""
    total = len(_DIGIT.findall(number))
    seen = 0
    shown: list[str] = []
    for character in number:
        if character.isdecimal():
            seen += 1
            shown.append(character if seen <= 3 or seen > total - 2 else "*")
        elif character in "Xx":
            shown.append("*")
        else:
            shown.append(character)
    return "".join(shown)


def mask_name(name: str) -> str:
    """A person's name with all but the first character replaced by stars."""
    return name[:1] + "*" * (len(name) - 1)


def anonymise(unit: UnitOfWork, closed_before: datetime, by: Person = SYSTEM) -> list[str]:
    """Remove the contacts of proposals that were closed before then; their codes.

    Name and phone go, numbers in texts and notes are masked, residents' names leave the history.
    Each proposal gets an event that says so, and is not looked at again.
    """
    codes = []
    for proposal in list(unit.proposals.closed_before(closed_before)):
        _remove_contacts(unit, proposal, mask_contacts)
        for event in unit.proposals.events(proposal.code):
            resident = event.who.kind is PersonKind.RESIDENT
            if resident or event.note != mask_contacts(event.note):
                unit.proposals.anonymise_event(
                    event, mask_contacts(event.note), forget_who=resident
                )
        unit.proposals.add_event(proposal.code, by, EventKind.ANONYMISED, note="retention")
        codes.append(proposal.code)
    return codes


def forget(unit: UnitOfWork, resident: Resident) -> list[StoredFile]:
    """Remove what a resident gave about themselves; the files to delete once this is committed.

    Their proposals stay, without name, phone, files and owner, and with numbers and their own name
    masked in texts and notes. Their support for others' proposals is taken back. The rest of what
    is known about them goes with `People.forget`.
    """
    files: list[StoredFile] = []
    for proposal in list(unit.proposals.find(Filter(resident_id=resident.id))):
        hide = _hiding({resident.name, proposal.contact_name or ""})
        _remove_contacts(unit, proposal, hide)
        unit.proposals.update(proposal.code, resident_id=None)
        files += unit.proposals.detach(proposal.code)
        for event in unit.proposals.events(proposal.code):
            if event.note != hide(event.note):
                unit.proposals.anonymise_event(event, hide(event.note), forget_who=False)
        unit.proposals.add_event(proposal.code, SYSTEM, EventKind.ANONYMISED, note="forgotten")
    hide = _hiding({resident.name})
    for kind in (PersonKind.RESIDENT, PersonKind.WORKER):
        for event in unit.proposals.events_by(Person(kind, str(resident.id))):
            unit.proposals.anonymise_event(event, hide(event.note), forget_who=True)
    unit.proposals.remove_supporter(resident.id)
    unit.people.forget(resident.id)
    return files


def _remove_contacts(unit: UnitOfWork, proposal: Proposal, hide: Callable[[str], str]) -> None:
    unit.proposals.update(
        proposal.code,
        contact_name=None,
        contact_phone=None,
        title=hide(proposal.title),
        description=hide(proposal.description),
        place=hide(proposal.place),
    )
    unit.proposals.drop_vector(proposal.code)


def _hiding(names: set[str]) -> Callable[[str], str]:
    """Masks contacts, and these names where they are long enough to be told from other words."""
    long_enough = [name for name in names if len(name) >= _SHORTEST_NAME]

    def hide(text: str) -> str:
        for name in long_enough:
            text = text.replace(name, mask_name(name))
        return mask_contacts(text)

    return hide
