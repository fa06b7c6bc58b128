"""What a messenger is to the rest: it translates between its own language and ours.

Every channel takes what people send into the inbox before it acknowledges it, and carries to
people what stands in the outbox. `Dispatcher` and `Sender` do the rest for all of them.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.messages import Attachment, Message
from bot.storage.outbox import Outgoing


class ChannelError(Exception):
    """The channel cannot work as it is set up; the message says how to mend it."""


class Malformed(Exception):
    """An update that cannot be read. Holds no words of it."""


class TryLater(Exception):
    """It did not work this time: wait `seconds` if the messenger said so (None: we choose)."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class Unreachable(Exception):
    """This person or group can no longer be written to: we were blocked, the account is gone."""


class Undeliverable(Exception):
    """The messenger will never take this reply, or never give that file."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that still lies with the messenger; `bytes` is 0 where it does not say."""

    id: str
    mime: str = ""
    name: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update that says something to us: the message without its files, and where they are.

    `album` is the messenger's id of the group of photos that it belongs to, `callback` the id of
    a button press that wants to be acknowledged.
    """

    message: Message
    files: tuple[RemoteFile, ...] = ()
    album: str = ""
    callback: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """An update that says that a person has blocked us, or takes us back."""

    sender_id: str
    blocked: bool


class Channel(Protocol):
    """A messenger with a connection of its own."""

    name: str

    async def start(self) -> None:
        """Connect and check that we may. Raises ChannelError."""

    async def receive(self) -> None:
        """Take what people send into the inbox until cancelled; acknowledge what stands there."""

    def read(self, body: str) -> Incoming | Membership | None:
        """What a stored update says; None when it is nothing to us. Raises Malformed."""

    async def fetch(self, file: RemoteFile, folder: Path) -> Attachment:
        """Download a file into `folder`. Raises TryLater, Undeliverable."""

    def typing(self, conversation_id: str) -> AbstractAsyncContextManager[None]:
        """Show, while the block lasts, that an answer is on its way."""

    async def send(self, outgoing: Outgoing, edits: str = "") -> str:
        """Send a reply, in place of the message `edits` if that is given; the messenger's id of it.

        Raises TryLater, Unreachable, Undeliverable.
        """

    async def stop(self) -> None:
        """Disconnect."""
