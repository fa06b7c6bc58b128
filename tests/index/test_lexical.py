from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex, best, normalise, tokens

TEXTS = [
    "老旧小区加装电梯，先由业主协商。",
    "路灯不亮，请拨打社区电话。",
    "电梯困人，先按报警键。",
    "电梯与路灯。",
]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(TEXTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("裝電梯", "装电梯"),
        ("ＡＢＣ１２３", "abc123"),
        ("㎡", "m2"),
        ("COVID-19", "covid-19"),
        ("坏\ud800了", "坏?了"),
    ],
)
def test_variants_are_written_alike(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_tokens_are_words_and_the_words_in_them_and_pairs_of_characters() -> None:
    found = tokens("召开业主大会，拨12345")
    assert found.words == ["召开", "业主", "大会", "业主大会", "拨", "12345"]
    assert found.bigrams == ["召开", "开业", "业主", "主大", "大会", "拨1", "12", "23", "34", "45"]


@pytest.mark.parametrize("text", ["", " \n", "，。！", "\0\x1b", "😀"])
def test_texts_without_words_have_no_tokens(text: str) -> None:
    assert tokens(text) == ([], [])


def test_bm25_by_hand() -> None:
    """Lucene's formula with k1 = 1.5, b = 0.75 (Kamphuis et al., ECIR 2020)."""
    index = LexicalIndex.build(["路灯", "路灯坏了", "电梯"])
    # Bigrams: 路灯 | 路灯 灯坏 坏了 | 电梯, so lengths 1, 3, 1 and on average 5/3.
    idf = log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    expected = [idf / (1 + 1.5 * (0.25 + 0.75 * length / (5 / 3))) for length in (1, 3)]
    assert index.bigrams.scores(["路灯"]) == pytest.approx([*expected, 0], rel=1e-5)


def test_the_best_chunk_shares_most(index: LexicalIndex) -> None:
    rows, scores = index.top("加裝電梯要業主同意嗎", 10)
    assert rows[0] == 0
    assert set(rows.tolist()) == {0, 2, 3}
    assert (np.diff(scores) <= 0).all()


def test_scores_are_the_weighted_sum_of_both_kinds(index: LexicalIndex) -> None:
    query = tokens("路灯坏了")
    words, bigrams = index.words.scores(query.words), index.bigrams.scores(query.bigrams)
    scores = index.scores("路灯坏了", word_weight=0.5, bigram_weight=2)
    assert scores == pytest.approx(0.5 * words + 2 * bigrams)
    assert scores.dtype == np.float32


def test_a_token_counts_once_however_often_it_is_said(index: LexicalIndex) -> None:
    assert index.scores("路灯路灯路灯") == pytest.approx(index.scores("路灯 灯路"))


def test_postings_add_up_to_the_scores(index: LexicalIndex) -> None:
    query = tokens("社区的路灯和电梯").bigrams
    total = np.zeros(len(index), np.float32)
    for rows, parts in index.bigrams.postings(query):
        assert (np.diff(rows) > 0).all()
        total[rows] += parts
    assert total == pytest.approx(index.bigrams.scores(query))


@pytest.mark.parametrize("question", ["", "zzz", "😀", "\ud800", "量子纠缠"])
def test_nothing_shared_is_nothing_found(index: LexicalIndex, question: str) -> None:
    assert not index.scores(question).any()
    assert index.top(question, 5)[0].tolist() == []


def test_a_pasted_document_is_read_in_part(index: LexicalIndex) -> None:
    assert index.scores("路灯" + "，" * 1_000 + "电梯") == pytest.approx(index.scores("路灯"))


def test_saved_and_opened_again_it_is_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    opened = LexicalIndex.load(tmp_path)
    assert len(opened) == len(TEXTS)
    assert opened.scores("小区的电梯") == pytest.approx(index.scores("小区的电梯"))


def test_equal_texts_give_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        LexicalIndex.build(iter(TEXTS)).save(tmp_path / name)
    files = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


@pytest.mark.parametrize("texts", [[], ["，"], ["", "！"]])
def test_an_index_without_words_can_be_kept(texts: list[str], tmp_path: Path) -> None:
    LexicalIndex.build(texts).save(tmp_path)
    opened = LexicalIndex.load(tmp_path)
    assert len(opened) == len(texts)
    assert opened.scores("路灯").tolist() == [0.0] * len(texts)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), max_size=8), st.integers(0, 10))
def test_best_is_sorting(values: list[float], limit: int) -> None:
    scores = np.array(values, np.float32)
    expected = sorted(
        (row for row in range(len(values)) if values[row] > 0), key=lambda r: (-values[r], r)
    )
    rows, found = best(scores, limit)
    assert found.tolist() == [values[row] for row in rows]
    assert found.tolist() == [values[row] for row in expected[:limit]]


@given(st.text())
def test_any_text_can_be_indexed_and_asked(text: str) -> None:
    index = LexicalIndex.build([text, "路灯"])
    scores = index.scores(text)
    assert scores.shape == (2,)
    assert bool(scores[0]) == bool(tokens(text[:1_000]).bigrams)
