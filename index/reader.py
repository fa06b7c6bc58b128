"""Passages to an answer: the sentence or clause that answers, and whether it can be trusted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from index.calibration import Calibration
from index.clauses import Block, Clauses, Floats, features, read_clauses
from index.confidence import QuoteSigns, Source, evidence
from index.cross_encoder import Verifier, excerpt
from index.encoder import Encoder, Vectors
from index.lexical import normalise
from index.query import AnswerType, EverydayWords, Question, analyse
from index.retriever import Passage
from index.snapshot import Snapshot
from index.spans import Spans, candidates, span_features, whole_list
from knowledge.document import Document

WEIGHTS = Path(__file__).with_name("reader.json")
# Chunks before and after the best one are read with it until they have so many characters: one
# on each side as a rule, and all short items of a list.
_LEAST_AROUND = 120
# A heading has at least so many characters of its own under it, or further headings.
_LEAST_UNDER = 8
# Characters of a sentence that is quoted whole where the question is whether something may be done.
_SHORT = 60
# In so many of the best candidates a figure with the unit asked for is looked for.
_QUOTED = 5


@dataclass(frozen=True, slots=True)
class Quote:
    """What a document says; `text` equals `document.text[start:end]`.

    `context` is the whole sentence or sentences that the quote stands in, for reading it alone.
    """

    document: Document
    path: tuple[str, ...]
    start: int
    end: int
    context_start: int
    context_end: int

    @property
    def text(self) -> str:
        """The words quoted."""
        return self.document.text[self.start : self.end]

    @property
    def context(self) -> str:
        """The whole sentences around them."""
        return self.document.text[self.context_start : self.context_end]

    @property
    def excerpt(self) -> str:
        """What is read together with a question: the title, and the quote with what is around."""
        return excerpt(self.document, self.start, self.end, self.context_start, self.context_end)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the passages say to a question.

    `confidence` is the estimated probability that the quotes answer it, `found` whether that is
    enough. Quotes are given in either case: below the threshold they are only what is nearest.
    """

    found: bool
    confidence: float
    quotes: tuple[Quote, ...] = ()
    gap_note: str = ""

    @property
    def has_gap(self) -> bool:
        """Whether the source is cut off where the quotes stand."""
        return bool(self.gap_note)

    @property
    def text(self) -> str:
        """All quotes, one a line."""
        return "\n".join(quote.text for quote in self.quotes)


@dataclass(frozen=True)
class Reading:
    """What was seen in a passage; `features` are `(clauses,)` each."""

    asked: Question
    clauses: Clauses
    features: dict[str, Floats]

    def likely(self, weights: Mapping[str, float]) -> Floats:
        """The probability of each clause to be in the answer; `weights` are those of clauses.

        A heading answers nothing, however well its words match: what stands under it does.
        """
        of_any = 1 / (1 + np.exp(-weighted(weights, self.features)))
        likely: Floats = (1 - self.features["heading"]) * of_any
        return likely

    def spans(self, likely: Floats) -> tuple[Spans, dict[str, Floats]]:
        """Candidate quotes by the probabilities of clauses, and what speaks for each."""
        kind = self.asked.answer_type
        spans = candidates(self.clauses, likely, kind)
        return spans, span_features(self.clauses, likely, self.features, spans, kind)


