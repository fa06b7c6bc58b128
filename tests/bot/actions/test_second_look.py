"""What the service directory makes of messages that the classifier alone does not settle."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot import second_look
from bot.actions.action import Turn
from bot.actions.policy_lookup import Looked
from bot.commands.parts import Parts
from bot.messages import Message
from index.reader import Answer
from index.responsibility_finder import ResponsibilityAnswer
from intents.entities import read_slots
from intents.parse import Parse

SENT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def turn(act: str, text: str = "房本丢了", argument: str = "", **parse: object) -> Turn:
    message = Message("1", "console", "c", "u", "", text, SENT)
    values = {"intent": "emergency", "confidence": 0.4, "is_unsure": True} | parse
    return Turn(message, text, Parse(text, **values), read_slots(text), act, argument)


@pytest.mark.parametrize(
    ("given", "looked_at"),
    [
        (turn("choose", intent="lookup_service"), True),
        (turn("choose", intent="human_handoff"), False),
        (turn("smalltalk", argument="out_of_scope"), True),
        (turn("smalltalk", argument="greet"), False),
        (turn("emergency"), True),
        (turn("emergency", is_unsure=False), False),
        (turn("emergency", text="楼上冒烟了"), False),
        (turn("service"), False),
    ],
)
def test_only_what_is_in_doubt_is_looked_at_again(given: Turn, looked_at: bool) -> None:
    assert second_look.may_be_service(given) is looked_at


@pytest.mark.parametrize(
    ("act", "kind", "answers"),
    [
        ("choose", "one", True),
        ("choose", "several", True),
        ("choose", "none", False),
        ("smalltalk", "one", True),
        ("smalltalk", "several", False),
    ],
)
def test_chat_gets_a_card_or_nothing(act: str, kind: str, answers: bool) -> None:
    assert second_look.is_answer(turn(act), kind) is answers


@pytest.mark.parametrize(
    ("found", "confidence", "argument", "in_doubt"),
    [
        (True, second_look.CLEAR - 0.01, "", True),
        (True, second_look.CLEAR, "", False),
        (False, second_look.CLEAR - 0.3, "", False),
        (True, second_look.CLEAR - 0.01, "original", False),
    ],
)
def test_a_quote_that_only_just_passes_is_in_doubt(
    found: bool, confidence: float, argument: str, in_doubt: bool
) -> None:
    looked = Looked([], Answer(found, confidence))
    assert second_look.is_in_doubt(turn("policy", argument=argument), looked) is in_doubt


def test_who_is_responsible_is_read_and_not_in_doubt() -> None:
    responsible = ResponsibilityAnswer((), ())
    looked = Looked([], Answer(True, second_look.CLEAR - 0.01), responsible)
    assert not second_look.is_in_doubt(turn("policy"), looked)
    assert not second_look.is_in_doubt(turn("service"), "not a policy answer")


def test_a_likely_report_is_offered_and_care_taken_where_danger_was_feared() -> None:
    ranking = (("emergency", 0.5), ("submit_proposal", 0.3), ("help", 0.2))
    assert second_look.offers(turn("emergency", ranking=ranking)) == ("proposal", "care")
    assert second_look.offers(turn("choose", ranking=(("help", 1.0),))) == ()


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("娃名字取得不好想改", "姓名变更登记"),
        ("要出国看女儿，那个小本本怎么弄", "普通护照申领换发"),
        ("想租公家的便宜房子", "公共租赁住房申请"),
        ("单位要一张没犯过法的证明", "无犯罪记录证明"),
    ],
)
def test_everyday_words_come_to_the_service(person: Any, said: str, service: str) -> None:
    resident = person("王秀英")
    text = resident.say(said)
    labels = [button.label for button in resident.buttons]
    titles = [line.removeprefix("📌 ") for line in text.split("\n") if line.startswith("📌 ")]
    assert service in (*labels, *titles), text


@pytest.mark.parametrize("said", ["给我讲个笑话", "红烧肉怎么做才入味", "谢谢你啊"])
def test_chat_stays_chat(person: Any, said: str) -> None:
    assert "📌" not in person("王秀英").say(said)


def test_who_reports_a_nuisance_hears_whose_job_it_is(person: Any) -> None:
    resident = person("王秀英")
    first = resident.say("楼上天天半夜拖椅子、蹦蹦跳跳")
    assert "公安机关" in first
    assert "《噪声污染防治法》" in first
    assert "在哪里" in first
    assert "公安机关" not in resident.say("幸福里3号楼")


def test_a_correction_is_no_gap(house: Parts, resident: Any, worker: Any) -> None:
    resident.say("社保卡丢了怎么补办")
    resident.press("这条信息有误")
    assert "谢谢提醒" in resident.say("窗口周六早就不开门了")
    assert "窗口周六早就不开门了" in worker.hear()
    with house.database.read() as rows:
        gaps = [question.text for question in rows.questions.find(found=False)]
    assert "窗口周六早就不开门了" not in gaps


def test_who_would_know_is_named_once(person: Any) -> None:
    said = person("王秀英").say("/service 火星移民怎么办理")
    assert said.count("12345") == 1
