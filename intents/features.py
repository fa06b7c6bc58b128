"""What the classifier sees of a message: its meaning and its characters, side by side.

Computed in plain numpy, so that a running Linli never imports scikit-learn. Kept compatible with
Python 3.10, because Rasa loads it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intents.training_data import normalise

NGRAM_SIZES = (1, 2, 3)
START, END = "^", "$"


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
        vocabulary = {gram: column for column, gram in enumerate(sorted(frequencies))}
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
