"""What the classifier sees of a message: its meaning, the examples nearest to it, its characters.

Computed in plain numpy, so that a running Linli never imports scikit-learn. Kept compatible with
Python 3.10, because Rasa loads it.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.training_data import normalise

NGRAM_SIZES = (1, 2, 3)
MIN_DOCUMENTS = 2
"""An n-gram of a single example says nothing about others."""
START, END = "^", "$"
NEIGHBOURS = 5
AXES = 128
"""Along so many, nearest examples are found as well as along all, in a third of the time."""


def ngrams(text: str) -> list[str]:
    """Character n-grams of the normal form; its ends are marked, because how a message begins
    and ends says much about what it wants.

    >>> ngrams("漏水")
    ['漏', '水', '^漏', '漏水', '水$', '^漏水', '漏水$']
    """
    marked = f"{START}{normalise(text)}{END}"
    return [
        marked[start : start + size]
        for size in NGRAM_SIZES
        for start in range(len(marked) - size + 1)
        if marked[start : start + size] not in (START, END, START + END)
    ]


@dataclass(frozen=True)
class NgramWeights:
    """TF-IDF of character n-grams, as scikit-learn defines it (sublinear, smoothed, unit length).

    `vocabulary` maps an n-gram to its column, `idf` is `(columns,) float32`.
    """

    vocabulary: dict[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Sequence[str]) -> "NgramWeights":
        """Weigh the n-grams of `texts`: idf = ln((1 + n) / (1 + documents with it)) + 1."""
        frequencies = Counter(gram for text in texts for gram in set(ngrams(text)))
        kept = sorted(gram for gram, count in frequencies.items() if count >= MIN_DOCUMENTS)
        vocabulary = {gram: column for column, gram in enumerate(kept)}
        counts = np.array([frequencies[gram] for gram in vocabulary], dtype=np.float32)
        return cls(vocabulary, np.log((1 + len(texts)) / (1 + counts)).astype(np.float32) + 1)

    def row(self, text: str) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Columns and weights of one text; both empty where it shares no n-gram."""
        counts = Counter(self._columns(ngrams(text)))
        columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        frequency = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        weights = (1 + np.log(frequency)) * self.idf[columns]
        return columns, weights / (float(np.linalg.norm(weights)) or 1.0)

    def _columns(self, grams: Iterable[str]) -> Iterable[int]:
        return (column for gram in grams if (column := self.vocabulary.get(gram)) is not None)


@dataclass(frozen=True)
class Meaning:
    """Where a message stands among the examples: its direction from their `mean` `(dim,)`, and for
    each intent the mean cosine to its nearest examples.

    The cosines are measured along the `axes` `(r, dim)` in which the examples differ most, where
    `places` `(n, r) float32` holds the examples, ordered by intent; those of intent `i` are the
    rows from `bounds[i]` to `bounds[i + 1]`.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    places: NDArray[np.float32]
    bounds: tuple[int, ...]

    @classmethod
    def fit(cls, vectors: NDArray[np.float32], labels: NDArray[np.intp]) -> "Meaning":
        """Place the examples' query vectors `(n, dim)`; `labels` count up from 0 and are sorted."""
        mean = vectors.mean(axis=0)
        directions = _unit(vectors - mean)
        _, axes = np.linalg.eigh(directions.T @ directions)  # the largest come last
        axes = np.ascontiguousarray(axes[:, ::-1][:, :AXES].T)
        bounds = np.searchsorted(labels, np.arange(int(labels.max()) + 2))
        return cls(mean, axes, _unit(directions @ axes.T), tuple(map(int, bounds)))

    def features(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Direction and nearness to each intent, `(dim + intents,) float32`."""
        return np.concatenate([_unit(vector - self.mean), self._nearness(self.cosines(vector))])

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Likeness to each example, `(n,) float32`."""
        return np.asarray(self.places @ _unit(self.axes @ (vector - self.mean)))

    def training_features(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same as `features` for the examples themselves, `(n, dim + intents)`, none of which
        is its own neighbour."""
        cosines = self.places @ self.places.T
        np.fill_diagonal(cosines, -1.0)
        nearness = np.stack([self._nearness(row) for row in cosines])
        return np.hstack([_unit(vectors - self.mean), nearness])

    def _nearness(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        means = []
        for start, end in itertools.pairwise(self.bounds):
            count = min(NEIGHBOURS, end - start)
            means.append(np.partition(cosines[start:end], -count)[-count:].mean())
        return np.array(means, dtype=np.float32)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale to length 1 along the last axis; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
