"""A linear text model that learns in seconds and answers in a millisecond.

Features are the encoder's vector of the text beside TF-IDF of its words and character n-grams;
the model is a linear support vector machine for each label over both, its margins turned into
probabilities. Only training needs scikit-learn: a trained model is a few NumPy arrays.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import rjieba
from numpy.typing import NDArray

from index.encoder import Encoder, Vectors
from intents.parse import UnderstandingError
from intents.training_data import normalise

Advance = Callable[[int, int, float], None]
"""Takes the characters done, those in all, and how many are done a second."""

Floats = NDArray[np.float32]

FORMAT = 4
FILE = "model.npz"
MAX_CHARACTERS = 2000
"""What comes after is not read: nobody's matter takes longer to become clear."""
OPENING = 30
"""So many characters, where the matter is named (a letter's title), are also read by themselves.
They are all that the encoder reads in training, of which it is nearly all the time."""
ENCODED_CHARACTERS = 100
"""Up to so many, a text is encoded whole when it is placed: in talk its vector is there already."""
ENCODED_TEXTS = 8000
"""The encoder reads so many of the texts to learn from, and more of them teach the words alone."""
MAX_TERMS = 40_000
"""The most frequent terms; three times as many do no better."""
FOLDS = 5
SURE_OF_SHARPNESS = 50
"""From so many texts on, how sharp the probabilities are is measured; before, it is SHARPNESS."""
SHARPNESS = 4.0
SHARPNESSES = np.geomspace(1, 16, 41)
BATCH = 64


def terms_of(text: str) -> Iterator[str]:
    """Words (marked by a space before them) and runs of one to three characters; words and runs of
    one and two characters of the opening once more, marked as such."""
    normal = normalise(text[:MAX_CHARACTERS])
    yield from _terms(normal, 3)
    yield from (f"^{term}" for term in _terms(normal[:OPENING], 2))


def _terms(normal: str, longest: int) -> Iterator[str]:
    yield from (f" {word}" for word in rjieba.cut_for_search(normal) if len(word) > 1)
    for size in range(1, longest + 1):
        yield from (normal[i : i + size] for i in range(len(normal) - size + 1))


