"""What the assistant remembers of a conversation between messages.

A `Conversation` is immutable; every transition gives a new one. It is stored as JSON.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from bot.messages import Location
from bot.storage.records import StoredFile


class Slot(StrEnum):
    """What the proposal form waits for."""

    DESCRIPTION = "description"
    PLACE = "place"
    CONTACT = "contact"
    CATEGORY = "category"
    CONFIRM = "confirm"
    EDIT = "edit"


@dataclass(frozen=True)
class ProposalForm:
    """A proposal on its way: what the resident has said so far.

    `contact_settled` is true once a phone was given or refused, so that it is asked only once;
    `place_asked_again` once the first answer to where it is named no place.
    `category_options` are other likely categories, where it is unsure which.
    `attachments` are files that lie in the home folder already; `photo_location` is where a photo
    says that it was taken, which goes no further unless the resident shares it. `reference` names
    the policy or service that the proposal came from. `told` are ids and words of the messages
    that it was told in, so that an edit of one of them corrects it.
    """

    description: str = ""
    place: str = ""
    community: str = ""
    building: str = ""
    latitude: float | None = None
    longitude: float | None = None
    category: str = ""
    category_options: tuple[str, ...] = ()
    department: str = ""
    urgency: str = "general"
    contact_name: str = ""
    contact_phone: str = ""
    contact_settled: bool = False
    place_asked_again: bool = False
    attachments: tuple[StoredFile, ...] = ()
    photo_location: Location | None = None
    similar_offered: bool = False
    reference: str = ""
    told: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> Slot | None:
        """The first required slot that is still empty."""
        if not self.description:
            return Slot.DESCRIPTION
        if not self.place and self.latitude is None:
            return Slot.PLACE
        return None


@dataclass(frozen=True)
class Choice:
    """A question that was asked with buttons: what was written, and the intents on offer."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A stretch of a document, half-open, in characters."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True)
class AnswerShown:
    """The last policy answer, so that “那责任单位呢” or “第二条” can refer to it.

    `listed` are the parts of a list, of which the first `shown` were shown; `unit` is the unit
    whose tasks they are. `nearby` are ids of documents that were offered where nothing answered.
    """

    question: str
    question_id: int = 0
    document_id: str = ""
    start: int = 0
    end: int = 0
    listed: tuple[Place, ...] = ()
    shown: int = 0
    unit: str = ""
    nearby: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """State of one conversation; `expecting` is the slot that was asked for last.

    `awaiting` names another single answer that is waited for, as `action:argument` (a worker's
    note, the reason of a dissatisfied resident …); the action it names gets the next message.
    `services` are the ids last offered, `service` the one shown, `question` what was asked then;
    `listed` are the codes of the proposals that were listed last, in the order of their numbers,
    `opened` the one that a worker looked at last.
    `latitude`, `longitude` are where the resident last said to be, in degrees.
    `queued` is a second matter that was told before the first was confirmed. `enrolled` says that
    a worker was seen here, so that a document is one for the knowledge base; it grants nothing.
    `filed` are the ids of the messages that the last proposal was told in.
    """

    draft: ProposalForm | None = None
    expecting: Slot | None = None
    awaiting: str = ""
    choice: Choice | None = None
    services: tuple[str, ...] = ()
    service: str = ""
    listed: tuple[str, ...] = ()
    opened: str = ""
    question: str = ""
    answer: AnswerShown | None = None
    last_act: str = ""
    traditional: bool = False
    welcomed: bool = False
    queued: str = ""
    filed: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    enrolled: bool = False

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a stored state; an unreadable one (older layout) starts afresh."""
        try:
            read: Self = _adapter().validate_json(text) if text else cls()
            return read
        except ValidationError:
            return cls()

    def to_json(self) -> str:
        """The state as compact JSON."""
        return _adapter().dump_json(self, exclude_defaults=True).decode()

    def with_draft(self, draft: ProposalForm | None, expecting: Slot | None) -> "Conversation":
        """The form moves on: another draft, another slot asked for."""
        return replace(self, draft=draft, expecting=expecting, choice=None, awaiting="")

    def without_form(self) -> "Conversation":
        """The form is over, sent or cancelled."""
        return self.with_draft(None, None)


@cache
def _adapter() -> TypeAdapter[Any]:
    """Made once: making it takes milliseconds, using it microseconds."""
    return TypeAdapter(Conversation)
