"""Files from residents: type by content, limited size, a random name, no hidden location.

A file is stored before the row that names it; one that no row and no draft names is swept later.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import filetype

from bot.messages import Attachment, Location
from bot.storage.database import UnitOfWork
from bot.storage.errors import UnacceptableFile, translate_os
from bot.storage.photos import location_of, without_metadata
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


@dataclass(frozen=True)
class Kept:
    """A file that was stored, and where it was taken, if it is a photo that said so.

    The stored copy no longer says it: whether the place is shared is for the resident to decide.
    """

    file: StoredFile
    location: Location | None = None


class AttachmentStore:
    """The folder of residents' files inside the home folder."""

    def __init__(self, folder: Path, limit_megabytes: float = 20.0) -> None:
        self.folder = folder
        self._limit_bytes = int(limit_megabytes * 1_000_000)

    def keep(self, attachment: Attachment) -> Kept:
        """Check a file that a channel has fetched, and store a copy of it.

        Photos lose all hidden data but their orientation (place, time, camera).
        Raises UnacceptableFile, DiskFull, HomeUnwritable.
        """
        source = Path(attachment.path)
        try:
            size = attachment.bytes or source.stat().st_size
            if size > self._limit_bytes:
                megabytes = self._limit_bytes / 1_000_000
                raise UnacceptableFile("too_large", megabytes=f"{megabytes:g}")
            content = source.read_bytes()
        except OSError as error:
            raise UnacceptableFile("missing") from error
        mime = filetype.guess_mime(content)
        if mime not in ACCEPTED:
            raise UnacceptableFile("unknown_type")
        location = None
        if mime in _PHOTOS:
            content, location = without_metadata(content), location_of(content)
        name = f"{secrets.token_hex(16)}.{ACCEPTED[mime]}"
        self._write(name, content)
        file = StoredFile(
            path=f"{self.folder.name}/{name}",
            sha256=sha256(content).hexdigest(),
            mime=mime,
            bytes=len(content),
            name=attachment.name,
        )
        return Kept(file, location)

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
