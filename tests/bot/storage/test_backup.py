import json
import secrets
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.messages import Reply
from bot.storage.backup import backup, restore
from bot.storage.database import Database
from bot.storage.errors import BackupError, DatabaseLocked, DiskFull, HomeUnwritable
from bot.storage.home import kept_files
from bot.storage.records import Proposal, Stage, StoredFile, Urgency
from index.encoders import create_encoder
from index.indexer import Indexer
from index.snapshot import Snapshot
from knowledge.loaders import build_document

ZONE = "Asia/Shanghai"


@pytest.fixture
def attachments(database: Database) -> Path:
    """The folder of files, with one file of the one proposal in the database."""
    folder = database.path.parent / "attachments"
    folder.mkdir()
    content = b"a photo of a lamp"
    (folder / "lamp.jpg").write_bytes(content)
    file = StoredFile(
        "attachments/lamp.jpg", sha256(content).hexdigest(), "image/jpeg", len(content)
    )
    with database.unit_of_work() as unit:
        code = unit.proposals.next_code(unit.now.date())
        unit.proposals.add(proposal(code, unit.now))
        unit.proposals.attach(code, file)
    return folder


def proposal(code: str, now: object) -> Proposal:
    return Proposal(
        code, "路灯", "路灯坏了", "", Urgency.GENERAL, "3栋", "", "", None, None, None, None, None,
        Stage.RAISED, "", "console", now, now,  # type: ignore[arg-type]
    )  # fmt: skip


def codes(path: Path, clock: FixedClock) -> list[str]:
    database = Database(path, clock, ZONE)
    with database.read() as unit:
        found = [each.code for each in unit.proposals.find()]
    database.close()
    return found


def test_a_backup_brings_everything_back_on_another_machine(
    database: Database, attachments: Path, home: Path, clock: FixedClock
) -> None:
    file = home.parent / "backups" / "linli.zip"
    assert backup(database, attachments, file) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    elsewhere = home.parent / "elsewhere"
    restored = restore(file, elsewhere / "linli.db", elsewhere / "attachments", clock)
    assert (restored.proposals, restored.attachments, restored.previous) == (1, 1, None)
    assert codes(elsewhere / "linli.db", clock) == ["P20261121-0001"]
    assert (elsewhere / "attachments" / "lamp.jpg").read_bytes() == b"a photo of a lamp"
    assert stat.S_IMODE((elsewhere / "linli.db").stat().st_mode) == 0o600
    left = {each.name for each in elsewhere.iterdir()} - {"linli.db-wal", "linli.db-shm"}
    assert left == {"linli.db", "attachments"}


@pytest.fixture
def others(home: Path) -> dict[str, bytes]:
    """The files of a home that are neither the database nor residents', by name."""
    encoder = create_encoder("bundled")
    text = "小区停车公约\n访客车辆停放不超过两个小时。"
    Indexer(home / "index", encoder).add([build_document("parking", text, "小区停车公约")])
    written = {
        "communities.yml": "- name: 南湖社区\n",
        "services.json": "{}",
        "resources.json": "[]",
        "answers.jsonl": "",
        "documents/小区停车公约.md": text,
        "categories/model.json": "{}",
        ".env": "LINLI_TELEGRAM_TOKEN=1:secret",
        "exports/week.csv": "code",
        "index/encoded.sqlite": "cache",
    }
    for name, content in written.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(content, "utf-8")
    with kept_files(home) as files:
        return {name: path.read_bytes() for name, path in files.items()}


def test_a_backup_brings_back_what_was_imported_and_learnt(
    database: Database, attachments: Path, others: dict[str, bytes], home: Path, clock: FixedClock
) -> None:
    file, elsewhere = home.parent / "linli.zip", home.parent / "elsewhere"
    assert backup(database, attachments, file) == 1
    restored = restore(file, elsewhere / "linli.db", elsewhere / "attachments", clock)
    assert (restored.attachments, restored.others) == (1, len(others))
    present = {p.relative_to(elsewhere).as_posix() for p in elsewhere.rglob("*") if p.is_file()}
    database_files = {"linli.db", "linli.db-wal", "linli.db-shm"}
    assert present - database_files == {*others, "attachments/lamp.jpg"}
    assert {name: (elsewhere / name).read_bytes() for name in others} == others
    assert {"communities.yml", "documents/小区停车公约.md", "index/current"} < set(others)
    opened = Snapshot.open_current(elsewhere / "index")
    assert "两个小时" in opened.documents["parking"].text
    opened.close()


