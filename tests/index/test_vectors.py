from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import DamagedIndexError
from index.vectors import VectorIndex

DIM = 32


def unit(rows: int, seed: int = 0) -> NDArray[np.float16]:
    numbers = np.random.default_rng(seed).standard_normal((rows, DIM)).astype(np.float32)
    return (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float16)


def clustered(clusters: int, copies: int) -> NDArray[np.float16]:
    """Vectors with neighbours, as real ones have; random ones are all equally far apart."""
    noise = 0.3 * unit(clusters * copies, seed=1).astype(np.float32)
    numbers = np.repeat(unit(clusters), copies, axis=0) + noise
    return (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float16)


def exact(vectors: NDArray[np.float16], query: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors.astype(np.float32) @ query


def test_finds_the_nearest_by_hand() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float16)
    rows, scores = VectorIndex.build(vectors).search(np.array([1, 0], np.float32), 2)
    assert rows.tolist() == [0, 2]
    assert scores == pytest.approx([1.0, 0.6], abs=1e-3)


def test_flat_search_is_exact() -> None:
    vectors = unit(500)
    index = VectorIndex.build(vectors)
    for query in unit(5, seed=2).astype(np.float32):
        rows, scores = index.search(query, 10)
        expected = exact(vectors, query)
        assert rows.tolist() == np.argsort(-expected)[:10].tolist()
        assert scores == pytest.approx(expected[rows], abs=1e-5)


@pytest.mark.parametrize("flat_limit", [1_000, 100])
def test_similarities_of_all_and_of_some(flat_limit: int) -> None:
    vectors = clustered(60, 10)
    index = VectorIndex.build(vectors, flat_limit)
    query = unit(1, seed=3)[0].astype(np.float32)
    assert index.similarities(query) == pytest.approx(exact(vectors, query), abs=1e-5)
    rows = np.array([599, 0, 7])
    assert index.similarities(query, rows) == pytest.approx(exact(vectors, query)[rows], abs=1e-5)


def test_searches_only_the_rows_that_are_asked_for() -> None:
    vectors = unit(300)
    query = vectors[5].astype(np.float32)
    rows, _ = VectorIndex.build(vectors).search(query, 3, np.array([7, 8, 9, 10]))
    assert set(rows.tolist()) <= {7, 8, 9, 10}
    assert len(rows) == 3


def test_gives_what_there_is() -> None:
    empty = VectorIndex.build(np.zeros((0, DIM), np.float16))
    query = unit(1)[0].astype(np.float32)
    assert [part.tolist() for part in empty.search(query, 10)] == [[], []]
    assert len(empty.similarities(query)) == 0
    few = VectorIndex.build(unit(3))
    assert sorted(few.search(query, 10)[0].tolist()) == [0, 1, 2]
    assert few.search(query, 0)[0].tolist() == []
    assert few.search(query, 10, np.zeros(0, np.int64))[0].tolist() == []


def test_inverted_lists_find_nearly_all_and_survive_the_disk(tmp_path: Path) -> None:
    vectors = clustered(400, 20)
    built = VectorIndex.build(vectors, flat_limit=1_000)
    built.save(tmp_path / "vectors.ivf")
    index = VectorIndex.load(tmp_path / "vectors.ivf", vectors)
    found = 0
    queries = clustered(400, 20)[::200].astype(np.float32)
    for query in queries:
        rows, scores = index.search(query, 10)
        expected = exact(vectors, query)
        assert scores == pytest.approx(expected[rows], abs=1e-5)
        found += len(set(rows.tolist()) & set(np.argsort(-expected)[:10].tolist()))
        assert rows.tolist() == built.search(query, 10)[0].tolist()
    assert found >= 0.95 * 10 * len(queries)


def test_a_flat_index_needs_no_file(tmp_path: Path) -> None:
    vectors = unit(10)
    VectorIndex.build(vectors).save(tmp_path / "vectors.ivf")
    assert not (tmp_path / "vectors.ivf").exists()
    index = VectorIndex.load(tmp_path / "vectors.ivf", vectors)
    assert index.search(vectors[4].astype(np.float32), 1)[0].tolist() == [4]


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.ivf"
    VectorIndex.build(clustered(100, 4), flat_limit=100).save(path)
    with pytest.raises(DamagedIndexError, match="400 vectors"):
        VectorIndex.load(path, unit(399))
    path.write_bytes(b"no index")
    with pytest.raises(DamagedIndexError, match=r"vectors\.ivf"):
        VectorIndex.load(path, unit(400))
