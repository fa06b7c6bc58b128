"""Real SQLite files, on a RAM disk where there is one: what is tested is not the disk."""

import shutil
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
