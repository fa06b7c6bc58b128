"""What crosses the border of a channel: a Message comes in, Replies go out.

A channel translates between these and its messenger; it decides nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the map in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a person sent or receives; `path` is where it lies on this machine.

    `bytes` is the size that the messenger declares; one that is too big is not fetched, so its
    `path` is empty.
    """

    path: str
    mime: str = ""
    name: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What a person sent. `id` is unique in its channel and makes handling idempotent.

    `button` is the id of the button that was pressed, `edited` the id of the message that this one
    corrects, `forwarded` says that somebody else wrote it, `reply_to` the id of the message it
    answers. `sent_at` is aware UTC. `joined` are the ids of further messages that this one stands
    for (the other photos of an album), `public` says that strangers read along (a group).
    """

    id: str
    channel: str
    conversation_id: str
    sender_id: str
    sender_name: str
    text: str
    sent_at: datetime
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    button: str = ""
    edited: str = ""
    forwarded: bool = False
    reply_to: str = ""
    phone: str = ""
    joined: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a reply; `id` is at most 64 ASCII bytes."""

    label: str
    id: str


class Request(StrEnum):
    """What a reply asks the messenger to offer."""

    PHONE = "phone"
    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person gets.

    `replaces` names an earlier reply (by its key) to edit in place, `key` names this one so that a
    later reply can; `request` asks the channel to offer sharing of phone or location.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    replaces: str = ""
    key: str = ""
    request: Request | None = None
