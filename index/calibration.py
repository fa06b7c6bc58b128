"""Scores to probabilities: figures fitted on questions with known answers, one set an encoder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder import Encoder
from index.snapshot import Snapshot

FILE = Path(__file__).with_suffix(".json")
# What is used for an encoder that was never fitted.
NEUTRAL = "neutral"
_TITLES = 64
_CHUNKS = 2_048
_ALMOST = 1e-9


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a passage.

    `words` is the share of the question's words; `nearest` the cosine of the chunk or of its
    nearest sentence, in standard deviations above the mean of the encoder, so that it can be
    compared between questions; `fused` is the score of the ranking, `behind` how far it is
    behind the best passage, `ahead` how far ahead of the fifth document.
    """

    words: float = 0.0
    nearest: float = 0.0
    fused: float = 0.0
    behind: float = 0.0
    ahead: float = 0.0


@dataclass(frozen=True)
class Cosine:
    """Mean and standard deviation of the cosines of questions with chunks that are not for them."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Calibration:
    """Figures of one encoder.

    Between the two probabilities of `doubt` a second reading tells, weighed by `second`.
    """

    cosine: Cosine
    passage: Mapping[str, float]
    answer: Mapping[str, float]
    threshold: float
    doubt: tuple[float, float] = (0.0, 0.0)
    second: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, encoder_name: str) -> "Calibration":
        """The figures shipped for an encoder, else neutral ones that use no raw cosine."""
        known = _figures()["encoders"]
        return cls.from_json(known.get(encoder_name, known[NEUTRAL]))

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> "Calibration":
        """Read one entry of calibration.json."""
        return cls(
            Cosine(**figures["cosine"]),
            figures["passage"],
            figures["answer"],
            figures["threshold"],
            tuple(figures["doubt"]),
            figures["second"],
        )

    def answer_probability(self, evidence: Mapping[str, float]) -> float:
        """How likely the quote answers, in [0, 1]; see `index.confidence` for the evidence."""
        return logistic(self.answer, evidence)

    def is_in_doubt(self, probability: float) -> bool:
        """Whether a second reading is worth its time."""
        low, high = self.doubt
        return low <= probability < high

    def verified(self, probability: float, score: float) -> float:
        """How likely the quote answers after a second reading with this score, in [0, 1]."""
        return logistic(self.second, {"first": log_odds(probability), "score": score})

    def passage_probability(self, signals: Signals) -> float:
        """How likely the passage answers, in [0, 1]."""
        features = {name: getattr(signals, name) for name in signals.__slots__}
        return logistic(self.passage, features)


def calibrate(snapshot: Snapshot, encoder: Encoder) -> Calibration:
    """The figures for an encoder: those shipped for it, else what can be measured without labels.

    An unknown encoder is asked for the titles of some documents; mean and deviation of the cosines
    with the chunks of the base tell how its similarities lie. Weights and threshold are then the
    neutral ones, whose threshold is higher.
    """
    known = Calibration.load(encoder.name)
    if encoder.name in _figures()["encoders"] or not len(snapshot.chunks):
        return known
    return replace(known, cosine=_measured(snapshot, encoder))


def _measured(snapshot: Snapshot, encoder: Encoder) -> Cosine:
    count = len(snapshot.stored_vectors)
    rows = np.linspace(0, count - 1, min(_CHUNKS, count), dtype=np.int64)
    chunks = np.asarray(snapshot.stored_vectors[rows], np.float32)
    asked = rows[np.linspace(0, len(rows) - 1, min(_TITLES, len(rows)), dtype=np.int64)]
    titles = list(dict.fromkeys(snapshot.document_of(int(row)).title for row in asked))
    cosine = encoder.encode_query(titles) @ chunks.T
    deviation = float(cosine.std(axis=1).mean())
    return Cosine(float(cosine.mean()), max(deviation, 1e-3))


def log_odds(probability: float) -> float:
    """The inverse of the logistic function; what is certain counts as almost so."""
    probability = min(max(probability, _ALMOST), 1 - _ALMOST)
    return log(probability / (1 - probability))


def logistic(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """Logistic regression: weights by name of feature, `bias` without one."""
    total = weights.get("bias", 0.0)
    total += sum(weight * features[name] for name, weight in weights.items() if name != "bias")
    return 1 / (1 + exp(-max(-60.0, min(60.0, total))))


@lru_cache(1)
def _figures() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return figures
