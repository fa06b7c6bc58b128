"""Training of the embedded classifier: the part that needs scikit-learn.

Kept compatible with Python 3.10, because Rasa loads it.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import scipy.sparse
import sklearn
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse.csgraph import connected_components
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from index.encoder import Encoder, Vectors
from intents.classifier import EmbeddedClassifier, LinearModel, Thresholds
from intents.features import Meaning, NgramWeights
from intents.parse import UnderstandingError
from intents.training_data import Example, normalise, similar_pairs

# How much each kind of feature weighs against the regression's penalty (its C is 1): the best of a
# small grid by grouped cross-validation.
DIRECTION_SCALE = 6.0
NEARNESS_SCALE = 8.0
NGRAM_SCALE = 8.0
TOLERANCE = 1e-3
FOLDS = 5
GROUP_COSINE = 0.98
GROUP_SIMILARITY = 0.5
ASKING_COST = 0.25
"""How bad it is to ask what was meant, where acting on the wrong intent costs 1."""


def train(examples: Sequence[Example], encoder: Encoder) -> EmbeddedClassifier:
    """Encode the examples and learn from them; see `fit`."""
    return fit(examples, encoder.encode_query([example.text for example in examples]), encoder)


def fit(examples: Sequence[Example], vectors: Vectors, encoder: Encoder) -> EmbeddedClassifier:
    """Fit the model on examples and their query vectors `(n, dim)`, then its calibration and
    thresholds on predictions for unseen examples.

    Raises UnderstandingError where there are fewer than two intents.
    """
    intents = sorted({example.intent for example in examples})
    if len(intents) < 2:
        raise UnderstandingError(f"training needs two intents or more, got {intents}")
    order = sorted(range(len(examples)), key=lambda i: examples[i].intent)
    examples, vectors = [examples[i] for i in order], vectors[order]
    labels = np.array([intents.index(example.intent) for example in examples])
    unseen = cross_validate(examples, vectors, labels)
    temperature = _fit_temperature(unseen, labels)
    thresholds = _fit_thresholds(_soften(unseen, temperature), labels)
    meaning, ngram_weights, model = _fit(examples, vectors, labels, temperature)
    return EmbeddedClassifier(
        encoder=encoder,
        examples=examples,
        exact={normal: ex.intent for ex in examples if (normal := normalise(ex.text))},
        intents=intents,
        meaning=meaning,
        ngram_weights=ngram_weights,
        model=model,
        thresholds=thresholds,
    )


def cross_validate(
    examples: Sequence[Example], vectors: Vectors, labels: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Probabilities `(n, k)` for each example from a model that saw neither it nor its likes;
    examples and labels are sorted by intent."""
    probabilities = np.zeros((len(examples), int(labels.max()) + 1), dtype=np.float32)
    for learned, held_out in fold_indices(examples, vectors):
        meaning, ngram_weights, model = _fit(
            [examples[i] for i in learned], vectors[learned], labels[learned]
        )
        for i in held_out:
            row = ngram_weights.row(examples[i].text)
            probabilities[i] = model.probabilities(meaning.features(vectors[i]), *row)
    return probabilities


def fold_indices(
    examples: Sequence[Example], vectors: Vectors
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """For each fold the positions of what is learned and what is held out; like examples are in
    the same fold, so that none is learned and held out at once."""
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    labels = [example.intent for example in examples]
    return list(folds.split(vectors, labels, similarity_groups(examples, vectors)))


def similarity_groups(examples: Sequence[Example], vectors: Vectors) -> NDArray[np.intp]:
    """Number the groups of like examples: those linked by meaning or by characters."""
    alike = vectors @ vectors.T > GROUP_COSINE
    for i, j, _ in similar_pairs([example.text for example in examples], GROUP_SIMILARITY):
        alike[i, j] = True
    return np.asarray(connected_components(scipy.sparse.csr_matrix(alike), directed=False)[1])


def _fit(
    examples: Sequence[Example],
    vectors: Vectors,
    labels: NDArray[np.intp],
    temperature: float = 1.0,
) -> tuple[Meaning, NgramWeights, LinearModel]:
    texts = [example.text for example in examples]
    ngram_weights, meaning = NgramWeights.fit(texts), Meaning.fit(vectors, labels)
    dim, intents = vectors.shape[1], len(meaning.bounds) - 1
    scales = np.repeat([DIRECTION_SCALE, NEARNESS_SCALE], [dim, intents]).astype(np.float32)
    features = scipy.sparse.hstack(
        [
            scipy.sparse.csr_matrix(meaning.training_features(vectors) * scales),
            _ngram_matrix(ngram_weights, texts) * NGRAM_SCALE,
        ],
        format="csr",
    )
    regression = LogisticRegression(
        C=1.0, class_weight="balanced", max_iter=300, tol=_tolerance(len(examples))
    ).fit(features, labels)
    coefficients, intercept = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # scikit-learn keeps one row for two classes
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercept = np.concatenate([-intercept / 2, intercept / 2])
    ngram_part = coefficients[:, dim + intents :].T * NGRAM_SCALE
    model = LinearModel(
        meaning_weights=(coefficients[:, : dim + intents] * scales).astype(np.float32),
        ngram_weights=np.ascontiguousarray(ngram_part, dtype=np.float32),
        intercept=intercept.astype(np.float32),
        temperature=temperature,
    )
    return meaning, ngram_weights, model


def _tolerance(examples: int) -> float:
    """When to stop: scikit-learn measures the gradient of the mean loss; that of Rasa's
    environment (1.1) that of the sum, and would go on ten times as long."""
    is_old = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 4)
    return TOLERANCE * (examples if is_old else 1)


def _ngram_matrix(ngram_weights: NgramWeights, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
    rows = [ngram_weights.row(text) for text in texts]
    return scipy.sparse.csr_matrix(
        (
            np.concatenate([weights for _, weights in rows]),
            np.concatenate([columns for columns, _ in rows]),
            np.cumsum([0, *(len(columns) for columns, _ in rows)]),
        ),
        shape=(len(texts), len(ngram_weights.vocabulary)),
    )


def _soften(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Divide the logits by `temperature`: Guo et al. 2017, On Calibration of Modern Networks."""
    powers = np.maximum(probabilities, 1e-12) ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _fit_temperature(probabilities: NDArray[np.float32], labels: NDArray[np.intp]) -> float:
    """The temperature that makes the held-out labels most likely."""

    def loss(temperature: float) -> float:
        right = _soften(probabilities, temperature)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(right, 1e-12)).mean())

    return float(minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x)


def _fit_thresholds(probabilities: NDArray[np.float32], labels: NDArray[np.intp]) -> Thresholds:
    """The thresholds with the least cost: of errors when sure, and of asking when not."""
    ranked = np.sort(probabilities, axis=1)
    best, margin = ranked[:, -1], ranked[:, -1] - ranked[:, -2]
    is_wrong = probabilities.argmax(axis=1) != labels

    def cost(thresholds: Thresholds) -> float:
        is_sure = (best >= thresholds.confidence) & (margin >= thresholds.margin)
        return float((is_wrong & is_sure).sum() + ASKING_COST * (~is_sure).sum())

    grid = itertools.product(np.arange(0.2, 0.9, 0.02), np.arange(0, 0.7, 0.02))
    return min((Thresholds(float(one), float(other)) for one, other in grid), key=cost)
