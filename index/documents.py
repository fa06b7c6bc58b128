"""Documents and chunks of a snapshot, read from disk one at a time."""

import json
import mmap
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray

from knowledge.document import Chunk, Document, Gap, Responsibility, Section, Status

CHUNK_TYPE = np.dtype(
    [("start", "<i4"), ("end", "<i4"), ("path", "<i4"), ("has_gap", "?"), ("sentences_end", "<i8")]
)
_RECENT_DOCUMENTS = 256
_LINE = re.compile(rb'\["(?P<hash>[0-9a-f]{64})",(?P<data>\{.*\})\]\n', re.DOTALL)


def document_to_line(document: Document) -> tuple[str, bytes]:
    """The content hash of a document and the line of JSON that holds both.

    The hash covers every field, so that any change is noticed and any damage too.
    """
    text = json.dumps(asdict(document), ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "surrogatepass")
    content_hash = sha256(data).hexdigest()
    return content_hash, b'["%s",%s]\n' % (content_hash.encode(), data)


def document_from_line(line: bytes) -> Document:
    """Read what `document_to_line` wrote; raises ValueError, TypeError or KeyError."""
    _, fields = json.loads(line.decode("utf-8", "surrogatepass"), object_hook=_tuples)
    fields["status"] = Status(fields["status"])
    fields["gaps"] = tuple(Gap(**gap) for gap in fields["gaps"])
    fields["sections"] = tuple(Section(**section) for section in fields["sections"])
    fields["responsibilities"] = tuple(
        Responsibility(**responsibility) for responsibility in fields["responsibilities"]
    )
    return Document(**fields)


def checked_document(line: bytes) -> tuple[str, Document] | None:
    """The content hash and the document of a line, or None unless it is as it was written."""
    match = _LINE.fullmatch(line)
    if match is None or sha256(match["data"]).hexdigest() != match["hash"].decode():
        return None
    try:
        return match["hash"].decode(), document_from_line(line)
    except (ValueError, TypeError, KeyError):  # written by a version with other fields
        return None


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }


class Lines(Protocol):
    """Where the stored form of documents comes from."""

    def line(self, position: int) -> bytes:
        """One document as `document_to_line` wrote it; what a position is, the source knows."""


class FileLines:
    """Lines of a file that may be growing; a position is the byte where a line begins."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")

    def append(self, line: bytes) -> int:
        """Write a line at the end and return its position; raises OSError."""
        position = self._file.seek(0, os.SEEK_END)
        self._file.write(line)
        return position

    def line(self, position: int) -> bytes:
        """The line at `position`."""
        self._file.seek(position)
        return self._file.readline()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        position = self._file.seek(0)
        while line := self._file.readline():
            yield position, line
            position += len(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class DocumentStore(Mapping[str, Document]):
    """Documents by id, in order of id; the last few read stay in memory.

    `offsets` are the byte offsets of the lines of the file at `path` and its length at the end.
    """

    def __init__(self, path: Path, ids: Sequence[str], offsets: NDArray[np.int64]) -> None:
        self._position = {document_id: position for position, document_id in enumerate(ids)}
        self._offsets = offsets
        self._lines: mmap.mmap | bytes = b""
        if len(ids):
            with path.open("rb") as file:
                self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.at = lru_cache(_RECENT_DOCUMENTS)(self._read)

    def __getitem__(self, document_id: str) -> Document:
        return self.at(self._position[document_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._position)

    def __len__(self) -> int:
        return len(self._position)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._position

    def position(self, document_id: str) -> int:
        """The place of a document in the order of ids; raises KeyError."""
        return self._position[document_id]

    def line(self, position: int) -> bytes:
        """The document at `position` as it is stored."""
        return self._lines[self._offsets[position] : self._offsets[position + 1]]

    def _read(self, position: int) -> Document:
        return document_from_line(self.line(position))


class ChunkTable(Sequence[Chunk]):
    """Chunks by row; a document's chunks stand together and in order.

    `first_rows` has the first row of each document and the number of rows at the end.
    """

    def __init__(
        self,
        table: NDArray[Any],
        paths: Sequence[tuple[str, ...]],
        first_rows: NDArray[np.int64],
        documents: DocumentStore,
    ) -> None:
        self._table = table
        self._paths = paths
        self._first_rows = first_rows
        self._documents = documents

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, row: int) -> Chunk: ...
    @overload
    def __getitem__(self, row: slice) -> list[Chunk]: ...
    def __getitem__(self, row: int | slice) -> Chunk | list[Chunk]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        row = row % len(self)
        position = self.document_position(row)
        document = self._documents.at(position)
        start, end, path, has_gap, _ = self._table[row].item()
        number = row - int(self._first_rows[position])
        text = document.text[start:end]
        return Chunk(document.id, number, text, start, end, self._paths[path], has_gap)

    def document_position(self, row: int) -> int:
        """The position in the document store of the document that a row belongs to."""
        return int(np.searchsorted(self._first_rows, row, side="right")) - 1

    def rows(self, position: int) -> range:
        """The rows of the document at `position`."""
        return range(int(self._first_rows[position]), int(self._first_rows[position + 1]))

    def sentences(self, row: int) -> slice:
        """Where the sentences of a chunk stand among those of all chunks."""
        start = int(self._table[row - 1]["sentences_end"]) if row else 0
        return slice(start, int(self._table[row]["sentences_end"]))
