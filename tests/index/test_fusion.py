import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import Weights, company, coverage, fused, standardised


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_coverage_is_a_share_of_the_questions_weight() -> None:
    assert coverage(array(3, 0), 12).tolist() == [0.25, 0]
    assert coverage(array(3, 0), 0).tolist() == [0, 0]


def test_standardised_counts_deviations() -> None:
    assert np.allclose(standardised(array(0.84, 0.88), 0.84, 0.02), [0, 2])


def test_each_signal_has_its_weight() -> None:
    weights = Weights(words=10, meaning=2, document=0.5, sentence=0.25, length=1)
    score = fused(weights, array(0.4), array(0.2), array(1), array(3), np.array([1]))
    assert np.isclose(score[0], 10 * 0.3 + 2 * 1.5)
    longer = fused(weights, array(0.4), array(0.2), array(1), array(3), np.array([3]))
    assert np.isclose(score[0] - longer[0], np.log(3))


def test_words_decide_where_they_stand_and_meaning_where_none_does() -> None:
    one = np.ones(2, np.int64)
    said = fused(Weights(), array(0.4, 0.1), array(0.4, 0.1), array(2, 4), array(2, 4), one)
    unsaid = fused(Weights(), array(0.05, 0.02), array(0.05, 0.02), array(2, 4), array(2, 4), one)
    assert said[0] > said[1]
    assert unsaid[1] > unsaid[0]


def test_articles_of_a_law_that_matches_help_one_another() -> None:
    gain = company(Weights(work=1), array(5, 5, 5), np.array([0, 0, 1]))
    assert gain[0] == gain[1] > gain[2] == 0
    assert np.isclose(gain[0], np.sqrt(1 / 3))


@given(st.lists(st.floats(-20, 20), max_size=12))
def test_company_is_bounded_and_alone_there_is_none(scores: list[float]) -> None:
    values = array(*scores)
    together = company(Weights(work=2), values, np.zeros(len(values), np.int64))
    assert ((together >= 0) & (together <= 2.0001)).all()
    assert not company(Weights(), values, np.arange(len(values))).any()
