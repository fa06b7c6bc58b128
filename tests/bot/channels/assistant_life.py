"""The real assistant, started and killed over and over, for test_crash_assistant.py.

    python assistant_life.py HOME API_URL

Reads one line a life from standard input: seconds to live at most, and a point at which to end with
the pass through it, if any (`5.0 before send:3`). Answers `at the point`, `in time` or `ended`.
Lives are forked, so that each costs milliseconds and no model is loaded twice.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.channels.dispatcher import Handler
from bot.channels.serving import Serving, ServingParts
from bot.clock import SystemClock
from bot.commands.parts import Parts
from bot.messages import Message
from bot.responses import Responses
from bot.settings import Settings
from bot.storage.database import Database
from tests.bot.channels.bot_api import TOKEN
from tests.bot.channels.mortal import MortalDatabase, be_mortal

HEAVY = ("encoder", "embedded", "categories", "shipped_root", "finder")

MakeHandler = Callable[[Database], Handler]


def settings_of(home: Path, api_url: str) -> Settings:
    """Settings of a service without limits of pace."""
    return Settings(
        _env_file=None,
        home=home,
        telegram_token=TOKEN,  # type: ignore[arg-type]
        telegram_api_url=api_url,
        operations_port=0,
        messages_per_minute=100_000,
        telegram_messages_per_second=1000.0,
        workers=4,
    )


def real_assistant(settings: Settings) -> MakeHandler:
    """The real assistant; what is heavy is built now, what a process must own for itself later."""
    with tempfile.TemporaryDirectory() as folder:
        shared = Parts(settings.model_copy(update={"home": Path(folder)}))
        with shared:  # one report, so that all that is loaded at first need is loaded
            for number, text in enumerate(("东门的路灯坏了", "确认", "我的事怎么样了")):
                shared.assistant.handle(
                    Message(str(number), "console", "1", "1", "", text, shared.clock.now())
                )
        built = {name: getattr(shared, name) for name in HEAVY}

    def make(database: Database) -> Handler:
        parts = Parts(settings)
        parts.__dict__.update(built, database=database)
        return parts.assistant

    return make


def serve(home: Path, api_url: str, make: MakeHandler, point: str = "", passes: int = 0) -> None:
    """Serve until told to stop, or until the point where it is to end."""
    database = MortalDatabase(home / "linli.db", SystemClock(), "Asia/Shanghai")
    be_mortal(database, point, passes)
    parts = ServingParts(
        settings_of(home, api_url),
        database,
        Responses.load(),
        lambda: make(database),
        poll_seconds=1,
    )
    asyncio.run(Serving(parts).run())


def live(run: Callable[[], None], seconds: float) -> str:
    """One life, in a process of its own, that is killed after so many seconds at the latest."""
    child = os.fork()
    if child == 0:
        try:
            run()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    end = time.monotonic() + seconds
    ended, status = 0, 0
    while not ended and time.monotonic() < end:
        time.sleep(0.005)
        ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        return "at the point" if os.WIFSIGNALED(status) else "ended"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "in time"


def main() -> None:
    """Live as often as one is told."""
    home, api_url = Path(sys.argv[1]), sys.argv[2]
    make = real_assistant(settings_of(home, api_url))
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, _, end = line.strip().partition(" ")
        point, _, passes = end.partition(":")
        print(
            live(
                lambda p=point, n=passes: serve(home, api_url, make, p, int(n or 0)), float(seconds)
            ),  # type: ignore[misc]
            flush=True,
        )


if __name__ == "__main__":
    main()
