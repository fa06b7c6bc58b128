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


def test_supporters_hear_that_it_was_taken_back_or_opened_again(
    house: Parts, worker: Any, resident: Any, person: Any, raised: Any
) -> None:
    code, other = done(house, worker, resident, raised), raised(resident).code
    neighbour = person("赵建国")
    with house.database.unit_of_work() as work:
        them = work.people.meet("console", neighbour.user, neighbour.name)
        for each in (code, other):
            work.proposals.add_supporter(each, them.id)
    resident.say(button=f"status:unsolved:{code}")
    resident.say(button=f"status:withdraw:{other}")
    heard = neighbour.hear()
    assert f"（{code}），提出的人说还没解决" in heard
    assert f"（{other}）已经撤回" in heard
    assert "您报的" not in resident.hear()  # they did it themselves


def test_a_supporter_sees_title_and_stage_and_nothing_that_is_not_theirs(
    house: Parts, worker: Any, resident: Any, person: Any, raised: Any
) -> None:
    code = raised(resident, f"楼道的灯坏了，打{PHONE}", phone=PHONE).code
    neighbour = person("赵建国")
    assert "支持" in neighbour.say(button=f"proposal:support:{code}")
    assert "自己报的" in resident.say(button=f"proposal:support:{code}")
    worker.say(f"/move {code} 办结 换了灯泡，费用退给王秀英")
    neighbour.hear()
    said = neighbour.say("我的事怎么样了")
    assert "楼道的灯坏了" in said
    assert "等提出的人评价" in said
    assert PHONE not in said
    assert "王秀英" not in said
    assert neighbour.buttons == ()


def test_who_was_merged_is_told_where_it_goes_on(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code, into = raised(resident).code, raised(resident).code
    worker.say(f"/assign {into} 物业")
    worker.say(f"/merge {code} {into}")
    resident.hear()
    said = resident.say(code)
    assert f"合到 {into} 里一起办，那边现在：已提出" in said
    assert "交给物业" in resident.say(into)


@pytest.mark.parametrize("text", ["不用了", "谢谢", "没有。", "好的", "算了吧"])
def test_a_polite_no_is_no_words(text: str) -> None:
    assert NO_WORDS.match(text)


@pytest.mark.parametrize("text", ["师傅很细心，谢谢", "没修好", "好多了", "不要再拖了"])
def test_praise_and_blame_are_words(text: str) -> None:
    assert not NO_WORDS.match(text)
