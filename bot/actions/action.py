"""What every action has in common: it prepares outside the transaction, then acts inside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bot.conversation import Conversation
from bot.messages import Message, Reply
from bot.storage.database import UnitOfWork
from index.encoder import Vectors
from intents.entities import Slots
from intents.parse import Parse


@dataclass(frozen=True)
class Scope:
    """How much to retrieve, and from which documents (empty: all)."""

    limit: int = 5
    only: frozenset[str] = frozenset()


EVERYTHING = Scope()


@dataclass(frozen=True)
class Turn:
    """One message as the assistant understood it.

    `text` is the cleaned text, `argument` what the route adds to it (the id of a button without
    its prefix, the words after a command). `vector` is the message's `(dim,) float32` query
    encoding, None for a button or command, which need none. `offers` names what is worth
    offering along with the answer; `matter` is what a question also tells of: a second wish,
    offered to be reported after it.
    `question_id` is the row of the question log.
    """

    message: Message
    text: str
    parse: Parse
    slots: Slots
    act: str
    argument: str = ""
    vector: Vectors | None = None
    offers: tuple[str, ...] = ()
    matter: str = ""
    question_id: int = 0
    scope: Scope = EVERYTHING


@dataclass(frozen=True)
class Outcome:
    """What an action did: the next state, the replies, and what the question log keeps.

    `found` is None where the message was no question; `question` is the question in full where
    the message only points to the one before (那责任单位呢). `after_commit` is called once the
    transaction stands: for what cannot be taken back, such as deleting files.
    """

    state: Conversation
    replies: tuple[Reply, ...]
    found: bool | None = None
    document_id: str = ""
    answer: str = ""
    question: str = ""
    after_commit: Callable[[], None] | None = None


class Action(Protocol):
    """One thing the assistant can do.

    `prepare` may take its time: it encodes and retrieves. `act` runs inside the short
    transaction and must only read and write rows.
    """

    def prepare(self, turn: Turn, state: Conversation) -> Any:
        """Gather what `act` needs, outside any transaction."""

    def act(self, turn: Turn, prepared: Any, state: Conversation, work: UnitOfWork) -> Outcome:
        """Do it, inside the unit of work."""
