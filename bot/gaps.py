"""What the knowledge base lacks: questions that found no answer or a bad one, by meaning."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from bot.storage.database import UnitOfWork
from bot.storage.home import ANSWERS_FILE
from bot.storage.records import Question
from index.encoder import Encoder
from knowledge.document import Document, KnowledgeError
from knowledge.loaders import build_document

ANSWERABLE = ("ask_policy", "lookup_service")
UNHELPFUL, HELPFUL, ANSWERED = "unhelpful", "helpful", "answered"
MAX_DISTANCE = 0.10
"""Questions of one group are on average this near (1 − inner product of the encoder)."""

EXAMPLES = 3


@dataclass(frozen=True)
class Gap:
    """Questions that ask the same and were not answered, newest first."""

    questions: tuple[Question, ...]

    @property
    def count(self) -> int:
        """How often it was asked."""
        return len(self.questions)

    @property
    def unhelpful(self) -> int:
        """How often there was an answer that did not help."""
        return sum(question.feedback == UNHELPFUL for question in self.questions)

    @property
    def wordings(self) -> list[str]:
        """All different wordings, newest first."""
        return list(dict.fromkeys(question.text for question in self.questions))

    @property
    def examples(self) -> list[str]:
        """A few different wordings."""
        return self.wordings[:EXAMPLES]


def unanswered(work: UnitOfWork) -> list[Question]:
    """Questions without an answer, and those whose answer did not help.

    Who was helped by a topic on offer, or answered by a worker since, is left out.
    """
    return [
        question
        for question in work.questions.find()
        if question.intent in ANSWERABLE
        and question.feedback not in (ANSWERED, HELPFUL)
        and (not question.found or question.feedback == UNHELPFUL)
    ]


def group(questions: Sequence[Question], encoder: Encoder) -> list[Gap]:
    """Groups by meaning, the most asked first (average linkage over cosine distance)."""
    from sklearn.cluster import AgglomerativeClustering

    if len(questions) < 2:
        return [Gap((question,)) for question in questions]
    wordings = list(dict.fromkeys(question.text for question in questions))
    labels = {wordings[0]: 0}
    if len(wordings) > 1:
        vectors = encoder.encode_query(wordings)
        distances = np.clip(1 - vectors @ vectors.T, 0, 2)
        clustering = AgglomerativeClustering(
            n_clusters=None,
            distance_threshold=MAX_DISTANCE,
            metric="precomputed",
            linkage="average",
        )
        labels = dict(zip(wordings, clustering.fit_predict(distances).tolist(), strict=True))
    groups: dict[int, list[Question]] = {}
    for question in sorted(questions, key=lambda each: each.at, reverse=True):
        groups.setdefault(labels[question.text], []).append(question)
    return sorted((Gap(tuple(each)) for each in groups.values()), key=lambda gap: -gap.count)


def gap_of(question: Question, questions: Sequence[Question], encoder: Encoder) -> Gap:
    """The group of `questions` that holds this one; the question alone where none does."""
    gaps = group(questions, encoder)
    own = (gap for gap in gaps if question.id in [each.id for each in gap.questions])
    return next(own, Gap((question,)))


def answer_document(question: Question, answer: str, author: str, day: date) -> Document:
    """A worker's answer as an entry of the knowledge base, with its author and date.

    Raises KnowledgeError where the answer holds nothing legible.
    """
    if not answer.strip():
        raise KnowledgeError("答案是空的")
    document = build_document(f"answer-{question.id}", f"{question.text}\n{answer}", question.text)
    return replace(document, issuer=author, issued_on=day.isoformat(), source="社区工作人员答复")


def keep_for_evaluation(home: Path, wordings: Iterable[str], document_id: str, answer: str) -> None:
    """Add questions to those that `linli evaluate answers` asks when it is given no file.

    What was kept for this document before is replaced. Raises OSError.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / ANSWERS_FILE
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if json.loads(line)["document"] != document_id]
    fields = {"document": document_id, "answer": answer}
    kept += [json.dumps({"question": each, **fields}, ensure_ascii=False) for each in wordings]
    unfinished = path.with_suffix(".new")
    unfinished.write_text("".join(f"{line}\n" for line in kept), "utf-8")
    unfinished.replace(path)


def as_rows(gaps: Iterable[Gap]) -> list[dict[str, object]]:
    """Gaps as other programs get them; `id` is the newest question's."""
    return [
        {
            "id": gap.questions[0].id,
            "count": gap.count,
            "unhelpful": gap.unhelpful,
            "examples": gap.examples,
        }
        for gap in gaps
    ]
