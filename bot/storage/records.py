"""What the rows mean: one frozen dataclass a table. Times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """Where a proposal stands: the five steps 提 商 决 办 评, and the three other ends."""

    RAISED = "raised"
    DISCUSSED = "discussed"
    DECIDED = "decided"
    EXECUTED = "executed"
    EVALUATED = "evaluated"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Urgency(StrEnum):
    """How long a matter can wait: it sets the deadlines."""

    DANGER = "danger"
    UTILITY = "utility"
    GENERAL = "general"
    COMPLEX = "complex"


class PersonKind(StrEnum):
    """On whose behalf something was done."""

    RESIDENT = "resident"
    WORKER = "worker"
    SYSTEM = "system"


class Role(StrEnum):
    """What a worker may do; an admin may also invite and remove workers."""

    WORKER = "worker"
    ADMIN = "admin"


class EventKind(StrEnum):
    """What happened to a proposal; `from_value`, `to_value` and `note` are given for each.

    created     to: the first stage
    moved       from, to: stages; note: why
    assigned    from, to: departments; note
    returned    from: the department that refused (退单), to: "", note: its reason
    edited      from, to: old and new value; note: the column
    replied     note: what the worker told the resident
    noted       note: for workers only
    supported   to: the number of supporters then
    judged      from: stage, to: "solved" or "unsolved"
    rated       to: satisfaction 1 to 5; note: the resident's words
    merged_into to: code of the other proposal
    absorbed    from: code of the other proposal; note: how many supporters came with it
    viewed      note: the purpose for which contact details were looked at
    anonymised  note: why contact details were removed
    """

    CREATED = "created"
    MOVED = "moved"
    ASSIGNED = "assigned"
    RETURNED = "returned"
    EDITED = "edited"
    REPLIED = "replied"
    NOTED = "noted"
    SUPPORTED = "supported"
    JUDGED = "judged"
    RATED = "rated"
    MERGED_INTO = "merged_into"
    ABSORBED = "absorbed"
    VIEWED = "viewed"
    ANONYMISED = "anonymised"


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something; `id` is a resident's number, or empty for the system itself."""

    kind: PersonKind
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who wrote to us; `external_id` is the messenger's id, unique in its channel.

    `consent_at` is when contact details were given for a stated purpose, `forgotten_at` when
    everything personal was removed at the resident's wish.
    """

    id: int
    channel: str
    external_id: str
    name: str
    community: str
    first_seen_at: datetime
    consent_at: datetime | None = None
    consent_purpose: str = ""
    blocked_at: datetime | None = None
    forgotten_at: datetime | None = None

    @property
    def person(self) -> Person:
        """The resident as the one who did something."""
        return Person(PersonKind.RESIDENT, str(self.id), self.name)


@dataclass(frozen=True, slots=True)
class Worker:
    """A resident who is enrolled to work on proposals of `community` (empty: everywhere)."""

    resident_id: int
    role: Role
    community: str
    enrolled_at: datetime
    name: str
    channel: str
    external_id: str

    @property
    def person(self) -> Person:
        """The worker as the one who did something."""
        return Person(PersonKind.WORKER, str(self.resident_id), self.name)


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the access log: a look at contacts, an export, a refused command, an invite."""

    id: int
    at: datetime
    who: Person
    what: str
    subject: str
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row of the ledger, with the column names of the database and of the exports.

    `response_due_at` and `resolution_due_at` are the deadlines; `responded_at` is the first
    dispatch, move or answer by a worker, `resolved_at` the moment it was executed. `satisfaction`
    is the resident's judgement from 1 to 5. `latitude`, `longitude` in degrees (WGS 84).
    """

    code: str
    title: str
    description: str
    category: str
    urgency: Urgency
    place: str
    community: str
    building: str
    latitude: float | None
    longitude: float | None
    contact_name: str | None
    contact_phone: str | None
    resident_id: int | None
    stage: Stage
    department: str
    channel: str
    created_at: datetime
    updated_at: datetime
    response_due_at: datetime | None = None
    resolution_due_at: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    satisfaction: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a proposal's history; see EventKind for what the values mean."""

    id: int
    code: str
    at: datetime
    who: Person
    what: EventKind
    from_value: str
    to_value: str
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the history of one proposal says about how it was handled.

    `answered_at`: the first dispatch, move or answer by a worker; `executed_at`: when it was last
    executed; `judged`: the last answer to whether it is solved (`solved`, `unsolved`, or None);
    `rated`: the last satisfaction from 1 to 5.
    """

    code: str
    stage: Stage
    community: str
    category: str
    department: str
    created_at: datetime
    response_due_at: datetime | None
    resolution_due_at: datetime | None
    answered_at: datetime | None
    executed_at: datetime | None
    judged: str | None
    rated: int | None
    departments: int
    reopened: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the home folder; `path` is relative to it, `bytes` its size."""

    path: str
    sha256: str
    mime: str
    bytes: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A line of the inbox; `body` is the JSON of a Message, or the raw update when `raw`."""

    channel: str
    message_id: str
    conversation_id: str
    raw: bool
    body: str
    attempts: int
    received_at: datetime
    not_before: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question that was put to us, with contact details masked."""

    id: int
    at: datetime
    text: str
    intent: str
    confidence: float
    engine: str
    slots: str
    found: bool
    document_id: str
    feedback: str


class TicketKind(StrEnum):
    """What a ticket is about: a talk with a person, or a fault in the service directory."""

    TALK = "talk"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something that waits for a worker; `subject` is the service id of a correction."""

    code: str
    kind: TicketKind
    subject: str
    text: str
    resident_id: int
    community: str
    created_at: datetime
    taken_by: str = ""
    taken_at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None