@dataclass(frozen=True)
class LinearTextModel:
    """Labels and the weights that find them.

    For t terms, vectors of length d and n labels: `idf` is `(t,) float32`, `term_weights`
    `(t, n) float16`, `vector_weights` `(d, n) float32`, `bias` `(n,) float32`.
    """

    labels: tuple[str, ...]
    terms: dict[str, int]
    idf: Floats
    term_weights: NDArray[np.float16]
    vector_weights: Floats
    bias: Floats
    encoder_name: str

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        encoder: Encoder,
        progress: Advance | None = None,
    ) -> Self:
        """Learn from labelled texts.

        Raises UnderstandingError where there is nothing to tell apart.
        """
        if len(set(labels)) < 2:
            raise UnderstandingError("learning needs cases of at least two labels")
        rows = encoded_rows(len(texts))
        vectors = encode([texts[row][:OPENING] for row in rows], encoder, progress)
        # A text that was not encoded stands at the mean, where a vector says nothing.
        every = np.tile(vectors.mean(axis=0), (len(texts), 1))
        every[rows] = vectors
        return cls.fit(texts, labels, every, encoder.name)

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[str], vectors: Vectors, encoder_name: str
    ) -> Self:
        """Learn from labelled texts and their `(n, dim) float32` query vectors."""
        from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415 (heavy, for training alone)
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

        vectorizer = TfidfVectorizer(
            analyzer=terms_of,
            sublinear_tf=True,
            min_df=2 if len(texts) > 2000 else 1,
            max_features=MAX_TERMS,
            dtype=np.float32,
        )
        terms = vectorizer.fit_transform(texts)
        # Encodings of one language lie close together; what tells them apart is what is left.
        mean = vectors.mean(axis=0)
        features = hstack([terms, csr_matrix(vectors - mean)]).tocsr()
        classes, gold = np.unique(np.asarray(labels), return_inverse=True)
        weights, bias = _fit(features, gold)
        sharpness = _sharpness(features, gold)
        vector_weights = weights[terms.shape[1] :] * sharpness
        return cls(
            labels=tuple(map(str, classes)),
            terms={term: int(column) for term, column in vectorizer.vocabulary_.items()},
            idf=vectorizer.idf_.astype(np.float32),
            term_weights=(weights[: terms.shape[1]] * sharpness).astype(np.float16),
            vector_weights=vector_weights.astype(np.float32),
            bias=(bias * sharpness - mean @ vector_weights).astype(np.float32),
            encoder_name=encoder_name,
        )

    def probabilities(self, text: str, vector: Vectors) -> Floats:
        """How probable each label is: `(n,) float32`, adding up to 1.

        `vector` is the query vector of the text, or of the opening of a long one.
        """
        columns, values = self._tf_idf(text)
        scores = values @ self.term_weights[columns].astype(np.float32)
        scores += np.ravel(vector) @ self.vector_weights + self.bias
        exponents = np.exp(scores - scores.max())
        result: Floats = exponents / exponents.sum()
        return result

    def _tf_idf(self, text: str) -> tuple[NDArray[np.intp], Floats]:
        counts = Counter(self.terms[term] for term in terms_of(text) if term in self.terms)
        columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        frequencies = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(frequencies)) * self.idf[columns]
        return columns, values / (np.linalg.norm(values) or 1.0)

    def save(self, folder: Path) -> None:
        """Write the model as one file of plain arrays; a reader sees the old or the new one."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {"format": FORMAT, "labels": self.labels, "encoder": self.encoder_name}
        partial = folder / f"{FILE}.partial"
        with partial.open("wb") as file:
            np.savez(
                file,
                about=_as_bytes(json.dumps(about)),
                terms=_as_bytes("\n".join(self.terms)),
                columns=np.fromiter(self.terms.values(), np.int32, len(self.terms)),
                idf=self.idf,
                term_weights=self.term_weights,
                vector_weights=self.vector_weights,
                bias=self.bias,
            )
        partial.replace(folder / FILE)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> Self:
        """Read a saved model.

        Raises UnderstandingError where there is none that can be read, or where it was trained
        with another encoder.
        """
        try:
            with np.load(folder / FILE, allow_pickle=False) as arrays:
                about: dict[str, Any] = json.loads(arrays["about"].tobytes())
                terms = arrays["terms"].tobytes().decode().split("\n")
                model = cls(
                    labels=tuple(about["labels"]),
                    terms=dict(zip(terms, arrays["columns"].tolist(), strict=True)),
                    idf=arrays["idf"],
                    term_weights=arrays["term_weights"],
                    vector_weights=arrays["vector_weights"],
                    bias=arrays["bias"],
                    encoder_name=about["encoder"],
                )
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise UnderstandingError(f"{folder / FILE} cannot be read: {error}") from error
        if about["format"] != FORMAT or model.encoder_name != encoder.name:
            raise UnderstandingError(
                f"{folder / FILE} was made for {model.encoder_name} (format {about['format']}),"
                f" not for {encoder.name} (format {FORMAT}): train it again"
            )
        return model


def _fit(features: Any, gold: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Weights `(features, labels)` and bias `(labels,)`, one machine a label."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    machine = LinearSVC(C=1.0, random_state=0).fit(features, gold)
    weights, bias = machine.coef_.T, machine.intercept_
    if len(machine.classes_) == 2:  # scikit-learn keeps one column for two labels
        weights, bias = np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return weights, bias


def _sharpness(features: Any, gold: NDArray[np.intp]) -> float:
    """The factor before softmax that makes the labels of held-out texts likeliest (temperature
    scaling: Guo et al., On calibration of modern neural networks, 2017)."""
    if len(gold) < SURE_OF_SHARPNESS:
        return SHARPNESS
    fold = np.random.default_rng(0).permutation(len(gold)) % FOLDS
    margins = np.full((len(gold), int(gold.max()) + 1), -1.0)  # a label not learnt: surely not it
    held_out = np.zeros(len(gold), dtype=bool)
    for number in range(FOLDS):
        learnt, others = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        known, compact = np.unique(gold[learnt], return_inverse=True)
        if len(known) < 2:
            continue
        weights, bias = _fit(features[learnt], compact)
        margins[np.ix_(others, known)] = features[others] @ weights + bias
        held_out[others] = np.isin(gold[others], known)
    rows = np.flatnonzero(held_out)

    def surprise(sharpness: float) -> float:
        scores = margins[rows] * sharpness
        scores -= scores.max(axis=1, keepdims=True)
        right = scores[np.arange(len(rows)), gold[rows]]
        return float((np.log(np.exp(scores).sum(axis=1)) - right).mean())

    return float(min(SHARPNESSES, key=surprise)) if len(rows) >= SURE_OF_SHARPNESS else SHARPNESS


def encoded_rows(count: int) -> NDArray[np.intp]:
    """Which of so many texts are encoded: all, or ENCODED_TEXTS spread evenly (files are often
    sorted by label)."""
    return np.linspace(0, count - 1, min(count, ENCODED_TEXTS)).astype(np.intp)


def encode(texts: Sequence[str], encoder: Encoder, progress: Advance | None = None) -> Vectors:
    """Query vectors of texts, `(n, dim) float32`, in batches that move the progress."""
    total = sum(map(len, texts))
    done, started = 0, time.monotonic()
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        vectors[first : first + len(batch)] = encoder.encode_query(batch)
        done += sum(map(len, batch))
        if progress is not None:
            progress(done, total, done / max(time.monotonic() - started, 1e-6))
    return vectors


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
