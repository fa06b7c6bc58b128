"""The channel against a server that speaks the Bot API, with an assistant of a few lines."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.channels.dispatcher import Handler
from bot.channels.serving import Serving, ServingParts
from bot.channels.upkeep import Upkeep
from bot.clock import SystemClock
from bot.responses import Responses
from bot.settings import Settings
from bot.storage.database import Database
from tests.bot.channels.bot_api import TOKEN, BotApi, bot_api
from tests.bot.channels.parrot import Parrot

Serve = Callable[..., "Running"]


class Running:
    """A service in a thread of its own."""

    def __init__(self, parts: ServingParts) -> None:
        self.serving: Serving | None = None
        self.error: BaseException | None = None
        self._parts = parts
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            self.serving = Serving(self._parts, handles_signals=False)
            await self.serving.run()

        try:
            asyncio.run(run())
        except BaseException as error:
            self.error = error

    def stop(self) -> None:
        """As SIGTERM does; the error that it ended with is kept."""
        if self._loop and self.serving and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.serving.stop)
        self._thread.join(15)
        assert not self._thread.is_alive()

    def join(self) -> BaseException | None:
        """Wait until it ends by itself; its error."""
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.error


@pytest.fixture
def api() -> Iterator[BotApi]:
    """A server that speaks the Bot API."""
    with bot_api() as server:
        yield server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    opened = Database(tmp_path / "linli.db", SystemClock(), "Asia/Shanghai")
    yield opened
    opened.close()


@pytest.fixture
def parrot(database: Database) -> Parrot:
    """The small assistant."""
    return Parrot(database)


def settings_for(api: BotApi, home: Path, **changes: object) -> Settings:
    """Settings that lead to the server of the test."""
    given: dict[str, object] = {
        "telegram_token": TOKEN,
        "telegram_api_url": api.url,
        "operations_port": 0,
        "messages_per_minute": 1000,
        "telegram_messages_per_second": 1000.0,
        "workers": 4,
    }
    return Settings(_env_file=None, home=home, **{**given, **changes})  # type: ignore[arg-type]


@contextmanager
def serving(
    settings: Settings,
    database: Database,
    handler: Handler | Callable[[], Handler],
    upkeep: Upkeep | None = None,
) -> Iterator[Running]:
    """A running service, with a handler or what builds one; stopped at the end."""
    responses = Responses.load()
    build = handler if callable(handler) else lambda: handler
    parts = ServingParts(settings, database, responses, build, upkeep, poll_seconds=1)
    running = Running(parts)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def service(api: BotApi, database: Database, parrot: Parrot, tmp_path: Path) -> Iterator[Running]:
    """The service with the small assistant."""
    with serving(settings_for(api, tmp_path), database, parrot) as running:
        yield running
