"""Real SQLite files, on a RAM disk where there is one: what is tested is not the disk."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.storage.database import Database
from tests.bot.ram_disk import new_folder


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty place for a home folder, which is not made yet."""
    folder = new_folder()
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def clock() -> FixedClock:
    """Saturday evening in Shanghai, 21 November 2026."""
    return FixedClock(datetime(2026, 11, 21, 12, 30, tzinfo=UTC))


@pytest.fixture
def database(home: Path, clock: FixedClock) -> Iterator[Database]:
    """An empty database."""
    opened = Database(home / "linli.db", clock, "Asia/Shanghai")
    yield opened
    opened.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A RAM disk of 1 MB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "linli-test", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk takes the rights of a superuser")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)
