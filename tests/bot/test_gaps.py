from datetime import date

from bot.commands.parts import Parts
from bot.gaps import answer_document, group, unanswered

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
