"""What happens to an update before the messenger may forget it: it is stored, or refused."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.channel import Incoming, Membership
from bot.channels.limits import RateLimiter, Verdict
from bot.channels.storing import Storing
from bot.messages import Message, Reply
from bot.metrics import UPDATES
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.errors import StorageError

log = logging.getLogger(__name__)

NOTICE_DELAY = timedelta(seconds=2)
"""The notice of what is kept comes after the first answer: danger to life is not to wait for it."""

REFUSALS = {Verdict.SLOW_DOWN: "limit.slow_down", Verdict.REPEATED: "limit.repeated"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as it came: its key and JSON, and what it says (None: it cannot be read)."""

    key: str
    body: str
    said: Incoming | Membership | None


class Reception:
    """Stores a batch of updates in one durable transaction, with what follows from them at once."""

    def __init__(
        self,
        channel: str,
        storing: Storing,
        limiter: RateLimiter,
        responses: Responses,
        blocked_senders: Iterable[str] = (),
    ) -> None:
        self._channel = channel
        self._storing = storing
        self._limiter = limiter
        self._responses = responses
        self._blocked = frozenset(blocked_senders)

    async def take(self, arrivals: list[Arrival]) -> None:
        """Store them all, or none. Raises StorageError: then they must not be acknowledged.

        They will come again, and are then no flood and no repetition.
        """
        senders = {
            each.said.message.sender_id for each in arrivals if isinstance(each.said, Incoming)
        }
        counted = self._limiter.remember(senders)
        try:
            await self._storing.write(lambda work: self._take(arrivals, work))
        except StorageError:
            self._limiter.restore(counted)
            raise

    def _take(self, arrivals: list[Arrival], work: UnitOfWork) -> None:
        for arrival in arrivals:
            outcome = self._take_one(arrival, work)
            UPDATES.labels(self._channel, outcome).inc()

    def _take_one(self, arrival: Arrival, work: UnitOfWork) -> str:
        """Store or refuse one; what was done with it, as the metrics call it."""
        match arrival.said:
            case None:  # kept as a dead letter by the dispatcher, for somebody to look at
                work.inbox.receive_raw(self._channel, arrival.key, arrival.key, arrival.body)
                return "malformed"
            case Membership(sender_id, blocked):
                resident = work.people.meet(self._channel, sender_id)
                work.people.set_blocked(resident.id, blocked)
                return "membership"
            case Incoming(message, album=album):
                return self._take_message(message, album, arrival.body, work)

    def _take_message(self, message: Message, album: str, body: str, work: UnitOfWork) -> str:
        if message.sender_id in self._blocked:
            return "blocked"
        if work.inbox.find(self._channel, message.id) is not None:
            return "repeated"
        verdict = self._limiter.judge(message.sender_id, message.text, message.sent_at, album)
        if verdict is not Verdict.TAKE:
            if verdict in REFUSALS:
                reply = Reply(self._responses.text(REFUSALS[verdict]))
                work.outbox.add(self._channel, message.conversation_id, reply, message.id)
            return "limited"
        self._meet(message, work)
        work.inbox.receive_raw(
            self._channel, message.id, message.conversation_id, body, message.sender_id
        )
        return "stored"

    def _meet(self, message: Message, work: UnitOfWork) -> None:
        """Who writes for the first time is told what is kept; who writes can be written to."""
        known = work.people.find(self._channel, message.sender_id)
        if known is None:
            work.people.meet(self._channel, message.sender_id, message.sender_name)
            if not message.public and message.text != "/start":  # which has the notice in it
                notice = Reply(self._responses.text("telegram.first_contact"))
                later = work.now + NOTICE_DELAY
                work.outbox.add(self._channel, message.conversation_id, notice, not_before=later)
        elif known.blocked_at is not None:
            work.people.set_blocked(known.id, False)
