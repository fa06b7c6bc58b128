"""Fitting the few weights of reader and confidence, with cross-validation by document.

What is fitted are factors of named features (index/reader.json, index/calibration.json); no word
of any text is kept. Linear models only, so that the figures can be read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold

from index.clauses import Floats
from index.encoder import Vectors
from index.evaluation import LabelledQuestion, character_f1
from index.query import AnswerType
from index.reader import Reader, Reading, weighted
from index.retriever import Passage, Retriever
from index.spans import Spans, whole_list

Weights = dict[str, float]
Features = Mapping[str, Floats]
FOLDS = 5
_CLAUSE_STRENGTH = 0.1
_SPAN_PENALTY = 10.0
# A shorter answer may stand elsewhere by chance.
_TELLING = 12


@dataclass(frozen=True)
class Example:
    """A question with the passage read for it; `inside` is the share of each clause in the gold."""

    labelled: LabelledQuestion
    passages: list[Passage]
    vector: Vectors
    reading: Reading
    inside: Floats

    @property
    def text(self) -> str:
        """The document that was read."""
        return self.passages[0].document.text

    @property
    def group(self) -> int:
        """Questions on one document stay in one fold."""
        return crc32(self.labelled.documents[0].encode())


def example(
    labelled: LabelledQuestion, vector: Vectors, retriever: Retriever, reader: Reader
) -> Example:
    """Read the first passage found and mark the clauses that the gold answer covers."""
    passages = retriever.search(labelled.question, 5, vector)
    reading = reader.examine(labelled.question, passages[0], vector)
    clauses, gold = reading.clauses, labelled.answer
    inside = np.zeros(len(clauses))
    document = passages[0].document
    if gold and (document.id in labelled.documents or len(gold) > _TELLING):
        low, high = int(clauses.start[0]), int(clauses.end[-1])
        at = document.text.find(gold, low, high)
        if at >= 0:
            shared = np.minimum(clauses.end, at + len(gold)) - np.maximum(clauses.start, at)
            inside = np.maximum(0, shared) / np.maximum(1, clauses.lengths)
    return Example(labelled, passages, vector, reading, inside)


def folds(groups: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Rows to fit on and rows to measure on."""
    for fit, measure in GroupKFold(FOLDS).split(np.zeros(len(groups)), groups=groups):
        yield fit.tolist(), measure.tolist()


def fit_clauses(examples: Sequence[Example]) -> Weights:
    """Logistic regression of whether a clause is in the answer; long clauses weigh more."""
    useful = [one for one in examples if one.inside.any()]
    names, values = _table([one.reading.features for one in useful])
    inside = np.concatenate([one.inside for one in useful])
    lengths = np.concatenate([one.reading.clauses.lengths for one in useful])
    both = np.concatenate([inside * lengths, (1 - inside) * lengths]) / lengths.mean()
    truth = np.repeat([1, 0], len(inside))
    return _fitted(
        LogisticRegression(C=_CLAUSE_STRENGTH, max_iter=500), names, values, truth, both, repeat=2
    )


def fit_spans(found: Sequence[tuple[Spans, Features]], f1: Sequence[Floats]) -> Weights:
    """Ridge regression of the F1 of candidates."""
    names, values = _table([features for _, features in found])
    return _fitted(Ridge(_SPAN_PENALTY), names, values, np.concatenate(f1), None)


def fit_logistic(
    features: Sequence[Mapping[str, float]], truth: Floats, weights: Floats
) -> Weights:
    """Logistic regression on single figures."""
    names = sorted({name for one in features for name in one})
    values = np.array([[one.get(name, 0.0) for name in names] for one in features])
    return _fitted(LogisticRegression(C=1.0, max_iter=1000), names, values, truth, weights)


def span_f1(one: Example, spans: Spans) -> Floats:
    """The F1 of each candidate."""
    pairs = zip(spans.start, spans.end, strict=True)
    gold = one.labelled.answer
    return np.array([character_f1(one.text[a:b], gold) for a, b in pairs])


def fit_reader(
    examples: Sequence[Example], out_of_fold: Callable[[int, str, float], None] | None = None
) -> dict[str, Weights]:
    """Weights of both stages; `out_of_fold` is told the quote and its value for each example."""
    groups = [one.group for one in examples]
    read: dict[int, tuple[Spans, Features]] = {}
    for fit, measure in folds(groups):
        clause = fit_clauses([examples[row] for row in fit])
        for row in measure:
            reading = examples[row].reading
            read[row] = reading.spans(reading.likely(clause))
    found = [read[row] for row in range(len(examples))]
    f1 = [span_f1(one, spans) for one, (spans, _) in zip(examples, found, strict=True)]
    for fit, measure in folds(groups) if out_of_fold else ():
        span = fit_spans([found[row] for row in fit], [f1[row] for row in fit])
        for row in measure:
            values = weighted(span, found[row][1])
            best = int(np.argmax(values))
            out_of_fold(row, quoted(examples[row], found[row][0], best), float(values[best]))
    return {"clause": fit_clauses(examples), "span": fit_spans(found, f1)}


def quoted(one: Example, spans: Spans, best: int) -> str:
    """What the reader quotes for a candidate."""
    clauses = one.reading.clauses
    start, end = int(spans.start[best]), int(spans.end[best])
    if one.reading.asked.answer_type is AnswerType.LIST and not spans.is_phrase[best]:
        first, last = whole_list(clauses, int(spans.first[best]), int(spans.last[best]))
        start, end = int(clauses.start[first]), int(clauses.end[last])
    return one.text[start:end]


def _table(rows: Sequence[Features]) -> tuple[list[str], Floats]:
    """All features under one another; what one does not have is 0."""
    names = sorted({name for features in rows for name in features})
    counts = [len(next(iter(features.values()))) for features in rows]
    columns = [
        np.concatenate(
            [features.get(name, np.zeros(n)) for features, n in zip(rows, counts, strict=True)]
        )
        for name in names
    ]
    return names, np.stack(columns, axis=1)


def _fitted(
    model: LogisticRegression | Ridge,
    names: Sequence[str],
    values: Floats,
    truth: Floats,
    weights: Floats | None,
    repeat: int = 1,
) -> Weights:
    """Fit on standardised features and give factors for the features as they are."""
    mean, spread = values.mean(0), values.std(0) + 1e-9
    standard = np.tile((values - mean) / spread, (repeat, 1))
    model.fit(standard, truth, sample_weight=weights)
    factors = np.ravel(model.coef_) / spread
    bias = float(np.ravel(model.intercept_)[0] - factors @ mean)
    return {"bias": bias} | {name: float(f) for name, f in zip(names, factors, strict=True)}
