"""An index as one immutable folder, and the way from a small `current` file to it.

    root/current            the name of the snapshot in use, replaced atomically
    root/<name>/            a snapshot; its name is the hash of its manifest
        manifest.json       format, encoder, documents and their hashes, size and checksum of files
        documents.jsonl     documents in order of id        documents.npy  where each begins
        chunks.npy paths.json                               ranges and heading paths of chunks
        vectors.npy keys.npy [vectors.ivf]                  what the chunks mean
        sentences.npy sentence_vectors.npy sentence_keys.npy
        words/ bigrams/                                     BM25

Nothing in a snapshot ever changes, so it can be read while the next one is made. A reader holds a
shared lock on the manifest; a snapshot is removed only when nobody does.
"""

import fcntl
import json
import logging
import os
import re
import threading
import weakref
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import ChunkTable, DocumentStore
from index.errors import DamagedIndexError, MissingIndexError, OutdatedIndexError, RetrievalError
from index.lexical import LexicalIndex
from index.vectors import VectorIndex
from knowledge.document import Chunk, Document

FORMAT = 1
CURRENT = "current"
SNAPSHOT_NAME = re.compile(r"[0-9a-f]{32}")

_BLOCK_BYTES = 1 << 20
_OPEN_ATTEMPTS = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileRecord:
    """Size in bytes and CRC-32 of a file as it was written."""

    size: int
    crc32: int