class Reader:
    """Reads passages of one snapshot. Immutable and safe to use from several threads.

    Where it is in doubt whether its quote answers, the `verifier` reads both once more.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        calibration: Calibration | None = None,
        everyday: EverydayWords | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._encoder = encoder
        self._verifier = verifier
        self._calibration = calibration or Calibration.load(encoder.name)
        self._everyday = everyday or EverydayWords.load()

    def read(
        self, question: str, passages: Sequence[Passage], vector: Vectors | None = None
    ) -> Answer:
        """The answer that passages give to a question; `vector` `(dim,)` is made when missing."""
        if not passages:
            return Answer(False, 0.0)
        if vector is None:
            vector = self._encoder.encode_query([question])[0]
        reading = self.examine(question, passages[0], vector)
        if not len(reading.clauses):
            return Answer(False, 0.0)
        likely = reading.likely(weights_of_reader()["clause"])
        spans, of_spans = reading.spans(likely)
        values = weighted(weights_of_reader()["span"], of_spans)
        best = int(np.argmax(values))
        quote = self.quote(passages[0].document, reading, spans, best)
        evidence = self.evidence(passages[0], reading, likely, spans, values)
        confidence = self._verified(question, quote, self._calibration.answer_probability(evidence))
        found = confidence >= self._calibration.threshold
        return Answer(found, confidence, (quote,), _gap_note(quote))

    def _verified(self, question: str, quote: Quote, confidence: float) -> float:
        """The confidence after a second reading, where the first leaves doubt."""
        if self._verifier is None or not self._calibration.is_in_doubt(confidence):
            return confidence
        return self._calibration.verified(confidence, self._verifier.score(question, quote.excerpt))

    def evidence(
        self, passage: Passage, reading: "Reading", likely: Floats, spans: Spans, values: Floats
    ) -> dict[str, float]:
        """What speaks for and against the best of `spans`, whose estimated F1 are `values`."""
        clauses = reading.clauses
        best = int(np.argmax(values))
        usual = self._calibration.cosine
        cosine = float(clauses.similarity[clauses.sentence[spans.first[best]]])
        similar = (cosine - usual.mean) / usual.deviation if cosine else passage.signals.nearest
        lines = clauses.normal.split("\n")
        ends = zip(spans.first[:_QUOTED], spans.last[:_QUOTED], strict=True)
        signs = QuoteSigns(
            float(values[best]),
            float(likely.max()),
            similar,
            ["".join(lines[first : last + 1]) for first, last in ends],
        )
        document = passage.document
        rows = self._snapshot.document_rows(document.id)
        names = normalise("\n".join((document.title, *document.aliases)))
        source = Source(self._snapshot.lexical.bigrams, rows, names)
        return evidence(
            reading.asked, passage.signals, source, reading.features, signs, self._everyday
        )

    def examine(self, question: str, passage: Passage, vector: Vectors) -> "Reading":
        """The clauses of a passage and of its neighbours, with what speaks for each."""
        asked = analyse(question)
        rows = self._snapshot.document_rows(passage.document.id)
        near = self._around(rows, passage.chunk.number)
        clauses = read_clauses([self._block(passage.document, near, vector)])
        idf = self._snapshot.lexical.bigrams.idf([term.text for term in asked.terms])
        of_clauses = features(asked, idf, clauses, passage.document.title)
        chunk = passage.chunk
        inside = (clauses.start >= chunk.start) & (clauses.end <= chunk.end)
        of_clauses["in_passage"] = inside.astype(np.float64)
        of_clauses["heading"] = _headings(passage.document, clauses)
        of_clauses |= self._of_chunks(near, asked, idf, vector, clauses)
        return Reading(asked, clauses, of_clauses)

    def _of_chunks(
        self, near: range, asked: Question, idf: Floats, vector: Vectors, clauses: Clauses
    ) -> dict[str, Floats]:
        """How near the chunk of each clause is, and what its headings name of the question.

        `chunk_similar` is in standard deviations below the nearest chunk; `under` is a share of
        the question's words, `under_relative` how far below the best of the chunks it is.
        """
        chunks = [self._snapshot.chunks[row] for row in near]
        of_clause = np.searchsorted([each.start for each in chunks], clauses.start, "right") - 1
        own = np.maximum(0, of_clause)
        stored = np.asarray(self._snapshot.stored_vectors[near.start : near.stop], np.float32)
        cosines = np.vecdot(stored, np.asarray(vector, np.float32)).astype(np.float64)
        similar = (cosines - cosines.max()) / self._calibration.cosine.deviation
        weights = idf * np.array([term.nearness for term in asked.terms])
        headings = [normalise("\n".join(each.path)) for each in chunks]
        named = np.array(
            [[term.text in heading for term in asked.terms] for heading in headings], np.float64
        )
        under = named.reshape(len(chunks), -1) @ weights / (weights.sum() or 1.0)
        return {
            "chunk_similar": similar[own],
            "under": under[own],
            "under_relative": (under - under.max())[own],
        }

    def _block(self, document: Document, near: range, vector: Vectors) -> Block:
        """The chunks of these rows, with their sentences and cosines with the question."""
        of_first, of_last = (self._snapshot.sentences(row) for row in (near[0], near[-1]))
        of_near = slice(of_first.start, of_last.stop)
        chunks = self._snapshot.chunks
        ranges = self._snapshot.sentence_ranges[of_near].tolist()
        stored = self._snapshot.sentence_vectors
        similarity = np.zeros(len(ranges))
        if len(stored):
            similarity = np.vecdot(
                np.asarray(stored[of_near], np.float32), np.asarray(vector, np.float32)
            ).astype(np.float64)
        start, end = chunks[near[0]].start, chunks[near[-1]].end
        return Block(document.text, start, end, ranges, similarity)

    def _around(self, rows: range, number: int) -> range:
        """The rows of a chunk and of its neighbours, more of them where they are short."""
        chunks = self._snapshot.chunks
        chunk = chunks[rows[number]]
        first = last = number
        while first > 0 and chunk.start - chunks[rows[first]].start < _LEAST_AROUND:
            first -= 1
        while last + 1 < len(rows) and chunks[rows[last]].end - chunk.end < _LEAST_AROUND:
            last += 1
        return rows[first : last + 1]

    def quote(self, document: Document, reading: Reading, spans: Spans, best: int) -> Quote:
        """What is quoted for one of `spans`: a list is made whole, a rule gets its sentence."""
        clauses = reading.clauses
        first, last = int(spans.first[best]), int(spans.last[best])
        start, end = int(spans.start[best]), int(spans.end[best])
        if reading.asked.answer_type is AnswerType.LIST and not spans.is_phrase[best]:
            first, last = whole_list(clauses, first, last)
            start, end = int(clauses.start[first]), int(clauses.end[last])
        sentences = clauses.sentence
        around = np.flatnonzero((sentences >= sentences[first]) & (sentences <= sentences[last]))
        context = int(clauses.start[around[0]]), int(clauses.end[around[-1]])
        # Whether something may be done is said by the whole sentence, its condition included.
        if reading.asked.answer_type is AnswerType.RULE and context[1] - context[0] <= _SHORT:
            start, end = context
        rows = self._snapshot.document_rows(document.id)
        chunks = (self._snapshot.chunks[row] for row in rows)
        path = next((chunk.path for chunk in chunks if start < chunk.end), ())
        return Quote(document, path, start, end, *context)


def _headings(document: Document, clauses: Clauses) -> Floats:
    """Whether a clause is of a heading that something stands under: it names what is said there."""
    found = np.zeros(len(clauses))
    if not len(clauses):
        return found
    low, high = int(clauses.start[0]), int(clauses.end[-1])
    for section, after in pairwise((*document.sections, None)):
        if section is None or not section.path or not low <= section.start < high:
            continue
        heading = section.path[-1]
        end = document.text.find(heading, section.start) + len(heading)
        has_parts = after is not None and after.path[: len(section.path)] == section.path
        if has_parts or section.end - end > _LEAST_UNDER:
            found[(clauses.start >= section.start) & (clauses.end <= end)] = 1.0
    return found


def _gap_note(quote: Quote) -> str:
    """What the source says of a place inside the quoted sentences where it is cut off."""
    inside = [
        gap.note
        for gap in quote.document.gaps
        if quote.context_start <= gap.position <= quote.context_end
    ]
    return inside[0] if inside else ""


def weighted(weights: Mapping[str, float], of: Mapping[str, Floats]) -> Floats:
    """Sum of features times weights by name, and `bias`; what has no weight counts nothing."""
    names = [name for name in of if name in weights]
    factors = np.array([weights[name] for name in names])
    total: Floats = factors @ np.array([of[name] for name in names]) + weights["bias"]
    return total


@lru_cache(1)
def weights_of_reader() -> dict[str, dict[str, float]]:
    """The weights of both stages, "clause" and "span"; of each feature by name."""
    figures: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text("utf-8"))
    return figures
