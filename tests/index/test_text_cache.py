import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.encoder import Vectors
from index.text_cache import cached_query_vectors, cached_words


class LengthEncoder:
    """A text's vector is (length, 1) made unit length; counts what it is asked for."""

    name = "length/1"
    dim = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        vectors = np.array([[len(text), 1] for text in texts], np.float32)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    encode_document = encode_query


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encoder = LengthEncoder()
    first = cached_query_vectors(["甲", "甲乙", "甲"], encoder, tmp_path)
    again = cached_query_vectors(["甲乙", "丙丁戊"], encoder, tmp_path)
    assert encoder.asked == ["甲", "甲乙", "丙丁戊"]
    np.testing.assert_allclose(first[:, 0], [2**-0.5, 2 / 5**0.5, 2**-0.5], atol=1e-3)
    np.testing.assert_array_equal(first[1], again[0])
    assert first.dtype == np.float32


def test_without_a_folder_everything_is_encoded() -> None:
    encoder = LengthEncoder()
    assert cached_query_vectors(["甲"], encoder, None).shape == (1, 2)
    assert cached_query_vectors([], encoder, None).shape == (0, 2)


def test_progress_counts_what_is_encoded(tmp_path: Path) -> None:
    seen: list[tuple[int, int, float]] = []
    texts = [f"文{number}" for number in range(100)]
    cached_query_vectors(texts, LengthEncoder(), tmp_path, lambda *done: seen.append(done))
    assert [done[:2] for done in seen] == [(64, 100), (100, 100)]
    assert all(rate > 0 for _, _, rate in seen)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", b"nonsense"])
def test_a_damaged_file_is_made_anew(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    cached_query_vectors(["甲"], LengthEncoder(), tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage)
    encoder = LengthEncoder()
    with caplog.at_level(logging.WARNING):
        cached_query_vectors(["甲"], encoder, tmp_path)
    assert encoder.asked == ["甲"]
    assert "damaged" in caplog.text
    cached_query_vectors(["甲"], encoder, tmp_path)
    assert encoder.asked == ["甲"]


def test_a_folder_that_cannot_be_written_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert cached_query_vectors(["甲"], LengthEncoder(), tmp_path / "file").shape == (1, 2)
        assert len(cached_words(["甲"], tmp_path / "file")) == 1
    assert caplog.text.count("cannot be kept") == 2


def test_words_are_indexed_once_and_read_back(tmp_path: Path) -> None:
    texts = ["社保卡丢了怎么补", "公积金提取"]
    built = cached_words(texts, tmp_path)
    (folder,) = tmp_path.iterdir()
    written = folder.stat().st_mtime_ns
    read = cached_words(texts, tmp_path)
    assert folder.stat().st_mtime_ns == written
    np.testing.assert_allclose(read.scores("社保卡"), built.scores("社保卡"), rtol=1e-6)
    assert read.scores("社保卡")[0] > 0 == read.scores("社保卡")[1]


def test_damaged_words_are_made_anew(tmp_path: Path) -> None:
    texts = ["社保卡丢了怎么补", "公积金提取"]
    cached_words(texts, tmp_path)
    for file in tmp_path.rglob("*.json"):
        file.write_text("{", encoding="utf-8")
    assert cached_words(texts, tmp_path).scores("公积金")[1] > 0


def test_old_word_indexes_are_dropped(tmp_path: Path) -> None:
    for number in range(7):
        cached_words([f"第{number}项"], tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
