"""The real assistant under SIGKILL at named points: no form, receipt or notice is lost or twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path

from bot.clock import SystemClock
from bot.storage.database import Database
from bot.storage.records import Role
from tests.bot.channels.bot_api import BotApi
from tests.bot.channels.mortal import POINTS

LIFE = Path(__file__).with_name("assistant_life.py")
ROOT = Path(__file__).parents[3]
SCALE = int(os.environ.get("LINLI_CRASH_SCALE", "1"))
"""How many times longer the crash tests are than in everyday runs."""

RESIDENTS, ROUNDS = 20 * SCALE, 2
PASSES, RANDOM_LIVES, BATCH = 2 * SCALE, 4 * SCALE, 8
WORKER = "77"


def start(home: Path, api: BotApi) -> subprocess.Popen[str]:
    """The process that forks the lives."""
    return subprocess.Popen(
        [sys.executable, str(LIFE), str(home), api.url],
        cwd=ROOT,
        # One thread an encoder: a pool of threads would not live on in a forked process.
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # so that its children can be ended with it
    )


def tell(lives: subprocess.Popen[str], line: str) -> str:
    """Let a life begin, and wait for its end."""
    assert lives.stdin
    assert lives.stdout
    lives.stdin.write(f"{line}\n")
    lives.stdin.flush()
    return lives.stdout.readline().strip()


def until_all_is_done(lives: subprocess.Popen[str]) -> None:
    """The last life goes on until it is ended from here."""
    assert lives.stdin
    lives.stdin.write("1000\n")
    lives.stdin.flush()


def report(number: int) -> tuple[str, ...]:
    """What a resident writes to report one matter, and then asks."""
    return (f"幸福路{number}号门口的路灯坏了{number}天", "不留电话", "确认", "我的事怎么样了")


def script() -> Iterator[tuple[int, str]]:
    """Every resident reports their matters, one after the other; all residents side by side."""
    for round_ in range(ROUNDS):
        for step in range(4):
            for resident in range(RESIDENTS):
                yield 5000 + resident, report(1 + resident * ROUNDS + round_)[step]


def say(api: BotApi, messages: Iterable[tuple[int, str]]) -> None:
    """Let residents write."""
    for resident, text in messages:
        api.say(resident, text)


def enrol_worker(home: Path) -> None:
    """One worker, who is told of every new proposal."""
    database = Database(home / "linli.db", SystemClock(), "Asia/Shanghai")
    with database.unit_of_work() as work:
        code = work.people.create_invite(Role.WORKER, "", timedelta(days=1))
        work.people.redeem(code, work.people.meet("telegram", WORKER, "李干事").id)
    database.close()


def plan(chance: random.Random) -> list[str]:
    """Lives that end at each point, early or late, and at random moments.

    In each life a batch of messages comes in, all at once, and then is handled one by one.
    """
    ends = [
        f"60 {point}:{1 if 'receive' in point else chance.randint(1, BATCH - 2)}"
        for point in POINTS
        for _ in range(PASSES)
    ]
    ends += [f"{chance.uniform(0.3, 1.2):.3f}" for _ in range(RANDOM_LIVES)]
    chance.shuffle(ends)
    return ends


def test_the_real_assistant_killed_at_every_point_keeps_every_form(
    api: BotApi, tmp_path: Path
) -> None:
    """Whole conversations, from the first words to the receipt and the notice to a worker."""
    enrol_worker(tmp_path)
    coming = script()
    lives = start(tmp_path, api)
    ends: Counter[str] = Counter()
    try:
        assert lives.stdout
        assert lives.stdout.readline() == "ready\n"
        for line in plan(random.Random(7)):
            say(api, islice(coming, BATCH))
            ends[f"{tell(lives, line)} {line.partition(' ')[2].partition(':')[0]}".strip()] += 1
        say(api, coming)
        until_all_is_done(lives)
        api.wait(lambda: nothing_is_left(tmp_path), 240)
    finally:
        os.killpg(lives.pid, signal.SIGKILL)
        lives.wait(5)
    assert {point: ends[f"at the point {point}"] for point in POINTS} == dict.fromkeys(
        POINTS, PASSES
    )
    assert ends["in time"] == RANDOM_LIVES
    check_reports(tmp_path, api, killed=ends.total())


def nothing_is_left(home: Path) -> bool:
    """Whether all that was said is handled and all that was answered is sent."""
    with closing(sqlite3.connect(home / "linli.db")) as connection:
        rows = connection.execute
        (handled,) = rows("SELECT count(*) FROM inbox WHERE state = 'done'").fetchone()
        (waiting,) = rows("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone()
    return bool(handled == 4 * ROUNDS * RESIDENTS and not waiting)


def check_reports(home: Path, api: BotApi, killed: int) -> None:
    """Each matter stands once, with its receipt, its notice and its answers, in order."""
    matters = ROUNDS * RESIDENTS
    with closing(sqlite3.connect(home / "linli.db")) as connection:
        rows = connection.execute
        assert rows("PRAGMA integrity_check").fetchone() == ("ok",)
        written = Counter(row[0] for row in rows("SELECT description FROM proposals"))
        assert written == {report(number)[0]: 1 for number in range(1, matters + 1)}
        events = rows("SELECT what, count(*) FROM proposal_events GROUP BY what").fetchall()
        assert events == [("created", matters)]
        states = rows("SELECT DISTINCT state FROM inbox").fetchall()
        assert states == [("done",)]
        answered = Counter(row[0] for row in rows("SELECT conversation_id FROM outbox"))
        codes = {row[0] for row in rows("SELECT code FROM proposals")}
    assert answered.pop(WORKER) == matters
    # One answer to each message, and what everybody is told at first contact.
    assert answered == {str(5000 + each): 4 * ROUNDS + 1 for each in range(RESIDENTS)}
    assert len(codes) == matters
    for resident in range(RESIDENTS):
        texts = list(dict.fromkeys(api.texts(5000 + resident)))  # what came twice, once
        receipts = [text for text in texts if text.startswith("报上去了")]
        assert len(receipts) == ROUNDS
    notices = Counter(text for text in api.texts(int(WORKER)) if "新提案" in text)
    assert {code for code in codes if any(code in text for text in notices)} == codes
    sent = matters + (4 * ROUNDS + 1) * RESIDENTS
    # Twice only what was on its way when the process died, one reply a conversation at most.
    assert sent <= len(api.sent()) <= sent + killed * (RESIDENTS + 1)
