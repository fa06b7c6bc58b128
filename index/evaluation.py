"""Quality of retrieval and answers on questions whose documents are known."""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from index.encoder import Encoder
from index.errors import RetrievalError
from index.reader import Reader
from index.retriever import Passage, Retriever

CUTOFFS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with the ids of the documents that answer it, and the answer if one is given."""

    question: str
    documents: tuple[str, ...]
    answer: str = ""


def load_questions(path: Path) -> list[LabelledQuestion]:
    """Read JSONL: `question`, `document` or `documents`, `answer` optional.

    Raises RetrievalError naming the line that cannot be read.
    """
    questions = []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RetrievalError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise RetrievalError(
                    f"{path} line {number} is not an object with question and document: {error}"
                ) from error
    return questions


def _question(record: dict[str, object]) -> LabelledQuestion:
    documents = record["documents"] if "documents" in record else [record["document"]]
    if not isinstance(documents, list) or not documents:
        raise ValueError("documents must be a list of ids")
    return LabelledQuestion(
        str(record["question"]), tuple(map(str, documents)), str(record.get("answer") or "")
    )


def evaluate_answers(
    path: Path, retriever: Retriever, reader: Reader, encoder: Encoder
) -> dict[str, int | float | None]:
    """Retrieval and answers on a labelled file, no question told its document.

    recall@k is the share of the gold documents among the first k distinct documents, mrr@10 the
    mean of one over the rank of the first of them. answer_f1 is over the questions with a gold
    answer, of the best quote, also where its confidence is too low to be given as an answer: it
    measures reading alone. None where no question has a gold answer. queries_per_second counts
    encoding, retrieval and reading, one question at a time.
    """
    questions = load_questions(path)
    if not questions:
        raise RetrievalError(f"{path} has no questions")
    totals: dict[str, float] = defaultdict(float)
    seconds = 0.0
    for labelled in questions:
        started = perf_counter()
        vector = encoder.encode_query([labelled.question])[0]
        passages = retriever.search(labelled.question, limit=max(CUTOFFS), vector=vector)
        answer = reader.read(labelled.question, passages, vector)
        seconds += perf_counter() - started
        ranked = distinct_documents(passages)
        for cutoff in CUTOFFS:
            totals[f"recall@{cutoff}"] += recall(ranked, labelled.documents, cutoff)
        totals["mrr@10"] += reciprocal_rank(ranked[:10], labelled.documents)
        if labelled.answer:
            totals["with_answer"] += 1
            totals["f1"] += character_f1(answer.text, labelled.answer)
    count, with_answer = len(questions), totals["with_answer"]
    measured = [*(f"recall@{cutoff}" for cutoff in CUTOFFS), "mrr@10"]
    return {
        "questions": count,
        **{name: totals[name] / count for name in measured},
        "answer_f1": totals["f1"] / with_answer if with_answer else None,
        "queries_per_second": count / seconds,
    }


def distinct_documents(passages: Sequence[Passage]) -> list[str]:
    """Ids of the documents in order of their first passage."""
    return list(dict.fromkeys(passage.document.id for passage in passages))


def recall(ranked: Sequence[str], gold: Sequence[str], cutoff: int) -> float:
    """The share of the gold documents among the first `cutoff`."""
    return len(set(gold) & set(ranked[:cutoff])) / len(set(gold))


def reciprocal_rank(ranked: Sequence[str], gold: Sequence[str]) -> float:
    """One over the rank of the first gold document, 0 where there is none."""
    return next((1 / rank for rank, found in enumerate(ranked, 1) if found in gold), 0.0)


def character_f1(answer: str, gold: str) -> float:
    """F1 over the multisets of characters, white space and punctuation dropped.

    >>> character_f1("共28条。", "28条")
    0.857...
    """
    given, wanted = Counter(letters(answer)), Counter(letters(gold))
    shared = (given & wanted).total()
    return 2 * shared / (given.total() + wanted.total()) if shared else 0.0


def letters(text: str) -> str:
    """A text without Unicode's categories P (punctuation), Z and C (white space)."""
    return "".join(c for c in text if unicodedata.category(c)[0] not in "PZC")