def test_what_was_imported_meanwhile_is_kept(
    database: Database, attachments: Path, others: dict[str, bytes], home: Path, clock: FixedClock
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)
    (home / "communities.yml").write_text("- name: 北湖社区\n", "utf-8")
    restored = restore(file, database.path, attachments, clock)
    assert (home / "communities.yml").read_bytes() == others["communities.yml"]
    assert restored.previous is not None
    with zipfile.ZipFile(restored.previous) as archive:
        assert "北湖" in archive.read("communities.yml").decode()
    fresh = home.parent / "fresh"  # files, but no database yet
    fresh.mkdir()
    (fresh / "communities.yml").write_text("- name: 北湖社区\n", "utf-8")
    restored = restore(file, fresh / "linli.db", fresh / "attachments", clock)
    assert restored.previous is not None
    assert "北湖" in (restored.previous / "communities.yml").read_text("utf-8")


def test_a_damaged_index_does_not_stop_a_backup(
    database: Database, attachments: Path, others: dict[str, bytes], home: Path, clock: FixedClock
) -> None:
    damaged = next(home / name for name in others if name.endswith("/vectors.npy"))
    damaged.write_bytes(b"damaged")
    file, elsewhere = home.parent / "linli.zip", home.parent / "elsewhere"
    backup(database, attachments, file)
    restore(file, elsewhere / "linli.db", elsewhere / "attachments", clock)
    report = Indexer(elsewhere / "index", create_encoder("bundled")).refresh()
    assert report.lost == ()
    opened = Snapshot.open_current(elsewhere / "index")
    assert "parking" in opened.documents
    opened.close()


def test_a_backup_of_an_earlier_version_is_restored(
    database: Database, attachments: Path, others: dict[str, bytes], home: Path, clock: FixedClock
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)

    def as_before(content: dict[str, bytes]) -> None:
        manifest = json.loads(content["manifest.json"])
        manifest["format"] = 1
        for name in others:
            del content[name], manifest["files"][name]
        content["manifest.json"] = json.dumps(manifest).encode()

    rewrite(file, as_before)
    (home / "communities.yml").write_text("- name: 北湖社区\n", "utf-8")
    restored = restore(file, database.path, attachments, clock)
    assert (restored.proposals, restored.attachments, restored.others) == (1, 1, 0)
    assert "北湖" in (home / "communities.yml").read_text("utf-8")


def test_restoring_keeps_what_was_there(
    database: Database, attachments: Path, home: Path, clock: FixedClock
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)
    with database.unit_of_work() as unit:
        unit.proposals.add(proposal(unit.proposals.next_code(unit.now.date()), unit.now))
    (attachments / "lamp.jpg").unlink()  # lost: the reason for restoring
    restored = restore(file, database.path, attachments, clock)
    with database.read() as unit:  # a program that is running sees the restored state
        assert [each.code for each in unit.proposals.find()] == ["P20261121-0001"]
    assert (attachments / "lamp.jpg").exists()
    assert restored.previous is not None
    clock.advance(timedelta(seconds=1))
    restore(restored.previous, database.path, attachments, clock)
    assert codes(database.path, clock) == ["P20261121-0001", "P20261121-0002"]


def test_a_damaged_database_is_set_aside(
    database: Database, attachments: Path, home: Path, clock: FixedClock
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)
    database.close()
    database.path.write_bytes(b"no database any more" * 100)
    restored = restore(file, database.path, attachments, clock)
    assert restored.previous is not None
    assert restored.previous.read_bytes().startswith(b"no database any more")
    assert codes(database.path, clock) == ["P20261121-0001"]


