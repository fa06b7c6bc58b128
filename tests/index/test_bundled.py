import ast
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index import bundled
from index.bundled import BundledEncoder


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    return BundledEncoder(threads=2)


def test_vectors_are_of_unit_length(encoder: BundledEncoder) -> None:
    vectors = encoder.encode_query(["路灯坏了", "怎么办社保卡"])
    assert vectors.shape == (2, encoder.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder.encode_document([]).shape == (0, encoder.dim)


def test_likeness_in_meaning(encoder: BundledEncoder) -> None:
    question = encoder.encode_query(["家里老人想装电梯，邻居不同意怎么办"])[0]
    near, far = encoder.encode_document(
        ["既有住宅加装电梯，由业主协商决定。", "犬只每年接种一次狂犬病疫苗。"]
    )
    assert question @ near > question @ far + 0.02


def test_questions_and_documents_are_read_differently(encoder: BundledEncoder) -> None:
    text = ["物业费怎么定"]
    assert encoder.encode_query(text)[0] @ encoder.encode_document(text)[0] < 0.999


def test_a_batch_gives_what_each_text_gives_in_its_order(encoder: BundledEncoder) -> None:
    texts = ["电", "小区里的路灯" * 30, "", "垃圾分类", "业主委员会换届" * 10, "停车"] * 2
    batch = encoder.encode_document(texts)
    single = np.concatenate([encoder.encode_document([text]) for text in texts])
    assert np.array_equal(batch, single)


def test_several_threads_get_their_own_vectors(encoder: BundledEncoder) -> None:
    texts = [f"{number}号楼的路灯坏了" for number in range(12)]
    expected = [encoder.encode_query([text])[0] for text in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: encoder.encode_query([text, "别的"])[0], texts))
    assert np.array_equal(found, expected)


HOSTILE = {
    "empty": "",
    "nul": "\0",
    "nul inside": "路灯\0坏了",
    "lone surrogates": "\ud800\udfff",
    "control characters": "\x01\x02\x1b[31m\x7f",
    "invisible": "\u200b" * 3_000,
    # Overflows a buffer of the engine if it gets there as it is.
    "ligature of a sentence": "\ufdfa" * 20_000,
    "emoji": "😀" * 1_500,
    "markup": "<script>alert(1)</script>'; DROP TABLE proposals;--",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_string_is_accepted(encoder: BundledEncoder, text: str) -> None:
    for vectors in (encoder.encode_query([text, "路灯"]), encoder.encode_document([text])):
        assert np.isfinite(vectors).all()
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_after_a_nul_is_lost(encoder: BundledEncoder) -> None:
    whole, cut, spaced = encoder.encode_query(["电梯\0困人", "电梯", "电梯 困人"])
    assert np.array_equal(whole, spaced)
    assert not np.array_equal(whole, cut)


def test_only_the_beginning_of_a_long_text_is_read(encoder: BundledEncoder) -> None:
    beginning = "".join(f"第{number}条路灯归街道管。" for number in range(100))
    long, longer = encoder.encode_document([beginning + "电梯" * 100, beginning + "停车" * 50_000])
    assert np.array_equal(long, longer)


def test_the_users_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    BundledEncoder(threads=1).encode_query(["路灯"])
    assert "OMP_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(
    ("setting", "threads"), [(None, 1), ("3", 3), ("2,4", 2), ("0", 1), ("many", 1), ("", 1)]
)
def test_the_users_number_of_threads_is_kept(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, threads: int
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if setting is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", setting)
    assert bundled._openmp_setting() == threads


def test_an_encoding_has_its_thread_and_gives_back_those_of_others() -> None:
    encoder = BundledEncoder(threads=1)
    library = encoder._model._lib
    library.omp_set_num_threads(7)
    try:
        seen = []
        with encoder._limit_openmp(1):
            seen.append(library.omp_get_max_threads())
        encoder.encode_query(["路灯"])
        seen.append(library.omp_get_max_threads())
    finally:
        library.omp_set_num_threads(1)
    assert seen == [1, 7]


@pytest.mark.parametrize("module", ["bundled", "encoder"])
def test_python_3_10_can_read_it(module: str) -> None:
    source = (Path(bundled.__file__).parent / f"{module}.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 10))
