"""Runs the Telegram channel with all that belongs to it, until it is told to stop."""

import asyncio
import logging
import os
import secrets
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from telegram.error import TelegramError

from bot.channels.dispatcher import Dispatcher, Handler
from bot.channels.http import listen, serve_http
from bot.channels.limits import RateLimiter
from bot.channels.operations import operations_app
from bot.channels.reception import Reception
from bot.channels.sender import Sender
from bot.channels.storing import Storing
from bot.channels.telegram import POLL_SECONDS, Address, Telegram, webhook_path
from bot.channels.telegram_commands import Menus
from bot.channels.telegram_updates import CHANNEL
from bot.channels.upkeep import Upkeep
from bot.channels.webhook import WebhookServer
from bot.responses import Responses
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.errors import StorageError

log = logging.getLogger(__name__)

HANDLING_GRACE_SECONDS = 5.0
SENDING_GRACE_SECONDS = 3.0
MENUS_EVERY_SECONDS = 10.0
CHORES_EVERY_SECONDS = 60.0
TIDY_EVERY_SECONDS = 3600.0


@dataclass(frozen=True)
class ServingParts:
    """What a running service is made of; `handler` builds what handles messages."""

    settings: Settings
    database: Database
    responses: Responses
    handler: Callable[[], Handler]
    upkeep: Upkeep | None = None
    poll_seconds: int = POLL_SECONDS


@dataclass
class Serving:
    """The channel's loops, side by side in one event loop."""

    parts: ServingParts
    handles_signals: bool = True
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """Finish what was begun, and end."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until stopped, by a signal or by `stop`. Raises ChannelError, StorageError."""
        if self.handles_signals:
            for name in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(name, self.stop)
        settings = self.parts.settings
        storing = Storing(self.parts.database)
        pool = ThreadPoolExecutor(settings.workers or os.cpu_count(), thread_name_prefix="handling")
        try:
            await self._serve(storing, pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            storing.close()

    async def _serve(self, storing: Storing, pool: ThreadPoolExecutor) -> None:
        settings = self.parts.settings
        reception = Reception(
            CHANNEL,
            storing,
            RateLimiter(settings.messages_per_minute),
            self.parts.responses,
            settings.blocked_senders,
        )
        awake = Awake()
        telegram = self._telegram(reception, awake.rouse)
        sender = Sender(telegram, storing, settings.telegram_messages_per_second)
        dispatcher = Dispatcher(
            telegram,
            storing,
            pool,
            int(settings.attachment_limit_megabytes * 1_000_000),
            on_replies=sender.wake,
        )
        awake.sleepers += [dispatcher.wake, sender.wake]
        work = [self._connected(telegram, dispatcher, sender, storing, pool)]
        if settings.operations_port:
            listening = listen(settings.operations_host, settings.operations_port)
            polls = not settings.telegram_webhook_url
            work.append(serve_http(operations_app(storing, telegram, polls), listening))
        try:
            await _first([self._stop.wait(), _together(work)])
        finally:
            log.info("stopping")
            await dispatcher.finish(HANDLING_GRACE_SECONDS)
            if telegram.username:
                await sender.flush(SENDING_GRACE_SECONDS)
            await telegram.stop()
            log.info("stopped")

    def _telegram(self, reception: Reception, wake: Callable[[], None]) -> Telegram:
        settings = self.parts.settings
        token, proxy = settings.telegram_token, settings.telegram_proxy
        address = Address(
            token.get_secret_value() if token else "",
            settings.telegram_api_url,
            proxy.get_secret_value() if proxy else "",
        )
        webhook = None
        if url := settings.telegram_webhook_url:
            given = settings.telegram_webhook_secret
            secret = given.get_secret_value() if given else secrets.token_urlsafe(32)
            listening = listen(settings.telegram_webhook_host, settings.telegram_webhook_port)
            webhook = WebhookServer(listening, webhook_path(url), secret)
        return Telegram(
            address,
            reception,
            self.parts.responses,
            on_updates=wake,
            webhook=webhook,
            webhook_url=settings.telegram_webhook_url,
            poll_seconds=self.parts.poll_seconds,
        )

    async def _connected(
        self,
        telegram: Telegram,
        dispatcher: Dispatcher,
        sender: Sender,
        storing: Storing,
        pool: ThreadPoolExecutor,
    ) -> None:
        """What needs Telegram: begins once it has answered."""
        await telegram.start()
        menus = Menus(telegram.bot, storing, self.parts.responses)
        work = [
            telegram.receive(),
            sender.run(),
            self._handle(dispatcher, pool),
            _repeat(menus.update, MENUS_EVERY_SECONDS),
        ]
        if (upkeep := self.parts.upkeep) is not None:
            work += [
                _repeat(lambda: storing.write(upkeep.remind), CHORES_EVERY_SECONDS),
                _repeat(lambda: storing.write(upkeep.summarise), CHORES_EVERY_SECONDS),
                _repeat(lambda: storing.write(upkeep.tidy), TIDY_EVERY_SECONDS),
            ]
        await _together(work)

    async def _handle(self, dispatcher: Dispatcher, pool: ThreadPoolExecutor) -> None:
        """Load what understands, which takes seconds, while updates come in already.

        Not in the event loop's own threads: it would wait for them when it is told to stop.
        """
        loop = asyncio.get_running_loop()
        await dispatcher.run(await loop.run_in_executor(pool, self.parts.handler))


@dataclass
class Awake:
    """Wakes those who wait for something to come in."""

    sleepers: list[Callable[[], None]] = field(default_factory=list)

    def rouse(self) -> None:
        """Wake all."""
        for wake in self.sleepers:
            wake()


async def _repeat(chore: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Do a chore again and again; one that fails is done again later."""
    while True:
        try:
            await chore()
        except (TelegramError, StorageError) as error:
            log.warning("a chore failed: %s", type(error).__name__)
        except Exception as error:  # a fault in a chore must not end the service
            log.exception("a chore failed: %s", type(error).__name__)
        await asyncio.sleep(seconds)


async def _together(work: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Run all; the first error ends the others and is raised."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        await _cancel(tasks)


async def _first(work: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Run all until one of them ends, and raise its error if it has one."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await _cancel(tasks)


async def _cancel(tasks: Sequence[asyncio.Task[object]]) -> None:
    """Cancel what still runs, and wait until it has ended; its errors were raised already."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
