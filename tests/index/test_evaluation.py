import json
from pathlib import Path

import pytest

from index.errors import RetrievalError
from index.evaluation import (
    LabelledQuestion,
    character_f1,
    evaluate_answers,
    load_questions,
    recall,
    reciprocal_rank,
)
from index.reader import Reader
from index.retriever import Retriever

KEYS = [
    "questions",
    "recall@1",
    "recall@5",
    "recall@10",
    "mrr@10",
    "answer_f1",
    "queries_per_second",
]


def test_f1_counts_characters_with_repetition_and_no_punctuation() -> None:
    assert character_f1("28条。", "28条") == 1
    assert character_f1("共 28 条", "28条") == pytest.approx(6 / 7)
    assert character_f1("路路灯", "路灯灯") == pytest.approx(4 / 6)
    assert character_f1("", "28条") == character_f1("，。", "28条") == 0


def test_recall_is_the_share_of_gold_documents() -> None:
    assert recall(["a", "b", "c"], ["a", "c", "x", "y"], 3) == 0.5
    assert recall(["a", "b", "c"], ["c"], 1) == 0
    assert reciprocal_rank(["a", "b", "c"], ["c", "b"]) == 0.5
    assert reciprocal_rank(["a"], ["b"]) == 0


def test_one_document_or_several_with_or_without_answer(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    lines = [
        {"question": "问一", "document": "a", "answer": "答"},
        {"question": "问二", "documents": ["a", "b"]},
    ]
    file.write_text("\n\n".join(json.dumps(line) for line in lines), "utf-8")
    assert load_questions(file) == [
        LabelledQuestion("问一", ("a",), "答"),
        LabelledQuestion("问二", ("a", "b")),
    ]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"question": "问"}', '{"question": "", "documents": []}']
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "问", "document": "a"}}\n{line}\n', "utf-8")
    with pytest.raises(RetrievalError, match="line 2"):
        load_questions(file)


def test_missing_and_empty_files_are_errors(
    tmp_path: Path, retriever: Retriever, reader: Reader
) -> None:
    with pytest.raises(RetrievalError, match=r"none\.jsonl"):
        evaluate_answers(tmp_path / "none.jsonl", retriever, reader, retriever.encoder)
    (tmp_path / "empty.jsonl").write_text("\n", "utf-8")
    with pytest.raises(RetrievalError, match="no questions"):
        evaluate_answers(tmp_path / "empty.jsonl", retriever, reader, retriever.encoder)


def test_the_agreed_keys_and_figures_one_can_count(
    tmp_path: Path, retriever: Retriever, reader: Reader
) -> None:
    file = tmp_path / "questions.jsonl"
    lines = [
        {"question": "遛狗要不要拴绳", "document": "dogs", "answer": "遛狗时要给狗拴上牵引绳"},
        {"question": "遛狗要不要拴绳", "documents": ["dogs", "not-there"]},
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    result = evaluate_answers(file, retriever, reader, retriever.encoder)
    assert list(result) == KEYS
    assert result["questions"] == 2
    assert result["recall@1"] == 0.75
    assert result["mrr@10"] == 1
    assert result["answer_f1"] is not None and result["answer_f1"] > 0.6


def test_without_gold_answers_there_is_no_f1(
    tmp_path: Path, retriever: Retriever, reader: Reader
) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "遛狗要不要拴绳", "document": "dogs"}', "utf-8")
    assert evaluate_answers(file, retriever, reader, retriever.encoder)["answer_f1"] is None
