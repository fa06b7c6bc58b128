"""A service that is started and killed over and over, as a process of its own, by test_crash.py.

    python serve_life.py HOME API_URL

Begins a life for each line of standard input: answers with the number of its process, and when
that is over with `killed` or `ended`. Lives are forked, so that each costs milliseconds.
"""

import asyncio
import os
import sys
from pathlib import Path

from bot.channels.serving import Serving, ServingParts
from bot.clock import SystemClock
from bot.responses import Responses
from bot.settings import Settings
from bot.storage.database import Database
from tests.bot.channels.bot_api import TOKEN
from tests.bot.channels.parrot import Parrot


def serve(home: Path, api_url: str) -> None:
    """Serve until told to stop."""
    database = Database(home / "linli.db", SystemClock(), "Asia/Shanghai")
    settings = Settings(
        _env_file=None,
        home=home,
        telegram_token=TOKEN,  # type: ignore[arg-type]
        telegram_api_url=api_url,
        operations_port=0,
        messages_per_minute=100_000,
        telegram_messages_per_second=1000.0,
        workers=4,
    )
    parts = ServingParts(
        settings, database, Responses.load(), lambda: Parrot(database), poll_seconds=1
    )
    asyncio.run(Serving(parts).run())


def live(home: Path, api_url: str) -> str:
    """One life, in a process of its own; how it ended."""
    child = os.fork()
    if child == 0:
        try:
            serve(home, api_url)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else "ended"


def main() -> None:
    """Live as often as one is told."""
    home, api_url = Path(sys.argv[1]), sys.argv[2]
    for _ in sys.stdin:
        print(live(home, api_url), flush=True)


if __name__ == "__main__":
    main()
