"""Who leads and who is responsible, from what was read out of the documents at ingest.

Both ways: 加装电梯谁牵头 gives the units of a task, 民政局牵头哪些事 the tasks of a unit.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from index.confidence import content_words
from index.encoder import Vectors
from index.lexical import normalise
from index.query import bigrams
from index.reader import Quote
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Document, Responsibility

_UNITS_OF_TASK = re.compile(
    r"谁(?:来|在|去)?(?:负责|牵头|主管|主办|落实|承担|管)|(?:牵头|主办|责任|配合|主管|负责|承办)的?(?:单位|部门)"
    r"|(?:哪个|哪些|什么|啥)(?:部门|单位)(?:来|在)?(?:负责|牵头|主管|配合|落实|参与|承担|管)"
    r"|(?:归|由)(?:谁|哪个部门|哪些部门|哪个单位|哪些单位|什么部门)(?:来|在)?(?:负责|牵头|主管|管)?"
    r"|是(?:谁|哪个部门|哪些部门|哪个单位|哪些单位|什么部门)(?:来|在)?"
    r"(?:负责|牵头|主管|管|弄|做|办|的(?:任务|事|责任|活))"
    r"|找(?:谁|哪个部门|哪个单位|什么部门|啥部门)|(?:完成|办理)?时限"
)
_TASKS_OF_UNIT = re.compile(
    r"(?P<unit>[\u4e00-\u9fff]{2,14}?)(?:主要|具体|都|要|应该|应当|需要|分别)*"
    r"(?P<role>牵头|主办|主管|负责|配合|参与|承担|管)(?:着|了|的)?"
    r"(?:有|是)?(?:哪些|哪几|什么|啥|几)"
    r"|(?P<owner>[\u4e00-\u9fff]{2,14}?)(?:的|有哪些|有什么)(?:职责|任务|责任(?!单位|部门|人))"
)
_LEADS = ("牵头", "主办", "主管")
_HELPS = ("配合", "参与")
_PASSAGES = 5
_DOCUMENTS_OF_UNIT = 200
# So much of what the question names, weighed by idf, must stand in the task, its headings or the
# title, and so much in the task itself.
_NAMED = 0.6
_NAMED_IN_TASK = 0.35
# Tasks that match nearly as well as the best are shown with it.
_NEARLY = 0.9
_MOST_TASKS = 3
_MOST_ITEMS = 60
# Where the meaning agrees, so much less has to be named.
_EASE = 0.6


@dataclass(frozen=True, slots=True)
class ResponsibilityAnswer:
    """Tasks with their units; `quotes` has one for each of `items`.

    `unit` is the unit whose tasks these are, empty where the units of a task were asked for.
    """

    items: tuple[Responsibility, ...]
    quotes: tuple[Quote, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class _Stated:
    document: Document
    item: Responsibility


class ResponsibilityFinder:
    """Finds responsibilities in one snapshot. Immutable and safe to use from several threads."""

    def __init__(self, snapshot: Snapshot, retriever: Retriever) -> None:
        self._snapshot = snapshot
        self._retriever = retriever
        self._encoder = retriever.encoder

    def find(self, question: str, vector: Vectors | None = None) -> ResponsibilityAnswer | None:
        """What the documents state about units and tasks; None if that is not asked or not said."""
        text = normalise(question)
        of_unit = _TASKS_OF_UNIT.search(text)
        if of_unit:
            return self._tasks(of_unit)
        if _UNITS_OF_TASK.search(text):
            return self._units(question, vector)
        return None

    def at(self, document: Document, start: int, end: int) -> ResponsibilityAnswer | None:
        """What is stated about `document.text[start:end]`, to follow up on a quote."""
        for item in document.responsibilities:
            if item.start < end and start < _statement_end(item):
                return self._answer([_Stated(document, item)])
        return None

    def listed(
        self, places: Sequence[tuple[Document, int, int]], unit: str
    ) -> ResponsibilityAnswer:
        """The tasks of a unit at places that were found before; what is gone is left out."""
        stated = [
            _Stated(document, item)
            for document, start, end in places
            for item in document.responsibilities
            if (item.start, _statement_end(item)) == (start, end)
        ]
        return self._answer(stated, unit)

    def _units(self, question: str, vector: Vectors | None) -> ResponsibilityAnswer | None:
        if vector is None:
            vector = self._encoder.encode_query([question])[0]
        passages = self._retriever.search(question, limit=_PASSAGES, vector=vector)
        documents = {passage.document.id: passage.document for passage in passages}
        stated = [_Stated(doc, item) for doc in documents.values() for item in doc.responsibilities]
        if not stated:
            return None
        words = content_words(_UNITS_OF_TASK.sub(" ", normalise(question)))
        nearest = self._nearest(stated, vector)
        matched = self._matched(words, stated, nearest)
        return self._answer(matched) if matched else None

    def _nearest(self, stated: Sequence[_Stated], vector: Vectors) -> _Stated | None:
        """The statement that holds the sentence nearest in meaning to the question."""
        best: tuple[float, _Stated] | None = None
        for one in stated:
            similar = self._similarity(one, vector)
            if best is None or similar > best[0]:
                best = similar, one
        return best[1] if best else None

    def _similarity(self, one: _Stated, vector: Vectors) -> float:
        snapshot = self._snapshot
        rows = snapshot.document_rows(one.document.id)
        places = slice(snapshot.sentences(rows[0]).start, snapshot.sentences(rows[-1]).stop)
        ranges = snapshot.sentence_ranges[places]
        inside = (ranges[:, 0] < one.item.end) & (ranges[:, 1] > one.item.start)
        if not len(snapshot.sentence_vectors) or not inside.any():
            return -1.0
        stored = np.asarray(snapshot.sentence_vectors[places][inside], np.float32)
        return float(np.vecdot(stored, np.asarray(vector, np.float32)).max())

    def _matched(
        self, words: Sequence[str], stated: Sequence[_Stated], nearest: _Stated | None
    ) -> list[_Stated]:
        """The statements whose task is what the question names, best first."""
        terms = list(dict.fromkeys(term for word in words for term in bigrams(word)))
        weights = self._snapshot.lexical.bigrams.idf(terms)
        if not terms or not weights.sum():
            return []
        shares = weights / weights.sum()

        def share(text: str) -> float:
            normal = normalise(text)
            return float(sum(s for term, s in zip(terms, shares, strict=True) if term in normal))

        scored = []
        for one in stated:
            in_task = share(one.item.task)
            around = share("\n".join((one.item.task, *one.item.path, one.document.title)))
            # What is nearest in meaning too may be named in other words.
            ease = _EASE if one is nearest else 1.0
            if in_task >= ease * _NAMED_IN_TASK and around >= ease * _NAMED:
                scored.append(((in_task + around) / ease, one))
        scored.sort(key=lambda pair: -pair[0])
        return [one for score, one in scored if score >= _NEARLY * scored[0][0]][:_MOST_TASKS]

    def _tasks(self, asked: re.Match[str]) -> ResponsibilityAnswer | None:
        unit = asked["unit"] or asked["owner"]
        role = asked["role"] or "负责"
        stated = [
            _Stated(document, item)
            for document in self._documents_naming(unit)
            for item in document.responsibilities
            if any(is_unit(name, unit) for name in _units_in_role(item, role))
        ]
        if not stated:
            return None
        names = (name for one in stated for name in _units_in_role(one.item, role))
        full = next(name for name in names if is_unit(name, unit))
        return self._answer(stated[:_MOST_ITEMS], full)

    def _documents_naming(self, unit: str) -> Iterator[Document]:
        """Documents with a chunk that has all of the unit's bigrams, most of such chunks first."""
        terms = bigrams(_bare(unit))
        postings = self._snapshot.lexical.bigrams.postings(terms)
        if not postings or len(postings) < len(set(terms)):
            return
        rows = reduce(np.intersect1d, [rows for rows, _ in postings])
        counts: dict[str, int] = {}
        for row in rows[: 4 * _DOCUMENTS_OF_UNIT]:
            document_id = self._snapshot.chunks[int(row)].document_id
            counts[document_id] = counts.get(document_id, 0) + 1
        ordered = sorted(counts, key=lambda document_id: -counts[document_id])
        for document_id in ordered[:_DOCUMENTS_OF_UNIT]:
            yield self._snapshot.documents[document_id]

    def _answer(self, stated: Sequence[_Stated], unit: str = "") -> ResponsibilityAnswer:
        items = tuple(one.item for one in stated)
        return ResponsibilityAnswer(items, tuple(_quotes(stated)), unit)


def _units_in_role(item: Responsibility, role: str) -> tuple[str, ...]:
    if role in _LEADS:
        return item.lead
    return item.responsible if role in _HELPS else (*item.lead, *item.responsible)


def is_unit(stated: str, asked: str) -> bool:
    """Whether 市民政局 is meant by 民政局 or 武汉市民政局, 各区人民政府 by 各区."""
    stated, asked = normalise(stated), normalise(asked)
    return _bare(asked) in stated or asked.endswith(stated)


def _bare(unit: str) -> str:
    """A unit without the place in front: 民政局 for 武汉市民政局 and 市民政局."""
    bare = re.sub(r"^(?:[\u4e00-\u9fff]{2,8}?[省市县]|[省市县区](?!委))", "", unit)
    return bare if len(bare) > 1 else unit


def _quotes(stated: Iterable[_Stated]) -> Iterator[Quote]:
    for one in stated:
        start, end = one.item.start, _statement_end(one.item)
        yield Quote(one.document, one.item.path, start, end, start, end)


def _statement_end(item: Responsibility) -> int:
    """Where the statement ends: behind the bracket or line that names the units of the task."""
    return max(item.end, item.statement_end)
