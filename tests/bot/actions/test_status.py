from typing import Any

import pytest

from bot.actions.status import NO_WORDS
from bot.commands.parts import Parts
from bot.storage.records import EventKind, Stage

PHONE = "13912345678"


def done(house: Parts, worker: Any, owner: Any, raised: Any, note: str = "换了灯泡") -> str:
    code = raised(owner).code
    worker.say(f"/move {code} 办结 {note}")
    owner.hear()
    return code


def judged(house: Parts, code: str) -> list[str]:
    with house.database.read() as rows:
        events = rows.proposals.events(code)
    return [event.to_value for event in events if event.what is EventKind.JUDGED]


def test_no_answer_counts_as_neither(house: Parts, worker: Any, resident: Any, raised: Any) -> None:
    code = done(house, worker, resident, raised)
    with house.database.read() as rows:
        (outcome,) = [each for each in rows.proposals.outcomes() if each.code == code]
    assert (outcome.judged, outcome.rated) == (None, None)


def test_who_is_not_content_is_asked_what_is_missing(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = done(house, worker, resident, raised)
    resident.press("没解决")
    assert judged(house, code) == ["unsolved"]
    assert "转给办理的人" in resident.say("不用了")
    with house.database.read() as rows:
        assert rows.proposals.get(code).stage is Stage.DECIDED
        assert not any(event.note == "不用了" for event in rows.proposals.events(code))


def test_only_who_raised_it_judges(
    house: Parts, worker: Any, resident: Any, person: Any, raised: Any
) -> None:
    code = done(house, worker, resident, raised)
    stranger = person("路人")
    assert "提出人本人" in stranger.say(button=f"status:solved:{code}")
    assert "提出人本人" in stranger.say(button=f"status:rate:{code}:1")
    assert judged(house, code) == []
    said = stranger.say(code)
    assert "已办理" in said
    assert "换了灯泡" not in said


def test_a_button_pressed_twice_or_too_early_does_no_harm(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    early = raised(resident).code
    assert "还没有办结" in resident.say(button=f"status:solved:{early}")
    code = done(house, worker, resident, raised)
    resident.say(button=f"status:solved:{code}")
    resident.say(button=f"status:rate:{code}:9")
    resident.say(button=f"status:rate:{code}:4")
    with house.database.read() as rows:
        assert rows.proposals.get(code).satisfaction == 4


def test_a_question_instead_of_words_is_answered(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = done(house, worker, resident, raised)
    resident.press("解决了")
    resident.press("满意")
    resident.say("社保卡丢了怎么补办？")
    with house.database.read() as rows:
        assert not any("社保卡" in event.note for event in rows.proposals.events(code))


def test_the_resident_takes_it_back(house: Parts, resident: Any, raised: Any) -> None:
    code = raised(resident).code
    resident.say(code)
    assert "已经撤回" in resident.press("撤回")
    with house.database.read() as rows:
        assert rows.proposals.get(code).stage is Stage.WITHDRAWN


@pytest.mark.parametrize("text", ["不用了", "谢谢", "没有。", "好的", "算了吧"])
def test_a_polite_no_is_no_words(text: str) -> None:
    assert NO_WORDS.match(text)


@pytest.mark.parametrize("text", ["师傅很细心，谢谢", "没修好", "好多了", "不要再拖了"])
def test_praise_and_blame_are_words(text: str) -> None:
    assert not NO_WORDS.match(text)
