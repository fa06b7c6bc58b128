"""Search among very many vectors, beside one bare `encode_query` in the same run.

    python -m benchmarks.vectors [--chunks 1000000]

The vectors are those of the shipped chunks, each jittered into many with noise of a tenth of its
norm; the questions are the headings of the shipped documents. Budgets at a million: p50 at most one
`encode_query`, recall@10 at least 0.95 of an exact search.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from index.bundled import BundledEncoder
from index.encoder import Vectors
from index.vectors import FLAT_LIMIT, VectorIndex
from knowledge.document import Document
from knowledge.loaders import load_shipped
from knowledge.splitter import encoded_text, split

_BLOCK = 50_000
_NOISE = 0.1
_QUESTIONS = 100
_MAX_BASE = 300  # distinct chunks to start from; encoding more would take longer than the rest
_LIMIT = 10


def chunk_texts(documents: list[Document]) -> list[str]:
    """What is encoded for the chunks, evenly from all documents."""
    texts = [encoded_text(document, chunk) for document in documents for chunk in split(document)]
    return texts[:: max(1, len(texts) // _MAX_BASE)][:_MAX_BASE]


def questions(documents: list[Document]) -> list[str]:
    """Headings of the documents, each once."""
    found = dict.fromkeys(
        label for document in documents for chunk in split(document) for label in chunk.path
    )
    return list(found)[:_QUESTIONS]


def jittered(base: Vectors, count: int) -> Iterator[Vectors]:
    """`count` unit vectors in blocks: random ones of `base` with noise of a tenth of their norm."""
    random = np.random.default_rng(0)
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        noise = random.standard_normal((size, base.shape[1]), np.float32)
        noise *= _NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
        vectors = base[random.integers(0, len(base), size)] + noise
        yield vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def exact(vectors: NDArray[np.float16], queries: Vectors) -> list[set[int]]:
    """Rows of the nearest vectors to each query, found by comparing all."""
    scores = np.full((len(queries), 0), 0, np.float32)
    rows = np.zeros((len(queries), 0), np.int64)
    for start in range(0, len(vectors), _BLOCK):
        block = queries @ np.asarray(vectors[start : start + _BLOCK], np.float32).T
        scores = np.hstack([scores, block])
        rows = np.hstack([rows, np.tile(np.arange(start, start + block.shape[1]), (len(rows), 1))])
        best = np.argpartition(-scores, _LIMIT - 1, axis=1)[:, :_LIMIT]
        scores = np.take_along_axis(scores, best, axis=1)
        rows = np.take_along_axis(rows, best, axis=1)
    return [set(found.tolist()) for found in rows]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chunks", type=int, default=1_000_000)
    count = parser.parse_args().chunks
    encoder = BundledEncoder()
    documents = load_shipped()
    asked = questions(documents)
    queries = encoder.encode_query(asked)
    base = encoder.encode_document(chunk_texts(documents))
    with TemporaryDirectory() as name:
        path = Path(name, "vectors.npy")
        vectors = np.lib.format.open_memmap(path, "w+", np.float16, (count, encoder.dim))
        for number, block in enumerate(jittered(base, count)):
            vectors[number * _BLOCK : number * _BLOCK + len(block)] = block
        start = time.perf_counter()
        VectorIndex.build(vectors).save(Path(name, "vectors.ivf"))
        built = time.perf_counter() - start
        index = VectorIndex.load(Path(name, "vectors.ivf"), np.load(path, mmap_mode="r"))
        nearest = exact(vectors, queries)
        searches, encodings, found = [], [], 0
        for text, query, expected in zip(asked, queries, nearest, strict=True):
            start = time.perf_counter()
            encoder.encode_query([text])
            encodings.append(time.perf_counter() - start)
            start = time.perf_counter()
            rows, _ = index.search(query, _LIMIT)
            searches.append(time.perf_counter() - start)
            found += len(expected & set(rows.tolist()))
    kind = "flat" if count <= FLAT_LIMIT else "inverted lists"
    search, encode = np.median(searches) * 1000, np.median(encodings) * 1000
    print(f"{count:,} vectors from {len(base)} chunks, {kind}, built in {built:.1f} s")
    print(
        f"search p50 {search:.2f} ms, p99 {np.percentile(searches, 99) * 1000:.2f} ms; "
        f"encode_query p50 {encode:.2f} ms; ratio {search / encode:.2f} (budget 1.00)"
    )
    print(f"recall@10 {found / _LIMIT / len(asked):.3f} of exact (budget 0.950)")


if __name__ == "__main__":
    main()
