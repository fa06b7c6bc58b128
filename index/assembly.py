"""The files of a new snapshot: tables first, then the vectors that nobody has yet, then all.

Memory holds some dozens of bytes a sentence and one batch of texts; documents are read from disk
one at a time, and encoded vectors go to disk with every batch.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from index.documents import CHUNK_TYPE, DocumentStore, document_from_line
from index.encoded import EncodedStore, Keys, KnownVectors, Stored, text_key
from index.encoder import Encoder, Vectors
from index.holdings import Holding
from index.lexical import LexicalIndex
from index.vectors import VectorIndex
from knowledge.document import Chunk, Document
from knowledge.splitter import encoded_text, sentences, split

# Called with characters done, characters in all, and characters a second.
Progress = Callable[[int, int, float], None]

# Small enough for a steady bar and a cheap interruption, large enough to keep processors busy.
_BATCH_CHARACTERS = 8_000
# The next batch is on its way while the last texts of one are encoded, so that none waits.
_BATCHES_IN_FLIGHT = 2
_BLOCK_ROWS = 8_192


@dataclass(frozen=True)
class _Split:
    """A document's chunks and sentences with what the encoder reads for each."""

    chunks: list[Chunk]
    texts: list[str]
    sentence_ranges: list[tuple[int, int]]
    sentence_texts: list[str]
    sentence_ends: list[int]

    @classmethod
    def of(cls, document: Document) -> "_Split":
        chunks = split(document)
        ranges: list[tuple[int, int]] = []
        ends: list[int] = []
        for chunk in chunks:
            ranges.extend(
                (chunk.start + start, chunk.start + end)
                for start, end in sentences(chunk.text)
                if chunk.text[start:end].strip()
            )
            ends.append(len(ranges))
        return cls(
            chunks,
            [encoded_text(document, chunk) for chunk in chunks],
            ranges,
            [document.text[start:end].strip() for start, end in ranges],
            ends,
        )


