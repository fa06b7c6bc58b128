"""Nothing that was acknowledged is lost and no effect happens twice, wherever the process dies."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

WORKER = Path(__file__).with_name("crash_worker.py")
ROOT = Path(__file__).parents[3]
SCALE = int(os.environ.get("LINLI_CRASH_SCALE", "1"))
"""How many times longer the crash tests are than in everyday runs."""


def run(folder: Path, messages: int, workers: int, seed: int) -> int:
    """Let workers live and die over `messages` scripted messages; how often they were killed."""
    done = subprocess.run(
        [sys.executable, str(WORKER), str(folder), *map(str, (messages, workers, seed, SCALE))],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300 * SCALE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return int(json.loads(done.stdout)["killed"])


def check(folder: Path, messages: int) -> None:
    """Everything acknowledged has had its effects once, in order, and every reply went out."""
    acknowledged = set((folder / "acknowledged.log").read_text().split())
    assert acknowledged == {str(each) for each in range(messages)}
    with closing(sqlite3.connect(folder / "home" / "linli.db")) as connection:
        rows = connection.execute
        assert rows("PRAGMA integrity_check").fetchone() == ("ok",)
        assert rows("PRAGMA foreign_key_check").fetchone() is None
        assert rows("SELECT state, count(*) FROM inbox GROUP BY state").fetchall() == [
            ("done", messages)
        ]
        written = [row[0] for row in rows("SELECT description FROM proposals")]
        assert Counter(written) == {f"提案 {each}": 1 for each in range(0, messages, 3)}
        assert rows("SELECT count(DISTINCT code) FROM proposal_events").fetchone()[0] == len(
            written
        )
        assert rows("SELECT count(*) FROM proposal_events").fetchone()[0] == len(written)
        for conversation_id, state, version in rows(
            "SELECT conversation_id, state, version FROM conversations"
        ):
            expected = [str(each) for each in range(messages) if f"c{each % 23}" == conversation_id]
            assert json.loads(state) == expected
            assert version == len(expected)
        outbox = rows("SELECT id, conversation_id, state FROM outbox ORDER BY id").fetchall()
    assert {state for _, _, state in outbox} == {"sent"}
    assert len(outbox) == messages + len(written)
    sent = [json.loads(line) for line in (folder / "sent.log").read_text().splitlines()]
    first: dict[str, list[int]] = defaultdict(list)
    for line in sent:
        if line["id"] not in first[line["to"]]:
            first[line["to"]].append(line["id"])
    expected_order: dict[str, list[int]] = defaultdict(list)
    for number, conversation_id, _ in outbox:
        expected_order[conversation_id].append(number)
    assert first == expected_order


def test_a_process_killed_at_every_point_loses_nothing_and_repeats_nothing(home: Path) -> None:
    messages = 2400 * SCALE
    killed = run(home.parent, messages, workers=1, seed=1)
    check(home.parent, messages)
    assert killed >= 100 * SCALE
    print(f"{messages} messages, {killed} kills")
    lines = (home.parent / "sent.log").read_text().splitlines()
    # A reply goes out twice only when the process died between sending and noting it.
    assert len(lines) - len(set(lines)) <= killed


def test_two_processes_on_one_database_share_the_work(home: Path) -> None:
    messages = 900 * SCALE
    killed = run(home.parent, messages, workers=2, seed=2)
    check(home.parent, messages)
    assert killed >= 20 * SCALE
    print(f"{messages} messages, two processes, {killed} kills")
