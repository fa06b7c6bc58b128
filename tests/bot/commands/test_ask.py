"""The contract of `linli ask --json`: other programs rely on it."""

import json
from pathlib import Path
from typing import Any

import pytest

QUESTIONS = "老小区加装电梯要多少业主同意\n火星移民的补贴标准\n您好\n社保卡丢了怎么补\n"


@pytest.fixture(scope="module")
def answers(linli: Any, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    file = tmp_path_factory.mktemp("questions") / "questions.txt"
    file.write_text(QUESTIONS, encoding="utf-8")
    done = linli("ask", "--from", str(file), "--json", "--limit", "3")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_object_a_question_with_all_keys(answers: list[dict[str, Any]]) -> None:
    assert [each["question"] for each in answers] == QUESTIONS.splitlines()
    for each in answers:
        assert set(each) == {
            "question", "intent", "found", "answer", "passages", "services", "milliseconds",
        }  # fmt: skip
        assert set(each["intent"]) == {"name", "confidence"}
        assert each["milliseconds"] > 0
        assert len(each["passages"]) <= 3


def test_passages_name_their_document(answers: list[dict[str, Any]]) -> None:
    passages = answers[0]["passages"]
    assert [each["rank"] for each in passages] == [1, 2, 3]
    assert set(passages[0]) == {"rank", "score", "text", "section", "document"}
    assert set(passages[0]["document"]) == {
        "id", "title", "issuer", "document_number", "issued_on", "source",
    }  # fmt: skip


def test_answer_is_a_quotation(answers: list[dict[str, Any]]) -> None:
    policy = answers[0]
    assert policy["found"]
    assert policy["intent"]["name"] == "ask_policy"
    assert policy["answer"]
    assert "分之" in policy["answer"]


def test_not_found_and_other_intents(answers: list[dict[str, Any]]) -> None:
    _, unknown, greeting, service = answers
    assert not unknown["found"]
    assert not greeting["found"]
    assert greeting["intent"]["name"] == "greet"
    assert "您好" in greeting["answer"]
    assert service["intent"]["name"] == "lookup_service"
    assert service["found"]
    assert set(service["services"][0]) == {
        "name", "department", "phone", "hours", "address", "materials", "score",
    }  # fmt: skip


def test_asking_leaves_no_trace(linli: Any, home: Path) -> None:
    done = linli("ask", "幸福里3号楼路灯坏了", "--json")
    assert not json.loads(done.stdout)["found"]
    listed = linli("proposals", "list")
    assert "共 0 件" in listed.stdout


def test_only_some_documents(linli: Any) -> None:
    done = linli("ask", "--kind", "policy", "--json", "--only", "waste-sorting", "垃圾怎么分类")
    documents = {each["document"]["id"] for each in json.loads(done.stdout)["passages"]}
    assert documents <= {"waste-sorting"}


def test_nothing_asked_is_bad_usage(linli: Any) -> None:
    assert linli("ask").returncode == 2
