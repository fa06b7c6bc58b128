"""Files from residents: type by content, limited size, a random name, no hidden location.

A file is stored before the row that names it; one that no row and no draft names is swept later.
"""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import filetype
from PIL import ExifTags, Image

from bot.messages import Attachment
from bot.storage.database import UnitOfWork
from bot.storage.errors import UnacceptableFile, translate_os
from bot.storage.records import StoredFile

_OFFICE = "application/vnd.openxmlformats-officedocument."
# What we take, and the name's ending. Videos and HEIC photos are left out: they carry locations
# that we could not remove.
ACCEPTED = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "application/pdf": "pdf",
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
}
_PHOTOS = ("image/jpeg", "image/png", "image/webp")


class AttachmentStore:
    """The folder of residents' files inside the home folder."""

    def __init__(self, folder: Path, limit_megabytes: float = 20.0) -> None:
        self.folder = folder
        self._limit_bytes = int(limit_megabytes * 1_000_000)

    def keep(self, attachment: Attachment, keep_location: bool = False) -> StoredFile:
        """Check a file that a channel has fetched, and store a copy of it.

        Photos lose all hidden data but their orientation (place, time, camera), unless the
        resident shares it (`keep_location`). Raises UnacceptableFile, DiskFull, HomeUnwritable.
        """
        source = Path(attachment.path)
        try:
            size = attachment.bytes or source.stat().st_size
            if size > self._limit_bytes:
                megabytes = self._limit_bytes / 1_000_000
                raise UnacceptableFile(f"文件太大了，请发送 {megabytes:g} MB 以内的文件。")
            content = source.read_bytes()
        except OSError as error:
            raise UnacceptableFile("这个文件没有收到，请重新发送。") from error
        mime = filetype.guess_mime(content)
        if mime not in ACCEPTED:
            raise UnacceptableFile("这种文件收不了，请发照片、PDF、Word、Excel 或语音。")
        if mime in _PHOTOS and not keep_location:
            content = without_metadata(content)
        name = f"{secrets.token_hex(16)}.{ACCEPTED[mime]}"
        self._write(name, content)
        return StoredFile(
            path=f"{self.folder.name}/{name}",
            sha256=sha256(content).hexdigest(),
            mime=mime,
            bytes=len(content),
            name=attachment.name,
        )

    def path(self, file: StoredFile) -> Path:
        """Where a stored file lies on this machine."""
        return self.folder / Path(file.path).name

    def remove(self, file: StoredFile) -> None:
        """Delete a stored file, if it is there."""
        self.path(file).unlink(missing_ok=True)

    def sweep(self, unit: UnitOfWork, before: datetime) -> int:
        """Delete files older than `before` that no proposal and no draft names; how many."""
        if not self.folder.is_dir():
            return 0
        named = {file.path for file in unit.proposals.all_attachments()}
        swept = 0
        for file in self.folder.iterdir():
            path = f"{self.folder.name}/{file.name}"
            old = file.stat().st_mtime < before.timestamp()
            if old and path not in named and not unit.conversations.mention(path):
                file.unlink(missing_ok=True)
                swept += 1
        return swept

    def _write(self, name: str, content: bytes) -> None:
        """Write a file so that it is there whole or not at all, also after a power cut."""
        unfinished = self.folder / f".{name}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.folder / name)
        except OSError as error:
            with suppress(OSError):  # the write has failed; what is left of it is swept later
                unfinished.unlink()
            raise translate_os(error, self.folder) from error


def without_metadata(content: bytes) -> bytes:
    """A JPEG, PNG or WebP without hidden data but its orientation.

    JPEG keeps its quantisation tables, so that the picture stays as good as it was; a picture that
    has no hidden data comes back untouched. Raises UnacceptableFile for a broken picture.
    """
    try:
        with Image.open(BytesIO(content)) as image:
            image.load()
            if not _has_metadata(image):
                return content
            options = _save_options(image)
            cleaned = BytesIO()
            image.save(cleaned, **options)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnacceptableFile("这张照片打不开，请换一张或重新拍。") from error
    return cleaned.getvalue()


def _has_metadata(image: Image.Image) -> bool:
    hidden = {"exif", "xmp", "comment", "photoshop", "mp"}
    return (
        bool(image.getexif()) or bool(hidden & set(image.info)) or bool(getattr(image, "text", 0))
    )


def _save_options(image: Image.Image) -> dict[str, Any]:
    orientation = image.getexif().get(ExifTags.Base.Orientation)
    kept = Image.Exif()
    if orientation:
        kept[ExifTags.Base.Orientation] = orientation
    options: dict[str, Any] = {"exif": kept.tobytes() if orientation else b"", "xmp": b""}
    if image.format == "JPEG":
        return options | {"format": "JPEG", "quality": "keep", "comment": b""}
    if image.format == "MPO":  # several JPEGs in one file: the first is the photo
        return options | {"format": "JPEG", "quality": 95, "comment": b""}
    animated = getattr(image, "is_animated", False)
    return options | {"format": image.format, "save_all": animated}
