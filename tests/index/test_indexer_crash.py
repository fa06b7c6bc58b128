"""Killed, shared between processes, or damaged, the index is whole or made anew."""

import fcntl
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from index.encoder import Encoder
from index.indexer import Indexer
from index.snapshot import current_name
from knowledge.document import Document
from tests.index.homes import Build, held, names_below

PROJECT = Path(__file__).parents[2]


PREAMBLE = """
import os, runpy, signal, sys
from pathlib import Path
from index.indexer import Indexer
from knowledge.document import Document
CountingEncoder = runpy.run_path("tests/index/conftest.py")["CountingEncoder"]
root = Path(sys.argv[1])
"""


KILLED = """
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(function):
    def run(*args, **kwargs):
        function(*args, **kwargs)
        die()
    return run

stages = {
    "encoding": lambda: setattr(CountingEncoder, "encode_document", die),
    "syncing": lambda: setattr(os, "fsync", die),
    "before the rename": lambda: setattr(Path, "rename", die),
    "after the rename": lambda: setattr(Path, "rename", then_die(Path.rename)),
    "before the switch": lambda: setattr(Path, "replace", die),
    "after the switch": lambda: setattr(Path, "replace", then_die(Path.replace)),
}
for stage, prepare in stages.items():
    indexer = Indexer(root / stage, CountingEncoder())
    indexer.add([Document("old", "", "路灯。")])
    if not (child := os.fork()):
        prepare()
        indexer.add([Document("new", "", "电梯。")])
        os._exit(0)
    print(stage, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), sep=":")
"""


def run(script: str, root: Path) -> str:
    command = [sys.executable, "-c", PREAMBLE + script, str(root)]
    return subprocess.run(command, cwd=PROJECT, check=True, text=True, capture_output=True).stdout


def test_killed_at_any_stage_the_index_is_the_old_or_the_new_one(
    root: Path, encoder: Encoder
) -> None:
    lines = run(KILLED, root).splitlines()
    assert len(lines) == 6
    for line in lines:
        stage, code = line.split(":")
        assert int(code) == -signal.SIGKILL
        here = root / stage
        assert set(held(here)) == ({"old", "new"} if stage == "after the switch" else {"old"})
        Indexer(here, encoder).add([Document("new", "", "电梯。")])
        assert set(held(here)) == {"old", "new"}
        assert names_below(here) == {current_name(here), "current", "lock", "encoded.sqlite"}


TWO = """
children = []
for name in "ab":
    if not (child := os.fork()):
        indexer = Indexer(root, CountingEncoder())
        for number in range(5):
            indexer.add([Document(f"{name}{number}", "", f"{name}的第{number}盏路灯。")])
        os._exit(0)
    children.append(child)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
"""


def test_two_processes_lose_nothing_of_each_other(root: Path) -> None:
    run(TWO, root)
    assert set(held(root)) == {f"{name}{number}" for name in "ab" for number in range(5)}


def test_who_waits_says_so(root: Path, encoder: Encoder, document: Build) -> None:
    notices: list[str] = []
    noticed = threading.Event()

    def notice(text: str) -> None:
        notices.append(text)
        noticed.set()

    root.mkdir()
    with (root / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(
            target=Indexer(root, encoder, notice=notice).add, args=([document("a")],)
        )
        waiting.start()
        assert noticed.wait(10)
        assert "另一个程序" in notices[0]
        assert "current" not in names_below(root)
    waiting.join(10)
    assert set(held(root)) == {"a"}


LOSES_DOCUMENTS = {"documents.jsonl"}


def test_an_index_with_any_damaged_file_is_made_anew(
    indexer: Indexer, root: Path, encoder: Any, document: Build
) -> None:
    documents = [document("a"), document("b"), document("c")]
    indexer.add(documents)
    name = current_name(root)
    files = [path.relative_to(root) for path in (root / name).rglob("*") if path.is_file()]
    for file in files:
        encoder.encoded.clear()
        (root / file).write_bytes((root / file).read_bytes()[:-1] + b"?")
        report = indexer.refresh()
        assert file.name in report.reasons[0]
        if file.name in LOSES_DOCUMENTS:
            assert report.lost == ("c",)
            assert set(held(root)) == {"a", "b"}
            indexer.add(documents)
        assert report.lost == () or file.name in LOSES_DOCUMENTS
        assert current_name(root) == name
        assert held(root) == {document.id: document.text for document in documents}
        touched = {"manifest.json", "keys.npy", "vectors.npy"}
        touched |= {"sentence_keys.npy", "sentence_vectors.npy"}
        if file.name not in touched | LOSES_DOCUMENTS:
            assert encoder.encoded == []


@pytest.mark.parametrize("current", ["", "nonsense", "0" * 32])
def test_a_lost_current_file_is_found_again(
    indexer: Indexer, root: Path, document: Build, current: str
) -> None:
    indexer.add([document("a")])
    name = current_name(root)
    (root / "current").write_text(current)
    assert indexer.is_stale()
    indexer.refresh()
    assert current_name(root) == name


def test_an_index_that_is_all_gone_starts_again(
    indexer: Indexer, root: Path, document: Build
) -> None:
    indexer.add([document("a")])
    shutil.rmtree(root / current_name(root))
    indexer.add([document("b")])
    assert set(held(root)) == {"b"}


def test_a_damaged_store_of_encoded_texts_costs_only_time(
    indexer: Indexer, root: Path, document: Build
) -> None:
    root.mkdir()
    (root / "encoded.sqlite").write_bytes(b"no database" * 1_000)
    assert indexer.add([document("a")]).encoded == 2
    assert set(held(root)) == {"a"}
