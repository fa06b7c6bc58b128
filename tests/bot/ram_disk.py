"""Folders for real SQLite files, on a RAM disk where there is one: the disk is not tested."""

import tempfile
from pathlib import Path

RAM_DISK = Path("/dev/shm")


def new_folder() -> Path:
    """An empty folder; who asks for it removes it."""
    parent = RAM_DISK if RAM_DISK.is_dir() else None
    return Path(tempfile.mkdtemp(prefix="linli-test-", dir=parent))
