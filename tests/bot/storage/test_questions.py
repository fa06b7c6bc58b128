import json
from datetime import timedelta

from bot.clock import FixedClock
from bot.storage.database import Database


def test_a_question_is_kept_with_what_was_understood(database: Database) -> None:
    with database.unit_of_work() as unit:
        number = unit.questions.add(
            "低保怎么办",
            intent="ask_policy",
            confidence=0.93,
            engine="embedded",
            slots={"事项": "低保"},
        )
        unit.questions.settle(number, True, "low-income")
        assert unit.questions.give_feedback(number, "good")
        assert not unit.questions.give_feedback(404, "good")
        (question,) = unit.questions.find()
    assert (question.text, question.intent, question.confidence) == (
        "低保怎么办",
        "ask_policy",
        0.93,
    )
    assert (question.found, question.document_id, question.feedback) == (True, "low-income", "good")
    assert json.loads(question.slots) == {"事项": "低保"}


def test_gaps_of_a_period_are_found(database: Database, clock: FixedClock) -> None:
    for text, found in (("甲", False), ("乙", True), ("丙", False)):
        with database.unit_of_work() as unit:
            unit.questions.add(text, intent="ask_policy", confidence=1.0, found=found)
        clock.advance(timedelta(days=1))
    start = clock.now() - timedelta(days=3)
    with database.read() as unit:
        assert [q.text for q in unit.questions.find(found=False)] == ["甲", "丙"]
        since = unit.questions.find(since=start + timedelta(days=1))
        assert [q.text for q in since] == ["乙", "丙"]
        until = unit.questions.find(until=start + timedelta(days=1))
        assert [q.text for q in until] == ["甲"]
        assert list(unit.questions.find(intent="greet")) == []
