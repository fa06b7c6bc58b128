"""A question to ranked passages: words and meaning, chunk, sentence and document together."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.calibration import Calibration, Signals, calibrate
from index.encoder import Encoder, Vectors
from index.fusion import Floats, Weights, company, coverage, fused, standardised
from index.query import EverydayWords, Question, analyse, bigrams, work
from index.snapshot import Snapshot
from index.vectors import FLAT_LIMIT
from knowledge.document import Chunk, Document, Status

Rows = NDArray[np.int64]

# So many of the best chunks by words and meaning are looked at closely.
_CANDIDATES = 96
# From each side in a base that is too large to compare every vector.
_EACH_SIDE = 200
# Chunks that stand for the whole base when the usual similarity is estimated.
_SAMPLE = 2_048
# So many imagined chunks with the encoder's usual similarities steady a small base.
_PRIOR_CHUNKS = 30
# BM25 over whole documents, with the chunks that hold a term as its frequency.
_K1, _B = 1.2, 0.75
# What an official word is worth beside a word of the question.
_EXPANSION = 0.2
# How clearly a passage stands out is told by the document of this rank, and its usual score.
_RIVAL, _USUAL_RIVAL = 5, 4.0
_OUTDATED = 2.0
_ELSEWHERE = 3.0
_NATIONAL = ("", "全国", "国家")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found; `score` is the estimated probability that it answers.

    `signals` are what the estimate was made from.
    """

    chunk: Chunk
    document: Document
    score: float
    signals: Signals = field(default_factory=Signals)


@dataclass(frozen=True)
class _Ranking:
    """Candidate rows with their signals, all arrays of one length, best first."""

    rows: Rows
    score: Floats
    words: Floats
    cosine: Floats

    def take(self, order: Rows) -> "_Ranking":
        return _Ranking(*(getattr(self, name)[order] for name in self.__dataclass_fields__))


