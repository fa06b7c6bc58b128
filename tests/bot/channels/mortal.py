"""A service that kills itself with SIGKILL at a named point, with nothing else changed in it.

The points stand just before and just after each commit of a transaction that receives updates,
handles a message or notes a reply as sent, and just before and after the sending itself.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.channels.telegram import Telegram
from bot.storage.database import Database, UnitOfWork
from bot.storage.inbox import Inbox
from bot.storage.outbox import Outbox, Outgoing

TRANSACTIONS = {
    "receive": (Inbox, "receive_raw"),
    "handle": (Inbox, "mark_done"),
    "sent": (Outbox, "mark_sent"),
}
"""What a transaction is for, and what it then calls."""

POINTS = (
    *(f"{when} {what} commit" for what in TRANSACTIONS for when in ("before", "after")),
    "before send",
    "after send",
)

Checkpoint = Callable[[str], None]


class MortalDatabase(Database):
    """A database whose commits are checkpoints."""

    checkpoint: Checkpoint = staticmethod(lambda name: None)

    @contextmanager
    def unit_of_work(self, *, durable: bool = True) -> Iterator[UnitOfWork]:
        """As it is, with a checkpoint on both sides of the commit."""
        _doing.what = ""
        with super().unit_of_work(durable=durable) as unit:
            yield unit
            what = _doing.what
            self.checkpoint(f"before {what} commit")
        self.checkpoint(f"after {what} commit")


def be_mortal(database: MortalDatabase, point: str, passes: int) -> None:
    """Let this process end at the given pass through `point`; nowhere when it is empty."""
    lock, left = threading.Lock(), passes

    def checkpoint(name: str) -> None:
        nonlocal left
        with lock:
            left -= name == point
            if left == 0 and name == point:
                os.kill(os.getpid(), signal.SIGKILL)

    database.checkpoint = checkpoint  # type: ignore[method-assign]
    for what, (owner, method) in TRANSACTIONS.items():
        _note(owner, method, what)
    send = Telegram.send

    async def mortal_send(self: Telegram, outgoing: Outgoing, edits: str = "") -> str:
        checkpoint("before send")
        sent = await send(self, outgoing, edits)
        checkpoint("after send")
        return sent

    Telegram.send = mortal_send  # type: ignore[method-assign]


_doing = threading.local()


def _note(owner: type, method: str, what: str) -> None:
    """Let a call of a repository's method say what its transaction is for."""
    original = getattr(owner, method)

    def noting(self: Any, *arguments: Any, **named: Any) -> Any:
        _doing.what = what
        return original(self, *arguments, **named)

    setattr(owner, method, noting)
