import os
import stat
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from bot.messages import Attachment
from bot.storage.attachments import AttachmentStore, without_metadata
from bot.storage.database import Database
from bot.storage.errors import DiskFull, HomeUnwritable, UnacceptableFile
from bot.storage.records import StoredFile

PLACE = {1: "N", 2: (30.0, 35.0, 1.0), 3: "E", 4: (114.0, 17.0, 2.0)}


def picture(form: str = "JPEG", *, hidden: bool = True, **options: Any) -> bytes:
    """A small picture with a place, a camera and an orientation in its hidden data."""
    image = Image.effect_noise((64, 48), 50).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Model] = "secret camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(PLACE)
    content = BytesIO()
    image.save(content, form, **({"exif": exif} if hidden else {}), **options)
    return content.getvalue()


@pytest.fixture
def store(home: Path) -> AttachmentStore:
    return AttachmentStore(home / "attachments", limit_megabytes=0.5)


def sent(home: Path, content: bytes, name: str = "照片.jpg") -> Attachment:
    """A file as a channel has fetched it."""
    home.mkdir(exist_ok=True)
    path = home / "fetched"
    path.write_bytes(content)
    return Attachment(str(path), "application/x-what-the-sender-claims", name)


def test_the_fixture_really_hides_a_place() -> None:
    gps = Image.open(BytesIO(picture())).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert gps[2] == PLACE[2]


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"comment": "secret comment", "quality": 85}),
        ("JPEG", {"xmp": b"<x:xmpmeta>secret place</x:xmpmeta>"}),
        ("PNG", {}),
        ("WEBP", {"xmp": b"<x:xmpmeta>secret place</x:xmpmeta>"}),
    ],
)
def test_a_photo_loses_all_hidden_data_but_its_orientation(
    form: str, options: dict[str, Any]
) -> None:
    before = picture(form, **options)
    after = without_metadata(before)
    assert b"secret" in before
    assert b"secret" not in after
    with Image.open(BytesIO(after)) as image:
        exif = image.getexif()
        assert dict(exif) == {ExifTags.Base.Orientation: 6}
        assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
        assert "xmp" not in image.info
        assert (image.format, image.size) == (form, (64, 48))
    assert without_metadata(after) != before


def test_words_hidden_in_a_png_go() -> None:
    info = PngInfo()
    info.add_text("Comment", "secret place")
    assert b"secret" not in without_metadata(picture("PNG", hidden=False, pnginfo=info))


def test_a_jpeg_stays_as_good_as_it_was() -> None:
    before = picture(quality=85)
    with Image.open(BytesIO(before)) as old, Image.open(BytesIO(without_metadata(before))) as new:
        assert old.quantization == new.quantization  # type: ignore[attr-defined]


def test_an_animation_stays_one() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    content = BytesIO()
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:], xmp=b"<x>secret</x>")
    with Image.open(BytesIO(without_metadata(content.getvalue()))) as image:
        assert image.n_frames == 3


def test_a_photo_without_hidden_data_is_untouched() -> None:
    plain = picture(hidden=False)
    assert without_metadata(plain) == plain


def test_a_photo_is_stored_under_a_random_name(home: Path, store: AttachmentStore) -> None:
    attachment = sent(home, picture(), "../../路灯.exe")
    file, again = store.keep(attachment), store.keep(attachment)
    assert file.path != again.path
    assert file.path.startswith("attachments/")
    assert file.path.endswith(".jpg")
    assert (file.mime, file.name) == ("image/jpeg", "../../路灯.exe")
    content = store.path(file).read_bytes()
    assert (file.bytes, file.sha256) == (len(content), sha256(content).hexdigest())
    assert b"secret" not in content
    assert stat.S_IMODE(store.path(file).stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_a_place_that_is_shared_stays(home: Path, store: AttachmentStore) -> None:
    content = picture()
    file = store.keep(sent(home, content), keep_location=True)
    assert store.path(file).read_bytes() == content


def test_documents_are_taken_by_their_content(home: Path, store: AttachmentStore) -> None:
    word = BytesIO()
    Document().save(word)
    assert store.keep(sent(home, word.getvalue(), "a.txt")).path.endswith(".docx")
    assert store.keep(sent(home, b"%PDF-1.7\n...")).mime == "application/pdf"


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
    with pytest.raises(UnacceptableFile, match="这种文件收不了"):
        store.keep(sent(home, content))


def test_what_is_too_big_is_refused(home: Path, store: AttachmentStore) -> None:
    with pytest.raises(UnacceptableFile, match=r"0\.5 MB"):
        store.keep(sent(home, picture() + b"\0" * 500_000))


def test_what_is_not_there_is_refused(home: Path, store: AttachmentStore) -> None:
    with pytest.raises(UnacceptableFile, match="没有收到"):
        store.keep(Attachment(str(home / "gone")))


@pytest.mark.parametrize("cut", [20, 200, 700])
def test_a_broken_photo_is_refused(home: Path, store: AttachmentStore, cut: int) -> None:
    with pytest.raises(UnacceptableFile, match="打不开"):
        store.keep(sent(home, picture()[:cut]))


def test_a_picture_that_unpacks_to_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(UnacceptableFile, match="打不开"):
        without_metadata(picture())


def test_a_folder_that_cannot_be_made_is_reported(home: Path) -> None:
    attachment = sent(home, picture())
    (home / "file").write_text("not a folder")
    with pytest.raises(HomeUnwritable):
        AttachmentStore(home / "file" / "attachments").keep(attachment)


def test_a_full_disk_is_reported_and_leaves_nothing_behind(home: Path, small_disk: Path) -> None:
    store = AttachmentStore(small_disk / "attachments")
    attachment = sent(home, picture() + b"\0" * 400_000)
    with pytest.raises(DiskFull, match="磁盘已满"):
        for _ in range(5):
            store.keep(attachment, keep_location=True)
    stored = [path.stat().st_size for path in store.folder.iterdir()]
    assert 1 <= len(stored) <= 2
    assert len(set(stored)) == 1


def test_only_old_files_that_nobody_names_are_swept(
    home: Path, store: AttachmentStore, database: Database
) -> None:
    attachment = sent(home, picture())
    files = [store.keep(attachment) for _ in range(4)]
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
