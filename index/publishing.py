"""Writing a snapshot so that nobody ever sees half of one, and removing those that nobody reads."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from index.errors import DamagedIndexError, MissingIndexError
from index.snapshot import (
    CURRENT,
    SNAPSHOT_NAME,
    Manifest,
    check_files,
    current_name,
    file_record,
    snapshot_name,
)

_WORKSPACE_PREFIX = ".new-"


@contextmanager
def writer_lock(root: Path, notice: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time write below `root`; others wait and say so. Raises OSError."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            notice("另一个程序正在改资料库，等它做完")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """An empty folder below `root`, gone in the end. Needs the writer's lock.

    Those that killed processes left are removed first: whoever holds the lock has no rival.
    """
    for left in root.glob(f"{_WORKSPACE_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_WORKSPACE_PREFIX, dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(root: Path, folder: Path, manifest: Manifest) -> str:
    """Turn the files of `folder` into a snapshot, make it the current one, return its name.

    Everything is on the disk before the switch, and checked as a reader would. Raises OSError.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    records = {path.relative_to(folder).as_posix(): file_record(path) for path in files}
    manifest = replace(manifest, files=records)
    data = manifest.to_json()
    (folder / "manifest.json").write_bytes(data)
    for path in (*files, folder / "manifest.json"):
        _sync(path)
    for path in (*folder.rglob("*/"), folder):
        _sync(path)
    name = snapshot_name(data)
    if (root / name).exists() and not _is_whole(root / name, manifest):
        (root / name).rename(Path(tempfile.mkdtemp(prefix=_WORKSPACE_PREFIX, dir=root)) / name)
    if not (root / name).exists():
        folder.rename(root / name)
        _sync(root)
    check_files(root / name, manifest)
    _switch(root, name)
    return name


def remove_unused(root: Path) -> None:
    """Remove the snapshots that are not current and that no reader has open.

    Those in use are left for the next time. Needs the writer's lock.
    """
    try:
        keep = current_name(root)
    except (MissingIndexError, DamagedIndexError):
        return
    for path in root.iterdir():
        if SNAPSHOT_NAME.fullmatch(path.name) and path.name != keep:
            _remove_unless_read(path)


def _remove_unless_read(path: Path) -> None:
    # Without a manifest, an earlier removal was interrupted after its first step.
    with suppress(FileNotFoundError), (path / "manifest.json").open("rb") as manifest:
        try:
            fcntl.flock(manifest, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        # The manifest goes first: a half-removed folder is no snapshot any more.
        (path / "manifest.json").unlink()
    shutil.rmtree(path, ignore_errors=True)


def _is_whole(path: Path, manifest: Manifest) -> bool:
    try:
        check_files(path, manifest)
        return (path / "manifest.json").read_bytes() == manifest.to_json()
    except (DamagedIndexError, OSError):
        return False


def _switch(root: Path, name: str) -> None:
    new = root / f"{CURRENT}.new"
    with new.open("w", encoding="ascii") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(root / CURRENT)
    _sync(root)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
