"""A backup of everything that cannot be made again: the database, residents' files, and what was
imported or learnt (see `bot.storage.home`).

A ZIP archive with `manifest.json` (format, time, migrations, SHA-256 and size of each file),
`linli.db`, `attachments/…` and the home's other files by their names. It is taken while others
write: the copy of the database is one moment, files of residents never change once they have a row,
and each of the others is written by taking the place of the old one.
"""

import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from time import monotonic
from typing import Any

from sqlite_utils import Database as SqliteDatabase

from bot.clock import Clock
from bot.storage.database import Database
from bot.storage.encoding import iso
from bot.storage.errors import BackupError, DatabaseDamaged, DatabaseLocked, translate, translate_os
from bot.storage.home import INDEX_SWITCH, is_kept, kept_files
from bot.storage.migrations import migrations, unknown_migrations

FORMAT = 2
READABLE_FORMATS = (1, 2)
"""The first knew the database and residents' files alone."""

PATIENCE_SECONDS = 30.0
_BLOCK_BYTES = 1 << 20
_DATABASE = "linli.db"
_ATTACHMENTS = "attachments"
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done; `previous` is where the state before it was kept, if there was.

    `others` counts the files that are neither the database nor residents'.
    """

    proposals: int
    attachments: int
    previous: Path | None
    others: int = 0


def backup(database: Database, attachments: Path, file: Path, *, missing_ok: bool = False) -> int:
    """Write a backup to `file`, replacing it only when complete; the number of attachments.

    Raises BackupError when a file that a proposal names is missing (with `missing_ok` the manifest
    names it instead), StorageError when there is no room. Others may write meanwhile.
    """
    with _working_folder(file.parent) as folder:
        copy = folder / _DATABASE
        _copy_database(database.path, copy)
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # a single file, without its log
            paths = [row[0] for row in connection.execute("SELECT path FROM proposal_attachments")]
            applied = [each.name for each in migrations.applied(SqliteDatabase(connection))]
        sources = {path: attachments / Path(path).name for path in paths}
        missing = [path for path, source in sources.items() if not source.is_file()]
        if missing and not missing_ok:
            raise BackupError(f"附件缺失，备份没有完成：{sources[missing[0]]}")
        present = {_DATABASE: copy} | {p: s for p, s in sources.items() if p not in missing}
        archive = folder / "backup.zip"
        entries: dict[str, dict[str, Any]] = {}
        with (
            kept_files(database.path.parent) as others,
            zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened,
        ):
            for name, source in (present | others).items():
                entries[name] = _write(opened, name, source)
            manifest = {
                "format": FORMAT,
                "created_at": iso(database.clock.now()),
                "migrations": applied,
                "files": entries,
                "missing": missing,
            }
            opened.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        archive.chmod(0o600)
        _sync(archive)
        archive.replace(file)
    return len(present) - 1


def restore(
    file: Path,
    database_path: Path,
    attachments: Path,
    clock: Clock,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Restored:
    """Put the state of a backup in the place of what is there, after checking all of it.

    Checked first: every hash and size, SQLite's integrity and foreign keys, that this version
    knows its migrations, that no file is missing or would land elsewhere. What was there before is
    kept: as a backup beside the database, or, when there is no sound one, under other names. Files
    that the backup does not hold stay as they are. Files are
    copied first and the database is replaced in one transaction, so that a crash at any moment
    leaves the old state or the new one. A program that is running sees the restored state; one that
    writes for longer than `patience_seconds` stops it. Raises BackupError, DatabaseLocked.
    """
    with _working_folder(database_path.parent) as folder:
        names, missing = _unpack(file, folder)
        files = [name for name in names if _is_attachment(name)]
        others = [name for name in names if not _is_attachment(name)]
        proposals = _check_database(folder / _DATABASE, {*files, *missing})
        home = database_path.parent
        previous = _keep_previous(database_path, attachments, others, clock)
        try:
            attachments.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in files:
                (folder / name).replace(attachments / Path(name).name)
            for name in sorted(others, key=lambda each: each == INDEX_SWITCH):  # the switch last
                target = home / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (folder / name).replace(target)
        except OSError as error:
            raise translate_os(error, home) from error
        _copy_database(folder / _DATABASE, database_path, patience_seconds)
    return Restored(proposals, len(files), previous, len(others))


@contextmanager
def _working_folder(parent: Path) -> Iterator[Path]:
    """A folder beside the target, so that a finished file can be moved into place."""
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=parent))
    except OSError as error:
        raise translate_os(error, parent) from error
    try:
        yield folder
    except sqlite3.Error as error:
        raise translate(error, parent) from error
    except OSError as error:
        raise translate_os(error, parent) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_database(source: Path, target: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Copy a database as it is at one moment, in one transaction of the target."""
    target.touch(mode=0o600)
    deadline = monotonic() + patience_seconds

    def check(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and monotonic() > deadline:
            raise DatabaseLocked(f"数据库正被其他程序占用，请停止后重试：{target}")

    with (
        closing(sqlite3.connect(source)) as origin,
        closing(sqlite3.connect(target, timeout=0.1)) as copy,
    ):
        origin.backup(copy, progress=check)


def _unpack(file: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Unpack and compare everything with the manifest.

    The names of all files but the database, and of the attachments that were missing when the
    backup was made.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            if manifest["format"] not in READABLE_FORMATS:
                raise BackupError(f"不认识这种备份格式（{manifest['format']}）：{file}")
            files: dict[str, dict[str, Any]] = manifest["files"]
            if set(archive.namelist()) != {*files, _MANIFEST}:
                raise BackupError(f"备份内容与清单不一致，没有恢复：{file}")
            for name, expected in files.items():
                if name != _DATABASE and not _is_attachment(name) and not is_kept(name):
                    raise BackupError(f"备份中有可疑的文件名，没有恢复：{name}")
                unpacked = Path(archive.extract(name, folder))
                if (
                    unpacked.stat().st_size != expected["bytes"]
                    or _digest(unpacked) != expected["sha256"]
                ):
                    raise BackupError(f"备份已损坏（{name}），没有恢复：{file}")
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"这不是完好的邻里备份，没有恢复：{file}") from error
    except FileNotFoundError as error:
        raise BackupError(f"找不到备份文件：{file}") from error
    if _DATABASE not in files:
        raise BackupError(f"备份中没有数据库，没有恢复：{file}")
    return [name for name in files if name != _DATABASE], list(manifest["missing"])


def _check_database(path: Path, attachments: set[str]) -> int:
    """Raise BackupError unless the database is sound; the number of its proposals."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            if not sound or broken:
                raise BackupError("备份中的数据库已损坏，没有恢复。")
            if unknown := unknown_migrations(SqliteDatabase(connection)):
                raise BackupError(f"备份来自更新版本的程序（{unknown[-1]}），请升级后再恢复。")
            named = {row[0] for row in connection.execute("SELECT path FROM proposal_attachments")}
            if named - attachments:
                raise BackupError("备份缺少附件，没有恢复。")
            return int(connection.execute("SELECT count(*) FROM proposals").fetchone()[0])
        except sqlite3.DatabaseError as error:
            raise BackupError("备份中的数据库已损坏，没有恢复。") from error


def _keep_previous(
    database_path: Path, attachments: Path, others: list[str], clock: Clock
) -> Path | None:
    """Keep what stands in the place of the restored state."""
    stamp = f"{clock.now():%Y%m%dT%H%M%SZ}"
    if not database_path.exists():
        return _set_aside(database_path.parent, others, stamp)
    try:
        present = Database(database_path, clock, "UTC")
    except DatabaseDamaged:
        aside = database_path.with_name(f"{database_path.name}.damaged-{stamp}")
        database_path.replace(aside)
        for suffix in ("-wal", "-shm"):
            Path(f"{database_path}{suffix}").unlink(missing_ok=True)
        _set_aside(database_path.parent, others, stamp)
        return aside
    try:
        kept = database_path.with_name(f"before-restore-{stamp}.zip")
        backup(present, attachments, kept, missing_ok=True)
        return kept
    finally:
        present.close()


def _set_aside(home: Path, names: list[str], stamp: str) -> Path | None:
    """Copy the files that will be replaced into a folder of their own; the folder, if any were."""
    folder = home / f"before-restore-{stamp}"
    standing = [name for name in names if (home / name).is_file()]
    for name in standing:
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(home / name, folder / name)
    return folder if standing else None


def _is_attachment(name: str) -> bool:
    """Whether a name in an archive is that of a file directly in the folder of attachments."""
    folder, slash, file = name.partition("/")
    return (
        folder == _ATTACHMENTS
        and bool(slash)
        and file not in ("", ".", "..")
        and (Path(file).name == file)
    )


def _write(archive: zipfile.ZipFile, name: str, source: Path) -> dict[str, Any]:
    """Put a file into the archive; what the manifest says of the bytes that were read."""
    digest, size = sha256(), 0
    with source.open("rb") as file, archive.open(name, "w", force_zip64=True) as entry:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            entry.write(block)
            size += len(block)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
