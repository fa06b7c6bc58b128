import json
from datetime import date
from pathlib import Path

import pytest

from bot.commands.parts import Parts
from bot.gaps import ANSWERS_FILE, answer_document, gap_of, group, keep_for_evaluation, unanswered
from knowledge.document import KnowledgeError

ASKED = (
    ("社区食堂老人吃饭打几折", False, ""),
    ("老人在社区食堂吃饭有折扣吗", False, ""),
    ("羽毛球馆周末开放吗", False, ""),
    ("装电梯要多少户同意", True, ""),
    ("垃圾分几类", True, "unhelpful"),
)


def test_same_questions_are_grouped_and_the_most_asked_come_first(fresh: Parts) -> None:
    with fresh.database.unit_of_work() as work:
        for text, found, feedback in ASKED:
            number = work.questions.add(text, intent="ask_policy", confidence=1.0, found=found)
            work.questions.give_feedback(number, feedback)
    with fresh.database.read() as rows:
        questions = unanswered(rows)
    assert "装电梯要多少户同意" not in [question.text for question in questions]
    gaps = group(questions, fresh.encoder)
    assert gaps[0].count == 2
    assert sum(gap.count for gap in gaps) == 4
    assert sum(gap.unhelpful for gap in gaps) == 1
    eaten = next(each for each in questions if each.text == "社区食堂老人吃饭打几折")
    assert set(gap_of(eaten, questions, fresh.encoder).wordings) == {
        "社区食堂老人吃饭打几折",
        "老人在社区食堂吃饭有折扣吗",
    }


@pytest.mark.parametrize("feedback", ["helpful", "answered"])
def test_who_was_helped_in_the_end_is_no_gap(fresh: Parts, feedback: str) -> None:
    with fresh.database.unit_of_work() as work:
        number = work.questions.add("食堂打几折", intent="ask_policy", confidence=1.0)
        work.questions.give_feedback(number, feedback)
    with fresh.database.read() as rows:
        assert unanswered(rows) == []


def test_no_gaps(fresh: Parts) -> None:
    assert group([], fresh.encoder) == []


def test_a_workers_answer_becomes_a_document(fresh: Parts) -> None:
    with fresh.database.unit_of_work() as work:
        number = work.questions.add("食堂打几折", intent="ask_policy", confidence=1.0)
        question = work.questions.get(number)
    assert question is not None
    document = answer_document(question, "六十岁以上老人打八折。", "李姐", date(2026, 11, 22))
    assert document.issuer == "李姐"
    assert document.issued_on == "2026-11-22"
    assert "打八折" in document.text


def test_an_answer_must_say_something(fresh: Parts) -> None:
    with fresh.database.unit_of_work() as work:
        question = work.questions.get(
            work.questions.add("食堂打几折", intent="ask_policy", confidence=1.0)
        )
    assert question is not None
    with pytest.raises(KnowledgeError):
        answer_document(question, " \n", "李姐", date(2026, 11, 22))


def test_an_answer_given_again_replaces_what_is_evaluated(tmp_path: Path) -> None:
    keep_for_evaluation(tmp_path, ["几折", "打折吗"], "answer-1", "八折")
    keep_for_evaluation(tmp_path, ["开门吗"], "answer-2", "开")
    keep_for_evaluation(tmp_path, ["几折"], "answer-1", "七折")
    lines = [json.loads(line) for line in (tmp_path / ANSWERS_FILE).read_text("utf-8").splitlines()]
    assert [(each["question"], each["answer"]) for each in lines] == [
        ("开门吗", "开"),
        ("几折", "七折"),
    ]
