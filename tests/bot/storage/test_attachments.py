import os
import stat
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from bot.messages import Attachment, Location
from bot.storage.attachments import AttachmentStore
from bot.storage.database import Database
from bot.storage.errors import DiskFull, HomeUnwritable, UnacceptableFile
from bot.storage.photos import location_of
from bot.storage.records import StoredFile
from tests.bot.pictures import picture


@pytest.fixture
def store(home: Path) -> AttachmentStore:
    return AttachmentStore(home / "attachments", limit_megabytes=0.5)


def sent(home: Path, content: bytes, name: str = "照片.jpg") -> Attachment:
    """A file as a channel has fetched it."""
    home.mkdir(exist_ok=True)
    path = home / "fetched"
    path.write_bytes(content)
    return Attachment(str(path), "application/x-what-the-sender-claims", name)


def test_a_photo_is_stored_under_a_random_name(home: Path, store: AttachmentStore) -> None:
    attachment = sent(home, picture(), "../../路灯.exe")
    file, again = store.keep(attachment).file, store.keep(attachment).file
    assert file.path != again.path
    assert file.path.startswith("attachments/")
    assert file.path.endswith(".jpg")
    assert (file.mime, file.name) == ("image/jpeg", "../../路灯.exe")
    content = store.path(file).read_bytes()
    assert (file.bytes, file.sha256) == (len(content), sha256(content).hexdigest())
    assert b"secret" not in content
    assert stat.S_IMODE(store.path(file).stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_where_a_photo_was_taken_is_told_beside_the_copy(
    home: Path, store: AttachmentStore
) -> None:
    kept = store.keep(sent(home, picture()))
    assert kept.location == Location(30 + 35 / 60 + 1 / 3600, 114 + 17 / 60 + 2 / 3600)
    assert location_of(store.path(kept.file).read_bytes()) is None


def test_documents_are_taken_by_their_content(home: Path, store: AttachmentStore) -> None:
    word = BytesIO()
    Document().save(word)
    assert store.keep(sent(home, word.getvalue(), "a.txt")).file.path.endswith(".docx")
    assert store.keep(sent(home, b"%PDF-1.7\n...")).file.mime == "application/pdf"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just words",
        b"MZ\x90\x00 a program called photo.jpg",
        b"\x7fELF" + b"\0" * 60,
        b"<svg onload='alert(1)'></svg>",
        b"PK\x03\x04" + b"\0" * 60,
        b"\0\0\0\x18ftypheic" + b"\0" * 60,
    ],
)
def test_other_content_is_refused_whatever_it_is_called(
    home: Path, store: AttachmentStore, content: bytes
) -> None:
    with pytest.raises(UnacceptableFile, match="unknown_type"):
        store.keep(sent(home, content))


def test_what_is_too_big_is_refused(home: Path, store: AttachmentStore) -> None:
    with pytest.raises(UnacceptableFile, match="too_large") as refused:
        store.keep(sent(home, picture() + b"\0" * 500_000))
    assert refused.value.slots == {"megabytes": "0.5"}


def test_what_is_not_there_is_refused(home: Path, store: AttachmentStore) -> None:
    with pytest.raises(UnacceptableFile, match="missing"):
        store.keep(Attachment(str(home / "gone")))


@pytest.mark.parametrize("cut", [20, 200, 700])
def test_a_broken_photo_is_refused(home: Path, store: AttachmentStore, cut: int) -> None:
    with pytest.raises(UnacceptableFile, match="broken_photo"):
        store.keep(sent(home, picture()[:cut]))


def test_a_folder_that_cannot_be_made_is_reported(home: Path) -> None:
    attachment = sent(home, picture())
    (home / "file").write_text("not a folder")
    with pytest.raises(HomeUnwritable):
        AttachmentStore(home / "file" / "attachments").keep(attachment)


def test_a_full_disk_is_reported_and_leaves_nothing_behind(home: Path, small_disk: Path) -> None:
    store = AttachmentStore(small_disk / "attachments")
    attachment = sent(home, picture(hidden=False) + b"\0" * 400_000)
    with pytest.raises(DiskFull, match="磁盘已满"):
        for _ in range(5):
            store.keep(attachment)
    stored = [path.stat().st_size for path in store.folder.iterdir()]
    assert 1 <= len(stored) <= 2
    assert len(set(stored)) == 1


def test_only_old_files_that_nobody_names_are_swept(
    home: Path, store: AttachmentStore, database: Database
) -> None:
    attachment = sent(home, picture())
    files = [store.keep(attachment).file for _ in range(4)]
    drafted, new, lost, removed = files
    for file in (drafted, lost):
        os.utime(store.path(file), (1, 1))
    store.remove(removed)
    store.remove(removed)
    with database.unit_of_work() as unit:
        unit.conversations.save("console", "a", f'{{"file": "{drafted.path}"}}', 0)
        before = unit.now - timedelta(days=365 * 50)
        assert store.sweep(unit, before) == 1
    assert [store.path(file).exists() for file in files] == [True, True, False, False]
    assert new.path


def test_there_may_be_nothing_to_sweep(store: AttachmentStore, database: Database) -> None:
    with database.read() as unit:
        assert store.sweep(unit, unit.now) == 0


def test_a_path_never_leaves_the_folder(store: AttachmentStore) -> None:
    file = StoredFile("attachments/a.jpg", "", "image/jpeg", 0)
    escaping = replace(file, path="../../etc/passwd")
    assert store.path(escaping) == store.folder / "passwd"
