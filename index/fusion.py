"""Words and meaning in one score, without a weight that suits one collection only.

BM25 has no upper limit that two questions share, and cosines of one encoder all lie close
together; adding them with fixed weights favours words here and meaning there. Both are first
brought to a scale that says how far the best possible is reached:

- words: BM25 as a share of the question's own weight, the sum of the idf of all its terms. A
  question whose words stand in a document gets near 0.5; where everyday words meet a statute
  all shares are small, differ little, and the meaning decides by itself.
- meaning: cosine as standard deviations above the mean of the whole base for this question.

See "theoretical min-max" in Bruch, Gai, Ingber: An Analysis of Fusion Functions for Hybrid
Retrieval (2023), and docs/retrieval.md for what each part is worth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SOFTNESS = 1.6


@dataclass(frozen=True)
class Weights:
    """How much each signal counts. `words` is per whole share, `meaning` per standard deviation."""

    words: float = 16.0
    meaning: float = 0.8
    # Of the words: how much is looked for in the whole document rather than in the chunk.
    document: float = 0.45
    # Of the meaning: how much the nearest sentence counts rather than the chunk.
    sentence: float = 0.43
    # A document with many chunks has more tries; log of their number.
    length: float = 0.11
    # What the company of other documents of the same work is worth at most.
    work: float = 2.5


def coverage(bm25: Floats, weight: float) -> Floats:
    """BM25 as a share of the question's weight; 0 where the question has no terms."""
    return bm25 / np.float32(weight) if weight > 0 else np.zeros_like(bm25)


def standardised(similarities: Floats, mean: float, deviation: float) -> Floats:
    """Similarities as standard deviations above the mean."""
    return (similarities - np.float32(mean)) / np.float32(deviation)


def fused(
    weights: Weights,
    chunk_words: Floats,
    document_words: Floats,
    chunk_meaning: Floats,
    sentence_meaning: Floats,
    chunks_of_document: NDArray[np.int64],
) -> Floats:
    """One score a chunk from signals of the same length; higher is better, no fixed range."""
    words = (1 - weights.document) * chunk_words + weights.document * document_words
    meaning = (1 - weights.sentence) * chunk_meaning + weights.sentence * sentence_meaning
    length = np.log(chunks_of_document)
    score = weights.words * words + weights.meaning * meaning - weights.length * length
    return score.astype(np.float32)


def company(weights: Weights, scores: Floats, works: NDArray[np.int64]) -> Floats:
    """What documents gain because others of the same work, as articles of one law, match too.

    `scores` and `works` (a number each) are of different documents. Each document counts by its
    share in a softmax of the scores; a document does not count for itself.
    """
    if not len(scores):
        return scores
    shares = np.exp((scores - scores.max()) / _SOFTNESS)
    shares /= shares.sum()
    together = np.bincount(works, shares)[works] - shares
    gain: Floats = np.sqrt(np.maximum(0.0, together)).astype(np.float32)
    return np.float32(weights.work) * gain