def test_a_backup_while_others_write_is_one_moment(
    database: Database, attachments: Path, home: Path, clock: FixedClock
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with database.unit_of_work() as unit:  # always two replies at once
                unit.outbox.add("console", "a", Reply(f"{number} 一"))
                unit.outbox.add("console", "a", Reply(f"{number} 二"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for each in range(5):
            file = home.parent / f"{each}.zip"
            backup(database, attachments, file)
            elsewhere = home.parent / f"restored-{each}"
            restore(file, elsewhere / "linli.db", elsewhere / "attachments", clock)
            with closing(sqlite3.connect(elsewhere / "linli.db")) as connection:
                (replies,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
            assert replies % 2 == 0
    finally:
        stop.set()
        writer.join()


def test_a_missing_file_stops_a_backup_and_leaves_the_old_one(
    database: Database, attachments: Path, home: Path
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)
    before = file.read_bytes()
    (attachments / "lamp.jpg").unlink()
    with pytest.raises(BackupError, match=r"lamp\.jpg"):
        backup(database, attachments, file)
    assert file.read_bytes() == before
    assert backup(database, attachments, file, missing_ok=True) == 0


def test_a_place_that_cannot_be_written_is_reported(
    database: Database, attachments: Path, home: Path
) -> None:
    (home.parent / "file").write_text("not a folder")
    with pytest.raises(HomeUnwritable):
        backup(database, attachments, home.parent / "file" / "linli.zip")


def test_a_full_disk_leaves_the_old_backup(
    database: Database, attachments: Path, small_disk: Path, clock: FixedClock
) -> None:
    file = small_disk / "linli.zip"
    backup(database, attachments, file)
    before = file.read_bytes()
    with database.unit_of_work() as unit:
        for _ in range(400):
            unit.outbox.add("console", "a", Reply(secrets.token_hex(1500)))
    with pytest.raises(DiskFull):
        backup(database, attachments, file)
    assert file.read_bytes() == before
    assert [path.name for path in small_disk.iterdir()] == ["linli.zip"]


def rewrite(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Change what is in an archive, and leave the manifest's hashes as they are."""
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    change(content)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def with_manifest(content: dict[str, bytes], name: str, data: bytes) -> None:
    """Put a file in, with a manifest that vouches for it."""
    content[name] = data
    manifest = json.loads(content["manifest.json"])
    manifest["files"][name] = {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
    content["manifest.json"] = json.dumps(manifest).encode()


def newer(content: dict[str, bytes]) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content["linli.db"])
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('linli', 'm999', '')"
        )
        connection.commit()
        with_manifest(content, "linli.db", connection.serialize())


def without_attachment(content: dict[str, bytes]) -> None:
    del content["attachments/lamp.jpg"]
    manifest = json.loads(content["manifest.json"])
    del manifest["files"]["attachments/lamp.jpg"]
    content["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update({"attachments/lamp.jpg": b"another photo of x"}), "已损坏"),
        (lambda c: c.update({"attachments/lamp.jpg": b"a photo of a LAMP"}), "已损坏"),
        (lambda c: c.update({"linli.db": c["linli.db"][:-1]}), "已损坏"),
        (lambda c: c.update({"extra": b""}), "清单"),
        (lambda c: c.pop("attachments/lamp.jpg"), "清单"),
        (lambda c: c.update({"manifest.json": b"{}"}), "完好"),
        (lambda c: c.update({"manifest.json": b"\xff\xfe"}), "完好"),
        (lambda c: with_manifest(c, "linli.db", b"\0" * 5000), "数据库已损坏"),
        (lambda c: with_manifest(c, "../../escaped", b"x"), "可疑"),
        (lambda c: with_manifest(c, "attachments/sub/x", b"x"), "可疑"),
        (lambda c: with_manifest(c, "attachments/..", b"x"), "可疑"),
        (lambda c: with_manifest(c, "/attachments/x", b"x"), "可疑"),
        (lambda c: with_manifest(c, ".env", b"x"), "可疑"),
        (lambda c: with_manifest(c, "documents/../.env", b"x"), "可疑"),
        (lambda c: with_manifest(c, "index/elsewhere/x", b"x"), "可疑"),
        (lambda c: c.update({"communities.yml": b"- x"}), "清单"),
        (newer, "m999"),
        (without_attachment, "缺少附件"),
    ],
)
def test_a_backup_that_is_not_sound_replaces_nothing(
    database: Database,
    attachments: Path,
    home: Path,
    clock: FixedClock,
    change: Callable[[dict[str, bytes]], None],
    words: str,
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)
    rewrite(file, change)
    with database.unit_of_work() as unit:
        unit.proposals.add(proposal(unit.proposals.next_code(unit.now.date()), unit.now))
    before = {path.name for path in home.iterdir()}
    with pytest.raises(BackupError, match=words):
        restore(file, database.path, attachments, clock)
    with database.read() as unit:
        assert unit.proposals.count() == 2
    assert {path.name for path in home.iterdir()} == before
    assert not (home.parent / "escaped").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x05\x06" + b"\0" * 18])
def test_another_file_is_no_backup(home: Path, clock: FixedClock, content: bytes) -> None:
    home.mkdir()
    file = home / "linli.zip"
    file.write_bytes(content)
    with pytest.raises(BackupError, match="完好"):
        restore(file, home / "linli.db", home / "attachments", clock)
    assert not (home / "linli.db").exists()


def test_a_file_that_is_not_there_is_no_backup(home: Path, clock: FixedClock) -> None:
    with pytest.raises(BackupError, match="找不到"):
        restore(home / "gone.zip", home / "linli.db", home / "attachments", clock)


def test_restoring_gives_up_when_another_program_keeps_writing(
    database: Database, attachments: Path, home: Path, clock: FixedClock
) -> None:
    file = home.parent / "linli.zip"
    backup(database, attachments, file)
    with database.unit_of_work() as unit, pytest.raises(DatabaseLocked):
        unit.people.meet("console", "1")
        restore(file, database.path, attachments, clock, patience_seconds=0.2)
    with database.read() as unit:
        assert unit.proposals.count() == 1
