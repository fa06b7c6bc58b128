from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.bundled import BundledEncoder
from index.calibration import Calibration, Signals, calibrate, log_odds, logistic
from index.indexer import Indexer
from index.snapshot import Snapshot
from knowledge.document import Document


def test_logistic_regression_by_hand() -> None:
    assert logistic({"bias": 0.0}, {}) == 0.5
    assert np.isclose(
        logistic({"bias": -1.0, "a": 2.0}, {"a": 1.0, "b": 9.0}), 1 / (1 + np.exp(-1))
    )
    assert 0 <= logistic({"a": 1e9}, {"a": -1e9}) < 1e-20


def test_a_better_match_is_more_probable_and_what_is_behind_less() -> None:
    calibration = Calibration.load(BundledEncoder.name)
    strong = calibration.passage_probability(Signals(fused=12, ahead=6))
    weak = calibration.passage_probability(Signals(fused=4, ahead=0.5))
    behind = calibration.passage_probability(Signals(fused=8, ahead=2, behind=4))
    assert 0 < behind < strong < 1
    assert 0 < weak < 0.2 < strong


def test_the_bundled_encoder_has_figures_of_its_own() -> None:
    bundled, neutral = Calibration.load(BundledEncoder.name), Calibration.load("another")
    assert bundled.cosine != neutral.cosine
    assert neutral.threshold > bundled.threshold


def test_an_unknown_encoder_is_measured(
    indexer: Indexer, root: Path, encoder, document: Callable[..., Document]
) -> None:  # type: ignore[no-untyped-def]
    indexer.add([document("a"), document("b", "电梯坏了。"), document("c", "今天天气好。")])
    snapshot = Snapshot.open_current(root)
    calibration = calibrate(snapshot, encoder)
    titles = encoder.encode_query([one.title for one in snapshot.documents.values()])
    cosine = titles @ np.asarray(snapshot.stored_vectors, np.float32).T
    assert calibration.cosine.mean == pytest.approx(cosine.mean(), abs=1e-3)
    assert calibration.threshold == Calibration.load("another").threshold


@given(st.floats(0, 1), st.floats(-20, 20))
def test_a_higher_score_of_the_second_reading_means_more(first: float, score: float) -> None:
    calibration = Calibration.load(BundledEncoder.name)
    low, high = (calibration.verified(first, value) for value in (score, score + 1))
    assert 0 <= low <= high <= 1


def test_doubt_lies_around_the_threshold() -> None:
    calibration = Calibration.load(BundledEncoder.name)
    assert calibration.is_in_doubt(calibration.threshold)
    assert not calibration.is_in_doubt(0.05)
    assert not calibration.is_in_doubt(0.99)


@given(st.floats(0.001, 0.999))
def test_log_odds_are_the_inverse(probability: float) -> None:
    assert logistic({"x": 1.0}, {"x": log_odds(probability)}) == pytest.approx(probability)
