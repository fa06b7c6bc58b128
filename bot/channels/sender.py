"""From the outbox to the people: retries, back-off, and giving up where it is of no use."""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import timedelta

from bot.channels.channel import Channel, TryLater, Undeliverable, Unreachable
from bot.channels.storing import Storing
from bot.metrics import FAILURES, SENT
from bot.storage.database import UnitOfWork
from bot.storage.errors import StorageError
from bot.storage.outbox import Outgoing

log = logging.getLogger(__name__)

SCAN_SECONDS = 0.5
"""How often to look for replies that others wrote, such as a command, or that are due now."""

MAX_ATTEMPTS = 150
"""A day and more: the longest wait between two attempts is ten minutes."""

LONGEST_WAIT_SECONDS = 600
BATCH = 100


class Pace:
    """Lets so many pass a second; Telegram asks for no more than 30 messages a second in all."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def wait(self) -> None:
        """Wait for one's turn."""
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + self._gap
        if turn > now:
            await asyncio.sleep(turn - now)


class Sender:
    """Sends the replies of one channel: each conversation in order, conversations side by side."""

    def __init__(self, channel: Channel, storing: Storing, per_second: float = 30.0) -> None:
        self._channel = channel
        self._storing = storing
        self._pace = Pace(per_second)
        self._awake = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something is to be sent."""
        self._awake.set()

    async def run(self) -> None:
        """Send what is due until cancelled."""
        while True:
            self._awake.clear()
            try:
                await self._start_sending()
            except StorageError as error:
                log.error("the outbox cannot be read: %s", error)
                await asyncio.sleep(SCAN_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), SCAN_SECONDS)

    async def flush(self, seconds: float) -> None:
        """Send what is due now, for so long at most."""
        with suppress(TimeoutError, StorageError):
            async with asyncio.timeout(seconds):
                while await self._start_sending() or self._tasks:
                    await asyncio.wait(list(self._tasks.values()))
        for task in list(self._tasks.values()):
            task.cancel()

    async def _start_sending(self) -> int:
        limit = len(self._tasks) + BATCH
        due = await self._storing.read(
            lambda rows: rows.outbox.due(self._channel.name, rows.now, limit)
        )
        fresh = [each for each in due if each.conversation_id not in self._tasks]
        for outgoing in fresh:
            task = asyncio.create_task(self._send(outgoing))
            self._tasks[outgoing.conversation_id] = task
        return len(fresh)

    async def _send(self, outgoing: Outgoing) -> None:
        try:
            await self._attempt(outgoing)
        except StorageError as error:  # it stays in the outbox and will be sent again
            log.error("storage failed: %s", error)
            await asyncio.sleep(SCAN_SECONDS)
        finally:
            del self._tasks[outgoing.conversation_id]
            self.wake()

    async def _attempt(self, outgoing: Outgoing) -> None:
        try:
            edits, is_blocked = await self._storing.read(lambda rows: self._context(outgoing, rows))
            if is_blocked:
                raise Unreachable
            await self._pace.wait()
            external_id = await self._channel.send(outgoing, edits)
        except (Unreachable, Undeliverable) as error:
            await self._give_up(outgoing, error)
        except TryLater as error:
            await self._postpone(outgoing, error, error.seconds)
        except StorageError:
            raise
        except Exception as error:  # nobody foresaw it; one reply must not hold up the others
            log.exception("reply %d could not be sent: %s", outgoing.id, type(error).__name__)
            await self._postpone(outgoing, error, None)
        else:
            SENT.labels(self._channel.name).inc()
            # Not durable: after a power cut it would only be sent again.
            await self._storing.write(
                lambda work: work.outbox.mark_sent(outgoing.id, external_id), durable=False
            )

    def _context(self, outgoing: Outgoing, rows: UnitOfWork) -> tuple[str, bool]:
        """The message to edit, if it is still the last one; whether the person has blocked us."""
        channel, conversation_id = outgoing.channel, outgoing.conversation_id
        resident = rows.people.find(channel, conversation_id)
        is_blocked = resident is not None and resident.blocked_at is not None
        if not outgoing.reply.replaces:
            return "", is_blocked
        target = rows.outbox.find_by_key(channel, conversation_id, outgoing.reply.replaces)
        latest = rows.outbox.latest(channel, conversation_id)
        is_last = target is not None and latest is not None and latest[1] == target
        return (target or "") if is_last else "", is_blocked

    async def _give_up(self, outgoing: Outgoing, error: Exception) -> None:
        FAILURES.labels(self._channel.name, "send").inc()
        log.warning("reply %d is given up: %s", outgoing.id, type(error).__name__)

        def note(work: UnitOfWork) -> None:
            work.outbox.mark_dead(outgoing.id, type(error))
            resident = work.people.find(outgoing.channel, outgoing.conversation_id)
            if isinstance(error, Unreachable) and resident is not None:
                work.people.set_blocked(resident.id, True)

        await self._storing.write(note)

    async def _postpone(self, outgoing: Outgoing, error: Exception, seconds: float | None) -> None:
        FAILURES.labels(self._channel.name, "send").inc()
        if outgoing.attempts + 1 >= MAX_ATTEMPTS:
            await self._give_up(outgoing, error)
            return
        longest = min(LONGEST_WAIT_SECONDS, 2 ** min(outgoing.attempts, 20))
        wait = timedelta(seconds=longest if seconds is None else seconds)
        await self._storing.write(
            lambda work: work.outbox.mark_retry(outgoing.id, work.now + wait, type(error)),
            durable=False,
        )
