"""From the inbox to the assistant: each conversation in order, conversations side by side."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from bot.assistant import Handled
from bot.channels.channel import (
    Channel,
    Incoming,
    Malformed,
    RemoteFile,
    TryLater,
    Undeliverable,
)
from bot.channels.storing import Storing
from bot.messages import Attachment, Button, Message
from bot.metrics import FAILURES, HANDLING_SECONDS, MESSAGES, WAITING_SECONDS
from bot.storage.database import UnitOfWork
from bot.storage.errors import StorageError
from bot.storage.records import Received

log = logging.getLogger(__name__)

SCAN_SECONDS = 0.5
"""How often to look for messages that wait for another attempt."""

ALBUM_SECONDS = 0.7
"""The photos of an album come as messages of their own; the last of them is waited for so long."""

BATCH = 100
LONGEST_LABEL = 30
HANDLE_ATTEMPTS = 8
"""About four minutes."""

FETCH_ATTEMPTS = 5
"""About half a minute; then a message is handled without the file that could not be fetched."""


class Handler(Protocol):
    """Handles a message that stands in the inbox; the assistant is one."""

    def process(self, message: Message) -> Handled:
        """Handle a message once, in a transaction that marks it done. Raises StorageError."""


class Dispatcher:
    """Hands the messages of one channel to the assistant, on a pool of threads."""

    def __init__(
        self,
        channel: Channel,
        storing: Storing,
        pool: Executor,
        limit_bytes: int,
        on_replies: Callable[[], None],
    ) -> None:
        self._channel = channel
        self._handler: Handler | None = None
        self._storing = storing
        self._pool = pool
        self._limit_bytes = limit_bytes
        self._on_replies = on_replies
        self._awake = asyncio.Event()
        self._stopping = False
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._passed_over: set[str] = set()

    def wake(self) -> None:
        """Something came in."""
        self._awake.set()

    async def run(self, handler: Handler) -> None:
        """Let `handler` handle what comes in until cancelled."""
        self._handler = handler
        while True:
            self._awake.clear()
            try:
                await self._start_conversations()
            except StorageError as error:
                log.error("the inbox cannot be read: %s", error)
                await asyncio.sleep(SCAN_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), SCAN_SECONDS)

    async def finish(self, seconds: float) -> None:
        """Take up nothing more, and let what is being handled come to its end."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=seconds)
        for task in list(self._tasks.values()):
            task.cancel()

    async def _start_conversations(self) -> None:
        limit = len(self._tasks) + BATCH
        waiting = await self._storing.read(
            lambda rows: rows.inbox.pending(self._channel.name, limit)
        )
        for received in waiting:
            conversation_id = received.conversation_id
            if conversation_id in self._tasks:
                self._passed_over.add(conversation_id)
            else:
                self._passed_over.discard(conversation_id)
                task = asyncio.create_task(self._converse(conversation_id))
                self._tasks[conversation_id] = task
        if len(waiting) == limit:
            self.wake()

    async def _converse(self, conversation_id: str) -> None:
        """Handle what waits in one conversation, one message after the other."""
        try:
            while not self._stopping and (waiting := await self._next(conversation_id)):
                await self._handle(waiting)
        except StorageError as error:
            log.error("storage failed: %s", error)
            await asyncio.sleep(SCAN_SECONDS)
        except Exception as error:  # one conversation must never stop the others
            log.exception("a conversation failed: %s", type(error).__name__)
            await asyncio.sleep(SCAN_SECONDS)
        finally:
            del self._tasks[conversation_id]
            if conversation_id in self._passed_over:
                self.wake()

    async def _next(self, conversation_id: str) -> list[Received]:
        return await self._storing.read(
            lambda rows: rows.inbox.pending_of(self._channel.name, conversation_id)
        )

    async def _handle(self, waiting: list[Received]) -> None:
        """Handle the first of the waiting messages, or the album that begins with it."""
        first = waiting[0]
        try:
            incoming = self._channel.read(first.body)
        except Malformed as error:
            log.error("update %s cannot be read: %s", first.message_id, error)
            await self._fail(first, Malformed, max_attempts=1)
            return
        if not isinstance(incoming, Incoming):
            await self._storing.write(
                lambda work: work.inbox.mark_done(first.channel, first.message_id)
            )
            return
        try:
            parts = await self._album(incoming, waiting) if incoming.album else [incoming]
            async with self._channel.typing(first.conversation_id):
                await self._process(parts, first.attempts)
        except (TryLater, StorageError) as error:
            log.warning("message %s is tried again: %s", first.message_id, type(error).__name__)
            await self._fail(first, type(error))
            return
        except Exception as error:  # nobody foresaw it; it must not be tried for ever
            log.exception("message %s failed: %s", first.message_id, type(error).__name__)
            await self._fail(first, type(error))
            return
        arrived = first.received_at.timestamp()
        WAITING_SECONDS.labels(self._channel.name).observe(max(0.0, time.time() - arrived))
        self._on_replies()

    async def _process(self, parts: list[Incoming], attempts: int) -> None:
        assert self._handler is not None
        async with temporary_folder(any(part.files for part in parts)) as folder:
            message = await self._complete(parts, folder, attempts)
            begun = time.perf_counter()
            loop = asyncio.get_running_loop()
            handled = await loop.run_in_executor(self._pool, self._handler.process, message)
        HANDLING_SECONDS.labels(self._channel.name).observe(time.perf_counter() - begun)
        MESSAGES.labels(self._channel.name, handled.intent or "failed").inc()

    async def _complete(self, parts: list[Incoming], folder: Path, attempts: int) -> Message:
        """One message with all the files of its parts; a label that was written is a press."""
        message = parts[0].message
        files = [await self._fetch(file, folder, attempts) for part in parts for file in part.files]
        message = replace(
            message,
            text="\n".join(part.message.text for part in parts if part.message.text),
            attachments=tuple(files),
            joined=tuple(part.message.id for part in parts[1:]),
        )
        if 0 < len(message.text) <= LONGEST_LABEL and not message.edited and not message.forwarded:
            latest = await self._storing.read(
                lambda rows: rows.outbox.latest(message.channel, message.conversation_id)
            )
            buttons = latest[0].buttons if latest else ()
            if pressed := _labelled(buttons, message.text):
                message = replace(message, text="", button=pressed.id)
        return message

    async def _fetch(self, file: RemoteFile, folder: Path, attempts: int) -> Attachment:
        """A file of a message. One that is too big, or cannot be had, is left where it is."""
        left = Attachment("", file.mime, file.name, max(file.bytes, 1))
        if file.bytes > self._limit_bytes:
            return left
        try:
            return await self._channel.fetch(file, folder)
        except Undeliverable:
            return left
        except TryLater:
            if attempts < FETCH_ATTEMPTS:
                raise
            return left  # the words are not to wait any longer

    async def _album(self, first: Incoming, waiting: list[Received]) -> list[Incoming]:
        """The messages of an album that have come, once no more of them are on their way."""
        while True:
            parts = self._joined(first, waiting)
            last = waiting[len(parts) - 1].received_at
            age = await self._storing.read(lambda rows, last=last: rows.now - last)  # type: ignore[misc]
            if age >= timedelta(seconds=ALBUM_SECONDS) or len(parts) < len(waiting):
                return parts
            await asyncio.sleep(ALBUM_SECONDS - age.total_seconds())
            waiting = await self._next(first.message.conversation_id)

    def _joined(self, first: Incoming, waiting: list[Received]) -> list[Incoming]:
        parts = [first]
        for received in waiting[1:]:
            try:
                part = self._channel.read(received.body)
            except Malformed:
                break
            if not isinstance(part, Incoming) or part.album != first.album:
                break
            parts.append(part)
        return parts

    async def _fail(
        self, received: Received, error: type[BaseException], max_attempts: int | None = None
    ) -> None:
        FAILURES.labels(self._channel.name, "handle").inc()
        wait = timedelta(seconds=min(300, 2**received.attempts))

        def note(work: UnitOfWork) -> None:
            work.inbox.mark_failed(
                received.channel,
                received.message_id,
                error,
                work.now + wait,
                max_attempts or HANDLE_ATTEMPTS,
            )

        await self._storing.write(note)


@asynccontextmanager
async def temporary_folder(wanted: bool) -> AsyncIterator[Path]:
    """A folder for the files of one message; made and removed outside of the event loop."""
    if not wanted:
        yield Path()
        return
    folder = await asyncio.to_thread(TemporaryDirectory, prefix="linli-")
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


def _labelled(buttons: tuple[Button, ...], text: str) -> Button | None:
    return next((button for button in buttons if button.label == text.strip()), None)
