"""The units of knowledge: a document, its sections, and the chunks that are searched."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256


class KnowledgeError(Exception):
    """A document, directory or file could not be read; the message says which and why."""


class Status(StrEnum):
    """Whether a document still applies."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where the source was cut off; `position` is a character offset in the text."""

    position: int
    note: str


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who leads and who is responsible for one task, as the text itself says.

    `start` and `end` are the half-open character range of the task in the document's text;
    `statement_end` is where the words end that name who does it, behind the task or inside it.
    """

    task: str
    lead: tuple[str, ...]
    responsible: tuple[str, ...]
    deadline: str
    path: tuple[str, ...]
    start: int
    end: int
    statement_end: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the outline: heading path and half-open character range, heading included."""

    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is encoded and found: whole sentences of one section.

    `text` equals `document.text[start:end]`; `path` is the heading path it stands under.
    """

    document_id: str
    number: int
    text: str
    start: int
    end: int
    path: tuple[str, ...]
    has_gap: bool = False

    @property
    def section(self) -> str:
        """The heading path as one line for people."""
        return " › ".join(self.path)


@dataclass(frozen=True)
class Document:
    """One piece of knowledge; `text` is the repaired text that every range refers to.

    `issued_on` and `expires_on` (the last day in force) are ISO dates or empty; `region` is the
    area it applies to (empty: not stated); `superseded_by` names the document that replaced it.
    """

    id: str
    title: str
    text: str
    issuer: str = ""
    document_number: str = ""
    issued_on: str = ""
    source: str = ""
    region: str = ""
    status: Status = Status.IN_FORCE
    superseded_by: str = ""
    expires_on: str = ""
    gaps: tuple[Gap, ...] = ()
    sections: tuple[Section, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()
    aliases: tuple[str, ...] = ()

    def status_on(self, today: date) -> Status:
        """The status on a day: a document in force expires on the day after `expires_on`."""
        if self.status is Status.IN_FORCE and self.expires_on:
            return Status.EXPIRED if today.isoformat() > self.expires_on else Status.IN_FORCE
        return self.status

    @property
    def content_hash(self) -> str:
        """Changes exactly when something that is indexed or cited changes."""
        parts = (
            self.title, self.text, self.issuer, self.document_number, self.issued_on,
            self.source, self.region, self.status, self.superseded_by, self.expires_on,
            repr(self.gaps), repr(self.aliases),
        )  # fmt: skip
        return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