@dataclass(frozen=True)
class Manifest:
    """What a snapshot holds and what it was made by.

    `documents` maps ids to content hashes, in the order of the rows. `shipped` are those that came
    with the program, `hidden` the ids of shipped ones that were removed here; `base` names the
    shipped snapshot that was merged. `splitter` identifies the code that made chunks and sentences.
    """

    encoder: str
    dim: int
    splitter: str
    sentence_vectors: bool
    documents: dict[str, str]
    shipped: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    base: str = ""
    files: dict[str, FileRecord] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> bytes:
        """The bytes of manifest.json; equal manifests give equal bytes."""
        return json.dumps(asdict(self), ensure_ascii=True, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Read manifest.json; raises OutdatedIndexError for another format."""
        fields: dict[str, Any] = json.loads(data)
        if fields["format"] != FORMAT:
            raise OutdatedIndexError(
                f"the index has format {fields['format']}, this version reads {FORMAT}"
            )
        fields["files"] = {name: FileRecord(**record) for name, record in fields["files"].items()}
        fields["shipped"], fields["hidden"] = tuple(fields["shipped"]), tuple(fields["hidden"])
        return cls(**fields)


def snapshot_name(manifest: bytes) -> str:
    """The name of the folder whose manifest has these bytes."""
    return sha256(manifest).hexdigest()[:32]


def current_name(root: Path) -> str:
    """The name of the snapshot in use under `root`.

    Raises MissingIndexError where there is none, DamagedIndexError where the file says nonsense.
    """
    try:
        name = (root / CURRENT).read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingIndexError(f"there is no index in {root}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndexError(f"{root / CURRENT} cannot be read: {error}") from error
    if not SNAPSHOT_NAME.fullmatch(name):
        raise DamagedIndexError(f"{root / CURRENT} does not name an index")
    return name


class Snapshot:
    """One state of the knowledge, read-only and safe to use from several threads.

    Rows of `chunks`, `vectors` and `lexical` agree. Big parts stay on disk until they are used.
    """

    def __init__(self, path: Path, manifest: Manifest, lock: int) -> None:
        self.path = path
        self.name = path.name
        self.manifest = manifest
        self._close = weakref.finalize(self, os.close, lock)
        places: NDArray[np.int64] = _array(path / "documents.npy")
        self._documents = DocumentStore(
            path / "documents.jsonl", list(manifest.documents), places[:, 0]
        )
        paths = [tuple(labels) for labels in json.loads((path / "paths.json").read_bytes())]
        self._chunks = ChunkTable(_array(path / "chunks.npy"), paths, places[:, 1], self._documents)
        self.stored_vectors: NDArray[np.float16] = _array(path / "vectors.npy")
        self.vectors = VectorIndex.load(path / "vectors.ivf", self.stored_vectors)
        self.lexical = LexicalIndex.load(path)
        self.sentence_ranges: NDArray[np.int32] = _array(path / "sentences.npy")
        self.sentence_vectors: NDArray[np.float16] = _array(path / "sentence_vectors.npy")

    @classmethod
    def open(cls, path: Path, encoder_name: str | None = None) -> "Snapshot":
        """Check every file against the manifest and open the snapshot.

        Raises MissingIndexError, DamagedIndexError, or OutdatedIndexError where the format is
        another or the vectors are not those of `encoder_name` (not checked when None).
        """
        lock, data = _locked_manifest(path)
        try:
            manifest = _checked_manifest(path, data)
            if encoder_name is not None and manifest.encoder != encoder_name:
                raise OutdatedIndexError(
                    f"the index was made with the encoder {manifest.encoder}, but {encoder_name}"
                    " is in use; vectors of two encoders cannot be compared"
                )
            check_files(path, manifest)
            return cls(path, manifest, lock)
        except RetrievalError:
            os.close(lock)
            raise
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            os.close(lock)
            raise DamagedIndexError(f"the index in {path} cannot be read: {error}") from error

    @classmethod
    def open_current(cls, root: Path, encoder_name: str | None = None) -> "Snapshot":
        """Open the snapshot in use under `root`; raises what `open` and `current_name` raise."""
        for attempt in range(_OPEN_ATTEMPTS):
            name = current_name(root)
            try:
                return cls.open(root / name, encoder_name)
            except MissingIndexError:
                # Replaced and removed between the two steps: look again.
                if attempt == _OPEN_ATTEMPTS - 1 or current_name(root) == name:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Let others remove the snapshot. Happens by itself when nothing refers to it any more."""
        self._close()

    @property
    def documents(self) -> Mapping[str, Document]:
        """Documents by id, read from disk when asked for."""
        return self._documents

    @property
    def chunks(self) -> Sequence[Chunk]:
        """Chunks by row, read from disk when asked for."""
        return self._chunks

    def document_rows(self, document_id: str) -> range:
        """The rows of a document's chunks, in order; raises KeyError."""
        return self._chunks.rows(self._documents.position(document_id))

    def document_of(self, row: int) -> Document:
        """The document that the chunk at `row` belongs to."""
        return self._documents.at(self._chunks.document_position(row))

    def sentences(self, row: int) -> slice:
        """The slice of `sentence_ranges` and `sentence_vectors` that belongs to a chunk.

        `sentence_ranges` is `(m, 2) int32`: half-open character ranges in the text of the document.
        `sentence_vectors` is `(m, dim) float16`, `(0, dim)` where the index was made without.
        """
        return self._chunks.sentences(row)

    def line(self, position: int) -> bytes:
        """The stored form of the document at `position` in the order of ids."""
        return self._documents.line(position)

    def table(self, name: str) -> NDArray[Any]:
        """One of the arrays by file name without ending, for making the next snapshot."""
        return _array(self.path / f"{name}.npy")


class SnapshotHandle:
    """Gives the snapshot in use, and the next one as soon as there is one.

    `base` is the root of the shipped index, used while `root` has none of its own. Thread-safe.
    """

    def __init__(self, root: Path, base: Path | None = None, encoder_name: str | None = None):
        self._root = root
        self._base = base
        self._encoder_name = encoder_name
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._snapshot: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """The snapshot in use; costs one look at a file unless it has changed.

        Raises RetrievalError when there is none to begin with. If a later one cannot be opened, the
        one at hand is kept and the log says why.
        """
        with self._lock:
            source, seen = self._look()
            if self._snapshot is not None and seen == self._seen:
                return self._snapshot
            try:
                self._snapshot = Snapshot.open_current(source, self._encoder_name)
            except RetrievalError as error:
                if self._snapshot is None:
                    raise
                _log.error("the new index is not used: %s", error)
            self._seen = seen
            return self._snapshot

    def _look(self) -> tuple[Path, tuple[int, ...]]:
        for root in (self._root, self._base):
            if root is None:
                continue
            try:
                found = (root / CURRENT).stat()
            except OSError:
                continue
            return root, (found.st_ino, found.st_mtime_ns, found.st_size)
        return self._root, ()


def check_files(path: Path, manifest: Manifest) -> None:
    """Compare size and checksum of every file; raises DamagedIndexError naming a bad one."""

    def is_damaged(name: str) -> bool:
        try:
            return file_record(path / name) != manifest.files[name]
        except OSError:
            return True

    with ThreadPoolExecutor() as pool:
        for name, damaged in zip(manifest.files, pool.map(is_damaged, manifest.files), strict=True):
            if damaged:
                raise DamagedIndexError(f"{path / name} is damaged or missing")


def file_record(path: Path) -> FileRecord:
    """Size and checksum of a file; raises OSError."""
    checksum = size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            checksum = zlib.crc32(block, checksum)
            size += len(block)
    return FileRecord(size, checksum)


def _locked_manifest(path: Path) -> tuple[int, bytes]:
    """Lock a snapshot against removal and return the lock and the manifest's bytes."""
    try:
        lock = os.open(path / "manifest.json", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise MissingIndexError(f"there is no index in {path}") from error
    try:
        _lock_shared(lock)
        if os.fstat(lock).st_nlink == 0:
            raise MissingIndexError(f"the index in {path} has just been removed")
        return lock, (path / "manifest.json").read_bytes()
    except OSError as error:
        os.close(lock)
        raise DamagedIndexError(f"the index in {path} cannot be read: {error}") from error
    except MissingIndexError:
        os.close(lock)
        raise


def _lock_shared(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    except OSError as error:
        # Some network file systems have no locks. What is mapped outlives its removal anyway.
        _log.debug("no lock on the index: %s", error)


def read_manifest(path: Path) -> Manifest:
    """The manifest of the snapshot at `path`, without looking at its other files.

    Raises MissingIndexError, DamagedIndexError or OutdatedIndexError.
    """
    try:
        return _checked_manifest(path, (path / "manifest.json").read_bytes())
    except OSError as error:
        raise MissingIndexError(f"there is no index in {path}") from error


def _checked_manifest(path: Path, data: bytes) -> Manifest:
    if snapshot_name(data) != path.name:
        raise DamagedIndexError(f"{path / 'manifest.json'} is damaged")
    return Manifest.from_json(data)


def _array(path: Path) -> NDArray[Any]:
    # An empty array cannot be mapped.
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(array)
