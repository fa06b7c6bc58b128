"""Texts and questions to fit and measure reading on, and the evidence that they give."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np

from benchmarks.fitting import Example, Weights, example
from index.cross_encoder import Verifier
from index.encoder import Encoder
from index.evaluation import LabelledQuestion, load_questions
from index.indexer import Indexer
from index.query import bigrams
from index.reader import Reader, weighted
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Document
from knowledge.loaders import load_shipped, read_paths

_OWN = Path(__file__).parent / "data" / "reading"
# Documents that begin alike are copies of one another.
_BEGINNING = 200


@dataclass(frozen=True)
class Case:
    """One question for the confidence: its kind, the fold it belongs to, and the evidence.

    `confidence` is what the reader makes of it by the weights that are shipped.
    """

    kind: str
    group: int
    evidence: dict[str, float]
    confidence: float


class Base:
    """Documents with their retriever and reader."""

    def __init__(
        self, snapshot: Snapshot, encoder: Encoder, verifier: Verifier | None = None
    ) -> None:
        self.snapshot, self.encoder = snapshot, encoder
        self.retriever = Retriever(snapshot, encoder)
        self.reader = Reader(snapshot, encoder, verifier=verifier)

    @classmethod
    def of(
        cls,
        documents: Sequence[Document],
        encoder: Encoder,
        root: Path,
        verifier: Verifier | None = None,
    ) -> Self:
        """Index documents in a folder, or take the index that is there."""
        Indexer(root, encoder).add(iter(documents))
        return cls(Snapshot.open_current(root), encoder, verifier)

    @classmethod
    def of_files(
        cls, paths: Sequence[Path], encoder: Encoder, root: Path, verifier: Verifier | None = None
    ) -> Self:
        """Index the documents of JSONL files."""
        read = list(read_paths(paths))
        documents = [one for one in read if isinstance(one, Document)]
        return cls.of(documents, encoder, root, verifier)

    def examples(self, questions: Sequence[LabelledQuestion]) -> list[Example]:
        """Each question with the passage that is found for it, read."""
        vectors = [self.encoder.encode_query([one.question])[0] for one in questions]
        pairs = zip(questions, vectors, strict=True)
        return [example(one, vector, self.retriever, self.reader) for one, vector in pairs]

    def cases(
        self, kind: str, examples: Sequence[Example], weights: dict[str, Weights]
    ) -> Iterator[Case]:
        """The evidence of questions as they are."""
        for one in examples:
            yield self._case(kind, one, weights)

    def without(
        self,
        kind: str,
        examples: Sequence[Example],
        weights: dict[str, Weights],
        left_out: Callable[[LabelledQuestion], AbstractSet[str]],
    ) -> Iterator[Case]:
        """The evidence of questions again where some documents are left out of the base."""
        for one in examples:
            rest = self.snapshot.documents.keys() - left_out(one.labelled)
            passages = self.retriever.search(one.labelled.question, 5, one.vector, rest)
            reading = self.reader.examine(one.labelled.question, passages[0], one.vector)
            again = replace(one, passages=passages, reading=reading)
            if not _holds(again):
                yield self._case(kind, again, weights)

    def copies_of(self, labelled: LabelledQuestion) -> set[str]:
        """The documents that answer, and those that begin as they do."""
        gold = {self._beginnings[id_] for id_ in labelled.documents}
        return {id_ for id_, beginning in self._beginnings.items() if beginning in gold}

    @cached_property
    def _beginnings(self) -> dict[str, str]:
        documents = self.snapshot.documents
        return {id_: document.text[:_BEGINNING] for id_, document in documents.items()}

    def part_of(self, labelled: LabelledQuestion) -> set[str]:
        """All documents on the same domain: those whose ids begin alike."""
        part = labelled.documents[0].split("-")[0]
        return {id_ for id_ in self.snapshot.documents if id_.split("-")[0] == part}

    def _case(self, kind: str, one: Example, weights: dict[str, Weights]) -> Case:
        likely = one.reading.likely(weights["clause"])
        spans, features = one.reading.spans(likely)
        values = weighted(weights["span"], features)
        evidence = self.reader.evidence(one.passages[0], one.reading, likely, spans, values)
        answer = self.reader.read(one.labelled.question, one.passages, one.vector)
        return Case(kind, one.group, evidence, answer.confidence)


@dataclass(frozen=True)
class Own:
    """Our own texts and questions: notices of invented places, and the shipped digests.

    `questions` paraphrase, `literal` ones use the notices' own words; `unanswerable` ask for
    another matter, `near` ones for a detail of the matter that is not there. `clusters` are on
    notices of which five treat one matter, each for another place, with what none of them tells;
    `together` are all notices, those of the clusters too. `everyday` questions are asked as
    residents do, on notices as well as on digests.
    """

    notices: Base
    questions: list[LabelledQuestion]
    literal: list[LabelledQuestion]
    unanswerable: list[LabelledQuestion]
    near: list[LabelledQuestion]
    together: Base
    clusters: list[LabelledQuestion]
    clusters_unanswerable: list[LabelledQuestion]
    everyday: list[LabelledQuestion]
    everyday_unanswerable: list[LabelledQuestion]
    clusters_everyday_unanswerable: list[LabelledQuestion]
    digests_everyday_unanswerable: list[LabelledQuestion]
    digests: Base
    digest_questions: list[LabelledQuestion]
    digest_unanswerable: list[LabelledQuestion]


def load_own(root: Path, encoder: Encoder) -> Own:
    """Read benchmarks/data/reading, and index it in a folder."""
    notices = _OWN / "documents.jsonl"
    return Own(
        Base.of_files([notices], encoder, root / "notices"),
        load_questions(_OWN / "questions.jsonl"),
        load_questions(_OWN / "literal-questions.jsonl"),
        lines(_OWN / "unanswerable.txt"),
        lines(_OWN / "near-unanswerable.txt"),
        Base.of_files([notices, _OWN / "cluster-documents.jsonl"], encoder, root / "together"),
        load_questions(_OWN / "cluster-questions.jsonl"),
        lines(_OWN / "cluster-unanswerable.txt"),
        load_questions(_OWN / "everyday-questions.jsonl"),
        lines(_OWN / "everyday-unanswerable.txt"),
        lines(_OWN / "cluster-everyday-unanswerable.txt"),
        lines(_OWN / "digest-everyday-unanswerable.txt"),
        Base.of(load_shipped(), encoder, root / "digests"),
        load_questions(_OWN / "digest-questions.jsonl"),
        lines(_OWN / "digest-unanswerable.txt"),
    )


def questions_of(path: Path) -> list[LabelledQuestion]:
    """The questions of a JSONL file, or of a text with one a line."""
    return load_questions(path) if path.suffix == ".jsonl" else lines(path)


def lines(path: Path) -> list[LabelledQuestion]:
    """Questions without a document, one a line; # begins a comment."""
    read = map(str.strip, path.read_text("utf-8").splitlines())
    return [LabelledQuestion(line, (line,)) for line in read if line and line[0] != "#"]


def _holds(one: Example) -> bool:
    """Whether what was read holds at least half of the gold answer's bigrams."""
    gold = bigrams(one.labelled.answer)
    read = one.reading.clauses.normal
    return bool(gold) and float(np.mean([term in read for term in gold])) >= 0.5
