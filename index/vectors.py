"""Finding chunks by meaning: nearest vectors by inner product. The only import of FAISS.

Up to `FLAT_LIMIT` vectors every one is compared, which is exact. Above it they are sorted into
lists around centroids (IVF), the nearest lists are searched with 8 bits a number, and the best
candidates are compared again with the stored vectors. `benchmarks/vectors.py` measures both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isqrt
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors
from index.errors import DamagedIndexError

Stored = NDArray[np.float16]
Rows = NDArray[np.int64]

FLAT_LIMIT = 50_000

# Of about sqrt(n) lists this many are searched. More did not find more at a million vectors.
_LISTS_SEARCHED = 32
_TRAINING_VECTORS_A_LIST = 64
_MIN_CANDIDATES = 100
_CANDIDATES_A_RESULT = 10
_BLOCK = 50_000


class VectorIndex:
    """Inner-product search over `(n, dim) float16` unit vectors; row i is the i-th vector.

    Thread-safe; everything runs in the calling thread. Float16 halves the disk space of float32
    and changes an inner product by less than 0.001; the flat index widens it to float32 in memory,
    the inverted lists leave it on disk.
    """

    def __init__(self, vectors: Stored | Vectors, index: faiss.Index) -> None:
        # Keep the index for as long as the vectors, which may be its own memory.
        self._vectors = vectors
        self._index = index

    @classmethod
    def build(cls, vectors: Stored, flat_limit: int = FLAT_LIMIT) -> "VectorIndex":
        """Index `(n, dim) float16` vectors, which may lie on disk."""
        if len(vectors) > flat_limit:
            return cls(vectors, _inverted_lists(vectors))
        return cls(*_flat(vectors))

    @classmethod
    def load(cls, path: Path, vectors: Stored) -> "VectorIndex":
        """Open the index of `vectors` that `save` wrote at `path`, if it wrote one.

        Raises DamagedIndexError where the file does not fit the vectors.
        """
        if not path.exists():
            return cls(*_flat(vectors))
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
        except RuntimeError as error:
            raise DamagedIndexError(f"{path} cannot be read") from error
        if not isinstance(index, faiss.IndexIVF) or (index.ntotal, index.d) != vectors.shape:
            raise DamagedIndexError(
                f"{path} holds {index.ntotal} vectors of {index.d} numbers, not {vectors.shape}"
            )
        index.nprobe = _LISTS_SEARCHED
        return cls(vectors, index)

    def save(self, path: Path) -> None:
        """Write what is dear to compute: the inverted lists; a flat index needs no file.

        Raises OSError. The vectors themselves are not written.
        """
        if isinstance(self._index, faiss.IndexIVF):
            with path.open("wb") as file:
                file.write(faiss.serialize_index(self._index).data)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, vector: Vectors, limit: int, rows: Rows | None = None) -> tuple[Rows, Vectors]:
        """Rows and inner products of the nearest vectors to `(dim,)`, nearest first.

        Gives `min(limit, n)` of them; with `rows`, only those rows are compared.
        """
        limit = min(limit, len(self) if rows is None else len(rows))
        if limit <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if rows is None:
            rows = self._candidates(vector, limit)
        scores = self.similarities(vector, rows)
        order = np.argsort(-scores, kind="stable")[:limit]
        return rows[order], scores[order]

    def similarities(self, vector: Vectors, rows: Rows | None = None) -> Vectors:
        """Inner products of `(dim,)` with the vectors at `rows` (default: all), `float32`."""
        vector = np.asarray(vector, dtype=np.float32)
        if rows is not None:
            chosen: Vectors = np.vecdot(np.asarray(self._vectors[rows], np.float32), vector)
            return chosen
        # vecdot, not @: a threaded matrix product takes 8 ms instead of 0.2 on a busy machine.
        scores = np.empty(len(self), np.float32)
        for start, block in _blocks(self._vectors):
            scores[start : start + len(block)] = np.vecdot(block, vector)
        return scores

    def _candidates(self, vector: Vectors, limit: int) -> Rows:
        if isinstance(self._index, faiss.IndexIVF):
            limit = max(_MIN_CANDIDATES, _CANDIDATES_A_RESULT * limit)
        query = np.asarray(vector, dtype=np.float32).reshape(1, -1)
        with _one_thread():
            _, rows = self._index.search(query, min(limit, len(self)))
        found: Rows = rows[0][rows[0] >= 0]
        return found


def _flat(vectors: Stored) -> tuple[Vectors, faiss.Index]:
    """Index in memory, and its own numbers as an array: the inner products of all are at hand."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    for _, block in _blocks(vectors):
        index.add(block)
    numbers = faiss.rev_swig_ptr(index.get_xb(), vectors.size) if len(vectors) else vectors
    return np.asarray(numbers, np.float32).reshape(vectors.shape), index


def _inverted_lists(vectors: Stored) -> faiss.Index:
    count, dim = vectors.shape
    lists = 1 << (isqrt(count).bit_length() - 1)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim),
        dim,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.max_points_per_centroid = _TRAINING_VECTORS_A_LIST
    sample = np.random.default_rng(0).choice(
        count, min(count, lists * _TRAINING_VECTORS_A_LIST), replace=False
    )
    index.train(np.asarray(vectors[np.sort(sample)], dtype=np.float32))
    for _, block in _blocks(vectors):
        index.add(block)
    index.nprobe = _LISTS_SEARCHED
    return index


def _blocks(vectors: Stored | Vectors) -> Iterator[tuple[int, Vectors]]:
    for start in range(0, len(vectors), _BLOCK):
        yield start, np.asarray(vectors[start : start + _BLOCK], dtype=np.float32)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Search in the calling thread alone: waking others costs more than they help."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
