"""Killed at random moments under a flood: no update is lost and none has its effect twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.bot.channels.bot_api import BotApi, Failure

LIFE = Path(__file__).with_name("serve_life.py")
ROOT = Path(__file__).parents[3]
CHATS, MESSAGES, KILLS, BACKLOG = 12, 600, 30, 40
TROUBLE = (
    Failure(502, "Bad Gateway"),
    Failure(429, "Too Many Requests: retry after 1", retry_after=1),
    Failure(200, body=b"no JSON"),
)


def start(home: Path, api: BotApi, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command, str(home), api.url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # so that its children can be ended with it
    )


def flood(api: BotApi, stop: threading.Event) -> None:
    """Every third message is a proposal, some replies replace another, some calls fail.

    It keeps a little ahead of what is confirmed, so that each life takes in some of it.
    """
    for number in range(MESSAGES):
        api.say(1000 + number % CHATS, text_of(number))
        method = ("sendMessage", "getUpdates")[number % 2]
        if number % 45 == 0 and not api.fails(method):
            api.fail(method, TROUBLE[number // 45 % len(TROUBLE)])
        while number - max(0, api.confirmed - 1000) > BACKLOG and not stop.is_set():
            time.sleep(0.01)


def text_of(number: int) -> str:
    if number % 3 == 0:
        return f"提案 {number}"
    return f"summary m{number}" if number % 5 == 0 else f"m{number}"


def replies_missing(api: BotApi) -> set[str]:
    said = " ".join(call.values["text"] for call in api.sent())
    words = set(said.split())
    wanted = {str(number) if number % 3 == 0 else f"m{number}" for number in range(MESSAGES)}
    return wanted - words


def test_killed_at_random_points_under_a_flood(api: BotApi, tmp_path: Path) -> None:
    chance = random.Random(6)
    stop = threading.Event()
    lives = start(tmp_path, api, str(LIFE))
    flooding = threading.Thread(target=flood, args=(api, stop), daemon=True)
    try:
        flooding.start()
        for _ in range(KILLS):
            life = begin(lives)
            seen = api.requests + chance.randint(1, 2 * MESSAGES // KILLS)
            api.wait(lambda seen=seen: api.requests >= seen, 60)  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.02))
            os.kill(life, signal.SIGKILL)
            assert lives.stdout and lives.stdout.readline() == "killed\n"
        begin(lives)  # the last one lives until all is done
        flooding.join()
        api.wait(lambda: api.confirmed == 1000 + MESSAGES and not replies_missing(api), 90)
    finally:
        stop.set()
        os.killpg(lives.pid, signal.SIGKILL)
        lives.wait(5)
    check_effects(tmp_path)


def begin(lives: subprocess.Popen[str]) -> int:
    """Begin a life; the number of its process."""
    assert lives.stdin and lives.stdout
    lives.stdin.write("live\n")
    lives.stdin.flush()
    return int(lives.stdout.readline())


def check_effects(home: Path) -> None:
    """Each proposal stands once, in each conversation everything was handled once and in order."""
    with closing(sqlite3.connect(home / "linli.db")) as connection:
        rows = connection.execute
        written = Counter(row[0] for row in rows("SELECT description FROM proposals"))
        assert written == {f"提案 {number}": 1 for number in range(0, MESSAGES, 3)}
        assert rows("SELECT state, count(*) FROM inbox GROUP BY state").fetchall() == [
            ("done", MESSAGES)
        ]
        for chat in range(CHATS):
            (version,) = rows(
                "SELECT version FROM conversations WHERE conversation_id = ?", (str(1000 + chat),)
            ).fetchone()
            assert version == MESSAGES // CHATS


def test_sigterm_ends_it_in_seconds_with_the_answer_sent(api: BotApi, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from tests.bot.channels.serve_life import serve;"
    code += "serve(Path(sys.argv[1]), sys.argv[2])"
    process = start(tmp_path, api, "-c", code)
    try:
        api.say(1, "你好")
        api.wait(lambda: "1 你好" in api.texts(1), 30)
        api.say(1, "slow 一下")
        api.wait(lambda: api.confirmed == 1002, 10)
        time.sleep(0.2)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 6
        assert "2 slow 一下" in api.texts(1)
    finally:
        process.kill()
        process.wait()