class Assembly:
    """Makes the files of one snapshot in `folder` from documents in order of id.

    `known` are vectors to take over, `store` keeps new ones until the snapshot is published.
    Everything raises OSError, and sqlite3.OperationalError, where the disk is full.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        known: Sequence[KnownVectors],
        store: EncodedStore,
        sentence_vectors: bool,
    ) -> None:
        self._folder = folder
        self._encoder = encoder
        self._known = [(*vectors.sorted(), vectors.vectors) for vectors in known]
        self._store = store
        self._with_sentences = sentence_vectors
        self._ids: list[str] = []
        self._offsets = [0]
        self._first_rows = [0]
        self._sentence_counts = [0]
        # Of chunks, then of sentences: the key and the number of characters of what is encoded.
        self._keys: tuple[list[Keys], list[Keys]] = ([], [])
        self._lengths: tuple[list[NDArray[np.int32]], list[NDArray[np.int32]]] = ([], [])

    def write(self, holdings: Iterable[Holding], progress: Progress) -> int:
        """Write all files but the manifest; return how many texts had to be encoded."""
        self._write_tables(holdings)
        keys = [np.concatenate([np.zeros(0, np.int64), *some]) for some in self._keys]
        np.save(self._folder / "keys.npy", keys[0])
        np.save(self._folder / "sentence_keys.npy", keys[1])
        encoded = self._encode_missing(np.concatenate(keys), progress)
        self._write_vectors(self._folder / "vectors.npy", keys[0])
        self._write_vectors(self._folder / "sentence_vectors.npy", keys[1])
        vectors = np.load(self._folder / "vectors.npy", mmap_mode="r")
        VectorIndex.build(vectors).save(self._folder / "vectors.ivf")
        return encoded

    def forget_stored(self) -> None:
        """Empty the store of what the snapshot holds, once it is published."""
        self._store.remove(np.unique(np.concatenate([np.zeros(0, np.int64), *chain(*self._keys)])))

    def _write_tables(self, holdings: Iterable[Holding]) -> None:
        paths: dict[tuple[str, ...], int] = {}
        chunks: list[NDArray[np.void]] = []
        ranges: list[NDArray[np.int32]] = []

        def texts() -> Iterator[str]:
            with (self._folder / "documents.jsonl").open("wb") as file:
                for _, lines, position in holdings:
                    line = lines.line(position)
                    file.write(line)
                    document = document_from_line(line)
                    parted = _Split.of(document)
                    chunks.append(self._chunk_rows(parted, paths))
                    ranges.append(np.array(parted.sentence_ranges, np.int32).reshape(-1, 2))
                    self._count(document, parted, len(line))
                    yield from parted.texts

        LexicalIndex.build(texts()).save(self._folder)
        folder = self._folder
        np.save(folder / "documents.npy", np.array([self._offsets, self._first_rows], np.int64).T)
        np.save(folder / "chunks.npy", np.concatenate([np.zeros(0, CHUNK_TYPE), *chunks]))
        np.save(folder / "sentences.npy", np.concatenate([np.zeros((0, 2), np.int32), *ranges]))
        (folder / "paths.json").write_text(json.dumps(list(paths)), "utf-8")

    def _chunk_rows(self, parted: _Split, paths: dict[tuple[str, ...], int]) -> NDArray[np.void]:
        before = self._sentence_counts[-1]
        rows = [
            (chunk.start, chunk.end, paths.setdefault(chunk.path, len(paths)), chunk.has_gap, end)
            for chunk, end in zip(
                parted.chunks, (before + end for end in parted.sentence_ends), strict=True
            )
        ]
        return np.array(rows, CHUNK_TYPE)

    def _count(self, document: Document, parted: _Split, line_bytes: int) -> None:
        self._ids.append(document.id)
        self._offsets.append(self._offsets[-1] + line_bytes)
        self._first_rows.append(self._first_rows[-1] + len(parted.chunks))
        self._sentence_counts.append(self._sentence_counts[-1] + len(parted.sentence_texts))
        kinds = (parted.texts, parted.sentence_texts if self._with_sentences else [])
        for kind, texts in enumerate(kinds):
            self._keys[kind].append(np.array([text_key(text) for text in texts], np.int64))
            self._lengths[kind].append(np.array([len(text) for text in texts], np.int32))

    def _encode_missing(self, keys: Keys, progress: Progress) -> int:
        needed = self._needed(keys)
        lengths = np.concatenate([np.zeros(0, np.int32), *chain(*self._lengths)])
        total = int(lengths[needed].sum())
        progress(0, total, 0.0)
        done = 0
        started = monotonic()
        for places, vectors in self._encoded_batches(needed):
            self._store.put(keys[places], vectors)
            done += int(lengths[places].sum())
            progress(done, total, done / max(monotonic() - started, 1e-9))
        return int(needed.sum())

    def _needed(self, keys: Keys) -> NDArray[np.bool_]:
        """Marks the first place of each key that has no vector yet."""
        needed = np.zeros(len(keys), np.bool_)
        _, first = np.unique(keys, return_index=True)
        needed[first] = True
        for known, _, _ in self._known:
            needed &= ~np.isin(keys, known)
        return needed & ~np.isin(keys, self._store.keys())

    def _encoded_batches(self, needed: NDArray[np.bool_]) -> Iterator[tuple[list[int], Vectors]]:
        waiting: deque[tuple[list[int], Future[Vectors]]] = deque()
        with ThreadPoolExecutor(_BATCHES_IN_FLIGHT) as pool:
            for batch in _batches(self._texts(needed)):
                texts = [text for _, text in batch]
                future = pool.submit(self._encoder.encode_document, texts)
                waiting.append(([place for place, _ in batch], future))
                if len(waiting) == _BATCHES_IN_FLIGHT:
                    places, ready = waiting.popleft()
                    yield places, ready.result()
            for places, ready in waiting:
                yield places, ready.result()

    def _texts(self, needed: NDArray[np.bool_]) -> Iterator[tuple[int, str]]:
        """Place and text of what is needed, from the documents as they stand on disk."""
        documents = DocumentStore(
            self._folder / "documents.jsonl", self._ids, np.array(self._offsets)
        )
        chunk_count = self._first_rows[-1]
        for position in range(len(self._ids)):
            first, end = self._first_rows[position : position + 2]
            places = list(range(first, end))
            if self._with_sentences:
                first, end = self._sentence_counts[position : position + 2]
                places += range(chunk_count + first, chunk_count + end)
            if needed[places].any():
                parted = _Split.of(documents.at(position))
                texts = parted.texts + (parted.sentence_texts if self._with_sentences else [])
                for place, text in zip(places, texts, strict=True):
                    if needed[place]:
                        yield place, text

    def _write_vectors(self, path: Path, keys: Keys) -> None:
        dim = self._encoder.dim
        with path.open("wb") as file:
            header = {"descr": "<f2", "fortran_order": False, "shape": (len(keys), dim)}
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, len(keys), _BLOCK_ROWS):
                file.write(self._vectors_of(keys[start : start + _BLOCK_ROWS]).tobytes())

    def _vectors_of(self, keys: Keys) -> Stored:
        vectors = np.empty((len(keys), self._encoder.dim), np.float16)
        missing = np.ones(len(keys), np.bool_)
        for known, rows, stored in self._known:
            at = np.searchsorted(known, keys)
            at[at == len(known)] = 0
            found = missing & (known[at] == keys if len(known) else False)
            vectors[found] = stored[rows[at[found]]]
            missing &= ~found
        vectors[missing] = self._store.get(keys[missing])
        return vectors


def _batches(texts: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    batch: list[tuple[int, str]] = []
    characters = 0
    for place, text in texts:
        batch.append((place, text))
        characters += len(text)
        if characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
