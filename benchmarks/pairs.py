"""Questions with passages that answer them and with some that only look so, from our own texts."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from benchmarks.reading import Base, Own
from index.encoder import Vectors
from index.evaluation import LabelledQuestion
from index.query import bigrams
from index.reader import Quote, weighted, weights_of_reader
from index.retriever import Passage

# So many quotes are taken of the first and of the second document that is found.
_QUOTES = (3, 1)
_QUOTES_LEFT_OUT = (1, 1)
# The share of the gold answer's bigrams that an excerpt has where it holds it, or does not.
_HOLDS, _LACKS = 0.6, 0.25
# A shorter answer may stand in another document by chance.
_TELLING = 8
_ENDS = "。！？\n\u3000"


@dataclass(frozen=True)
class Candidate:
    """An excerpt, and whether it answers: 1, 0, or the share of the answer that it has."""

    excerpt: str
    truth: float


@dataclass(frozen=True)
class Asked:
    """A question of one kind with its candidates, the one that is quoted first.

    `confidence` is that of the first reading in the first quote; questions of one `group` stay
    together.
    """

    question: str
    kind: str
    group: str
    confidence: float
    candidates: list[Candidate]


def own_pairs(own: Own) -> Iterator[Asked]:
    """All our own questions, answerable ones also with their document left out of the base."""
    of_digests = {"digests": own.digest_questions, "everyday": own.everyday}
    of_notices = {
        "paraphrased": own.questions,
        "literal": own.literal,
        "clusters": own.clusters,
        "everyday": own.everyday,
    }
    for base, sets in ((own.together, of_notices), (own.digests, of_digests)):
        for kind, questions in sets.items():
            here = [one for one in questions if one.documents[0] in base.snapshot.documents]
            yield from asked(base, here, kind)
            yield from asked(base, here, f"left out, {kind}", left_out=True)
    for base, questions, kind in (
        (own.together, own.unanswerable, "unanswerable"),
        (own.together, own.near, "near"),
        (own.together, own.clusters_unanswerable, "clusters, unanswerable"),
        (own.notices, own.everyday_unanswerable, "everyday, unanswerable"),
        (own.together, own.clusters_everyday_unanswerable, "everyday, unanswerable"),
        (own.digests, own.digests_everyday_unanswerable, "everyday, unanswerable"),
        (own.digests, own.digest_unanswerable, "digests, unanswerable"),
    ):
        yield from asked(base, questions, kind)


def asked(
    base: Base, questions: Sequence[LabelledQuestion], kind: str, left_out: bool = False
) -> Iterator[Asked]:
    """Each question with the best quotes of the first documents, and with the gold answer."""
    for labelled in questions:
        vector = base.encoder.encode_query([labelled.question])[0]
        without: AbstractSet[str] = base.copies_of(labelled) if left_out else set()
        rest = base.snapshot.documents.keys() - without if without else None
        passages = base.retriever.search(labelled.question, 5, vector, rest)
        is_in_base = bool(labelled.answer) and not left_out
        counts = _QUOTES if is_in_base else _QUOTES_LEFT_OUT
        candidates = []
        for passage, count in zip(passages, counts, strict=False):
            for quote in _quotes(base, labelled.question, passage, vector, count):
                candidates += _candidate(labelled, quote)
        if is_in_base and not any(candidate.truth >= 1 for candidate in candidates):
            candidates += _gold(base, labelled)
        confidence = base.reader.read(labelled.question, passages, vector).confidence
        group = (labelled.documents or (labelled.question,))[0]
        yield Asked(labelled.question, kind, group, confidence, candidates)


def _quotes(
    base: Base, question: str, passage: Passage, vector: Vectors, count: int
) -> Iterator[Quote]:
    """The best quotes of a passage, each from other sentences."""
    reading = base.reader.examine(question, passage, vector)
    if not len(reading.clauses):
        return
    weights = weights_of_reader()
    spans, features = reading.spans(reading.likely(weights["clause"]))
    seen: list[Quote] = []
    for place in np.argsort(-weighted(weights["span"], features)):
        quote = base.reader.quote(passage.document, reading, spans, int(place))
        if any(_overlap(quote, other) for other in seen):
            continue
        seen.append(quote)
        yield quote
        if len(seen) == count:
            return


def _overlap(one: Quote, other: Quote) -> bool:
    return one.context_start < other.context_end and other.context_start < one.context_end


def _candidate(labelled: LabelledQuestion, quote: Quote) -> list[Candidate]:
    """The quote with what it holds of the answer; nothing where that cannot be told."""
    text = quote.excerpt
    if not labelled.answer:
        return [Candidate(text, 0.0)]
    share = _share(labelled.answer, text)
    if quote.document.id in labelled.documents:
        return [Candidate(text, 1.0 if share >= _HOLDS else share * (share > _LACKS))]
    if share < _HOLDS:
        return [Candidate(text, 0.0)]
    return [Candidate(text, 1.0)] if len(labelled.answer) >= _TELLING else []


def _share(answer: str, text: str) -> float:
    """The share of the answer's bigrams that a text has."""
    wanted, has = bigrams(answer), set(bigrams(text))
    return float(np.mean([term in has for term in wanted])) if wanted else float(answer in text)


def _gold(base: Base, labelled: LabelledQuestion) -> list[Candidate]:
    """The gold answer in its sentence."""
    document = base.snapshot.documents[labelled.documents[0]]
    start = document.text.find(labelled.answer)
    if start < 0:
        return []
    end = start + len(labelled.answer)
    first = max(document.text.rfind(mark, 0, start) for mark in _ENDS) + 1
    after = [document.text.find(mark, end - 1) + 1 for mark in _ENDS]
    last = min((place for place in after if place), default=len(document.text))
    quote = Quote(document, (), start, end, first, last)
    return [Candidate(quote.excerpt, 1.0)]