class Retriever:
    """Searches one snapshot. Immutable and safe to use from several threads.

    `region` is where the people who ask live: what applies elsewhere only is ranked lower, unless
    the question names the place. `today` tells which documents have come to the end that they
    state; without it only those that are marked as expired or superseded move down.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        calibration: Calibration | None = None,
        everyday: EverydayWords | None = None,
        weights: Weights | None = None,
        region: str = "",
        today: Callable[[], date] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self.encoder = encoder
        self._calibration = calibration or calibrate(snapshot, encoder)
        self._everyday = everyday or EverydayWords.load()
        self._weights = weights or Weights()
        self._region = region
        self._today = today
        # Filled as documents are seen; writing twice what is equal does no harm.
        self._works: dict[int, str] = {}

    def search(
        self,
        question: str,
        limit: int = 5,
        vector: Vectors | None = None,
        only: AbstractSet[str] | None = None,
    ) -> list[Passage]:
        """The best passages, best first: each of another document as long as there are some.

        `vector` is the question as `(dim,)`; it is encoded here when not given. `only` limits the
        search to documents with these ids; unknown ids are passed over.
        """
        asked = analyse(question)
        if limit < 1 or not len(self._snapshot.chunks):
            return []
        if vector is None:
            vector = self.encoder.encode_query([question])[0]
        ranking = self._ranked(asked, vector, self._rows_of(only))
        return self._passages(asked, ranking, limit)

    def _rows_of(self, only: AbstractSet[str] | None) -> Rows | None:
        if only is None:
            return None
        known = sorted(set(only) & self._snapshot.documents.keys())
        ranges = [np.arange(0), *(np.asarray(self._snapshot.document_rows(id_)) for id_ in known)]
        return np.concatenate(ranges).astype(np.int64)

    # -- scores

    def _ranked(self, asked: Question, vector: Vectors, among: Rows | None) -> _Ranking:
        terms = bigrams(asked.text)
        postings = self._snapshot.lexical.bigrams.postings(terms)
        weight = self._weight(terms, postings)
        words = coverage(self._bm25(asked, postings), weight)
        rows, cosine, mean, deviation = self._similar(vector, words, among)
        meaning = standardised(cosine, mean, deviation)
        first = self._weights.words * words[rows] + self._weights.meaning * meaning
        best = _highest(first, _CANDIDATES)
        rows, cosine, meaning = rows[best], cosine[best], meaning[best]
        nearest = self._nearest_sentence(rows, cosine, vector)
        sentence = standardised(nearest, mean, deviation)
        starts, ends = self._document_ranges(rows)
        in_document = coverage(self._document_bm25(starts, ends, postings), weight)
        score = fused(self._weights, words[rows], in_document, meaning, sentence, ends - starts)
        score += self._company(starts, score)
        ranking = _Ranking(rows, score, words[rows], np.maximum(nearest, cosine))
        return ranking.take(np.argsort(-score, kind="stable"))

    def _bm25(
        self, asked: Question, postings: Sequence[tuple[NDArray[np.int32], Floats]]
    ) -> Floats:
        scores = np.zeros(len(self._snapshot.lexical), np.float32)
        for rows, parts in postings:
            scores[rows] += parts
        official = self._everyday.official(asked.text)
        if official:
            said = set(bigrams(asked.text))
            meant = [term for word in official for term in bigrams(word) if term not in said]
            for rows, parts in self._snapshot.lexical.bigrams.postings(meant):
                scores[rows] += np.float32(_EXPANSION) * parts
        return scores

    def _weight(
        self, terms: Sequence[str], postings: Sequence[tuple[NDArray[np.int32], Floats]]
    ) -> float:
        """The sum of the idf of all terms; a term that no chunk has weighs most."""
        known = sum(self._idf(len(rows)) for rows, _ in postings)
        return known + (len(set(terms)) - len(postings)) * self._idf(0)

    def _idf(self, frequency: int) -> float:
        count = len(self._snapshot.lexical)
        return float(np.log(1 + (count - frequency + 0.5) / (frequency + 0.5)))

    def _similar(
        self, vector: Vectors, words: Floats, among: Rows | None
    ) -> tuple[Rows, Vectors, float, float]:
        """Rows to look at, their cosines, and mean and deviation of cosines in the whole base."""
        vectors = self._snapshot.vectors
        if len(vectors) <= FLAT_LIMIT:
            cosine = vectors.similarities(vector)
            mean, deviation = self._usual(cosine)
            if among is None:
                return np.arange(len(cosine)), cosine, mean, deviation
            return among, cosine[among], mean, deviation
        mean, deviation = self._usual(np.vecdot(self._sample, np.asarray(vector, np.float32)))
        if among is None:
            nearest, _ = vectors.search(vector, _EACH_SIDE)
            wordiest = _highest(words, _EACH_SIDE)
            among = np.union1d(nearest, wordiest[words[wordiest] > 0])
        return among, vectors.similarities(vector, among), mean, deviation

    def _usual(self, cosine: Vectors) -> tuple[float, float]:
        """Mean and standard deviation, steadied by what is usual for the encoder."""
        own, prior = len(cosine), _PRIOR_CHUNKS
        usual = self._calibration.cosine
        mean = (float(cosine.sum()) + prior * usual.mean) / (own + prior)
        spread = float(np.square(cosine - mean).sum()) + prior * usual.deviation**2
        return mean, float(np.sqrt(spread / (own + prior)))

    @cached_property
    def _sample(self) -> Vectors:
        stored = self._snapshot.stored_vectors
        rows = np.linspace(0, len(stored) - 1, min(_SAMPLE, len(stored)), dtype=np.int64)
        return np.asarray(stored[rows], np.float32)

    def _nearest_sentence(self, rows: Rows, cosine: Vectors, vector: Vectors) -> Vectors:
        """Cosine of the nearest sentence of each chunk; that of the chunk where there is none."""
        stored = self._snapshot.sentence_vectors
        ends = self._sentence_ends[rows + 1]
        counts = ends - self._sentence_ends[rows]
        if not len(stored) or not counts.sum():
            return cosine
        # Places count up within each chunk: 7 8 9, 3 4, …
        before = np.cumsum(counts) - counts
        places = np.arange(counts.sum()) + np.repeat(ends - counts - before, counts)
        similar = np.vecdot(np.asarray(stored[places], np.float32), np.asarray(vector, np.float32))
        full = counts > 0
        nearest = cosine.copy()
        nearest[full] = np.maximum.reduceat(similar, before[full])
        return nearest

    @cached_property
    def _sentence_ends(self) -> Rows:
        """Where the sentences of each row end; the first entry is 0, so row r is at r + 1."""
        ends: Rows = np.concatenate([[0], self._snapshot.table("chunks")["sentences_end"]])
        return ends

    # -- documents

    def _company(self, starts: Rows, score: Floats) -> Floats:
        """What each candidate gains by other documents of its work; see `fusion.company`."""
        firsts, document = np.unique(starts, return_inverse=True)
        best = np.full(len(firsts), -np.inf, np.float32)
        np.maximum.at(best, document, score)
        names = [self._work(int(first)) for first in firsts]
        _, works = np.unique(names, return_inverse=True)
        return company(self._weights, best, works)[document]

    def _work(self, first_row: int) -> str:
        """The work that the document with this first row belongs to."""
        known = self._works.get(first_row)
        if known is None:
            known = self._works[first_row] = work(self._snapshot.document_of(first_row).title)
        return known

    @cached_property
    def _first_rows(self) -> Rows:
        """The first row of each document, and the number of rows at the end."""
        first: Rows = np.ascontiguousarray(self._snapshot.table("documents")[:, 1])
        return first

    def _document_ranges(self, rows: Rows) -> tuple[Rows, Rows]:
        position = np.searchsorted(self._first_rows, rows, side="right") - 1
        return self._first_rows[position], self._first_rows[position + 1]

    def _document_bm25(
        self,
        starts: Rows,
        ends: Rows,
        postings: Sequence[tuple[NDArray[np.int32], Floats]],
    ) -> Floats:
        """BM25 of whole documents; a term's frequency is the number of chunks that have it."""
        mean_length = self._first_rows[-1] / max(1, len(self._first_rows) - 1)
        firsts, at, document = np.unique(starts, return_index=True, return_inverse=True)
        edges = np.stack([firsts, ends[at]])
        saturation = _K1 * (1 - _B + _B * (edges[1] - edges[0]) / mean_length)
        scores = np.zeros(len(firsts), np.float32)
        for rows, _ in postings:
            low, high = rows.searchsorted(edges)
            frequency = high - low
            scores += self._idf(len(rows)) * frequency / (frequency + saturation)
        return scores[document]

    # -- passages

    def _passages(self, asked: Question, ranking: _Ranking, limit: int) -> list[Passage]:
        """The best chunk of each document in turn, then further chunks if that is too few."""
        starts, _ = self._document_ranges(ranking.rows)
        _, leaders = np.unique(starts, return_index=True)
        leaders = np.sort(leaders)
        others = np.setdiff1d(np.arange(len(ranking.rows)), leaders)
        # Some more than asked for, because what is outdated or applies elsewhere moves down.
        order = np.concatenate([leaders, others])[: limit + _CANDIDATES // 8]
        chosen = ranking.take(order)
        penalties = np.array([self._penalty(asked, int(row)) for row in chosen.rows], np.float32)
        chosen = replace(chosen, score=chosen.score - penalties)
        is_other = np.arange(len(order)) >= len(leaders)
        final = np.lexsort((-chosen.score, is_other))[:limit]
        rival = self._rival(ranking.score[leaders])
        best = float(chosen.score[final[0]]) if len(final) else 0.0
        return [self._passage(chosen, int(at), best, rival) for at in final]

    @staticmethod
    def _rival(scores: Floats) -> float:
        """The score of the fifth document; where there are fewer, at most what it usually is."""
        if len(scores) >= _RIVAL:
            return float(scores[_RIVAL - 1])
        return float(min(scores.min(initial=_USUAL_RIVAL), _USUAL_RIVAL))

    def _penalty(self, asked: Question, row: int) -> float:
        document = self._snapshot.document_of(row)
        status = document.status_on(self._today()) if self._today else document.status
        penalty = 0.0 if status is Status.IN_FORCE else _OUTDATED
        if _is_elsewhere(document, asked.places, self._region):
            penalty += _ELSEWHERE
        return penalty

    def _passage(self, ranking: _Ranking, at: int, best: float, rival: float) -> Passage:
        chunk = self._snapshot.chunks[int(ranking.rows[at])]
        document = self._snapshot.document_of(int(ranking.rows[at]))
        usual = self._calibration.cosine
        signals = Signals(
            words=float(ranking.words[at]),
            nearest=(float(ranking.cosine[at]) - usual.mean) / usual.deviation,
            fused=float(ranking.score[at]),
            behind=best - float(ranking.score[at]),
            ahead=float(ranking.score[at]) - rival,
        )
        return Passage(chunk, document, self._calibration.passage_probability(signals), signals)


def _highest(scores: Floats, count: int) -> Rows:
    """Where the highest scores stand, in order of place."""
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.sort(np.argpartition(-scores, count)[:count])


def _is_elsewhere(document: Document, asked: Sequence[str], home: str) -> bool:
    """Whether a document applies to another place than the one that is meant.

    A place that the question names is meant, otherwise home. What applies everywhere, or says
    nothing of a region, applies here too.
    """
    if document.region in _NATIONAL:
        return False
    if asked:
        about = "".join((document.region, document.title, document.issuer, document.text))
        return not any(place in about for place in asked)
    return bool(home) and document.region not in home and home not in document.region
