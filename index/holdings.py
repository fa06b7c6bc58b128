"""What there is to build the next snapshot from: a whole index, or what a damaged one left."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.documents import FileLines, Lines, checked_document
from index.encoded import KnownVectors
from index.errors import DamagedIndexError, MissingIndexError, OutdatedIndexError
from index.snapshot import (
    SNAPSHOT_NAME,
    Manifest,
    Snapshot,
    current_name,
    file_record,
    read_manifest,
)

_VECTOR_FILES = (("keys.npy", "vectors.npy"), ("sentence_keys.npy", "sentence_vectors.npy"))


class Holding(NamedTuple):
    """A document: the hash of its content, and where its stored form is."""

    content_hash: str
    lines: Lines
    position: int


@dataclass(frozen=True)
class Holdings:
    """Documents by id, and vectors of the texts in them.

    `snapshot` is None where no whole one gave them; `trouble` then says what is wrong, if anything,
    `manifest` is there if it is sound, and `lost` has the ids of documents that are not.
    """

    documents: dict[str, Holding] = field(default_factory=dict)
    vectors: tuple[KnownVectors, ...] = ()
    manifest: Manifest | None = None
    snapshot: Snapshot | None = None
    trouble: str = ""
    lost: tuple[str, ...] = ()

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Holdings":
        """What a whole snapshot holds."""
        hashes = snapshot.manifest.documents.items()
        return cls(
            documents={
                document_id: Holding(content_hash, snapshot, position)
                for position, (document_id, content_hash) in enumerate(hashes)
            },
            vectors=(
                KnownVectors(snapshot.table("keys"), snapshot.stored_vectors),
                KnownVectors(snapshot.table("sentence_keys"), snapshot.sentence_vectors),
            ),
            manifest=snapshot.manifest,
            snapshot=snapshot,
        )

    @classmethod
    def below(cls, root: Path) -> "Holdings":
        """What the current snapshot under `root` holds; of a damaged one, what is still sound."""
        try:
            return cls.of(Snapshot.open_current(root))
        except MissingIndexError as error:
            # A `current` that names nothing is damage too.
            return _salvaged(root, str(error)) if (root / "current").exists() else cls()
        except (DamagedIndexError, OutdatedIndexError) as error:
            return _salvaged(root, str(error))

    def vectors_of(self, manifest: Manifest) -> tuple[KnownVectors, ...]:
        """The vectors, if they are of the encoder of `manifest`; none otherwise."""
        if self.manifest is None:
            return ()
        same = (self.manifest.encoder, self.manifest.dim) == (manifest.encoder, manifest.dim)
        return self.vectors if same else ()

    def close(self) -> None:
        """Let the snapshot be removed once nobody else reads it."""
        if self.snapshot is not None:
            self.snapshot.close()


def _salvaged(root: Path, trouble: str) -> Holdings:
    path = _latest(root)
    if path is None:
        return Holdings(trouble=trouble)
    try:
        manifest = read_manifest(path)
    except (DamagedIndexError, MissingIndexError, OutdatedIndexError):
        manifest = None
    documents, ids = _sound_documents(path / "documents.jsonl")
    expected = list(manifest.documents) if manifest else ids
    return Holdings(
        documents=documents,
        vectors=_sound_vectors(path, manifest) if manifest else (),
        manifest=manifest,
        trouble=trouble,
        lost=tuple(document_id for document_id in expected if document_id not in documents),
    )


def _latest(root: Path) -> Path | None:
    """The folder that `current` names; if it does not, the one written last."""
    with suppress(DamagedIndexError, MissingIndexError):
        named = root / current_name(root)
        if named.is_dir():
            return named
    folders = [path for path in root.iterdir() if SNAPSHOT_NAME.fullmatch(path.name)]
    return max(folders, key=lambda path: path.stat().st_mtime, default=None)


def _sound_documents(path: Path) -> tuple[dict[str, Holding], list[str]]:
    """Documents whose line agrees with its own hash, and the ids of all lines that name one."""
    documents: dict[str, Holding] = {}
    ids: list[str] = []
    if not path.exists():
        return documents, ids
    lines = FileLines(path)
    for position, line in lines:
        if checked := checked_document(line):
            content_hash, document = checked
            documents[document.id] = Holding(content_hash, lines, position)
            ids.append(document.id)
        else:
            ids.extend(_named(line))
    return documents, ids


def _named(line: bytes) -> list[str]:
    try:
        return [str(json.loads(line)[1]["id"])]
    except (ValueError, TypeError, LookupError):
        return []  # so damaged that not even its name can be read


def _sound_vectors(path: Path, manifest: Manifest) -> tuple[KnownVectors, ...]:
    def is_sound(name: str) -> bool:
        try:
            return file_record(path / name) == manifest.files.get(name)
        except OSError:
            return False

    return tuple(
        KnownVectors(np.load(path / keys), np.load(path / vectors, mmap_mode="r"))
        for keys, vectors in _VECTOR_FILES
        if is_sound(keys) and is_sound(vectors)
    )
