"""Told to stop, it does not wait for what takes long, and loses nothing by it."""

import subprocess
import sys
import threading
from pathlib import Path

from bot.channels.dispatcher import Handler
from bot.storage.database import Database
from tests.bot.channels.bot_api import BotApi
from tests.bot.channels.conftest import serving, settings_for
from tests.bot.channels.parrot import Parrot

ROOT = Path(__file__).parents[3]


def test_it_stops_while_what_understands_is_still_being_loaded(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    loaded = threading.Event()

    def load() -> Handler:
        loaded.wait(60)
        return parrot

    with serving(settings_for(api, tmp_path), database, load) as running:
        api.say(5, "你好")
        api.wait(lambda: api.confirmed == 1001)
        running.stop()
    loaded.set()
    assert running.error is None
    with database.read() as rows:
        assert rows.inbox.depth("telegram")["pending"] == 1
    with serving(settings_for(api, tmp_path), database, parrot):
        api.wait(lambda: "1 你好" in api.texts(5))


def test_the_process_ends_although_a_thread_is_at_work() -> None:
    code = "import threading, time; from bot.commands.serve import leave;"
    code += "threading.Thread(target=time.sleep, args=(600,)).start(); leave()"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == 0
