from itertools import pairwise

import pytest

from bot.proposals.proposal import (
    MOVES,
    InvalidMove,
    allowed_moves,
    check_move,
    stage_label,
)
from bot.responses import Responses
from bot.storage.records import Person, PersonKind, Stage, Urgency

WORKER = Person(PersonKind.WORKER, "1", "李")
RESIDENT = Person(PersonKind.RESIDENT, "2", "王")
ENDS = (Stage.EVALUATED, Stage.DECLINED, Stage.MERGED, Stage.WITHDRAWN)


def test_every_stage_and_urgency_has_a_label_and_moves() -> None:
    assert set(MOVES) == set(Stage)
    assert len({stage_label(stage) for stage in Stage}) == len(Stage)
    named = {Responses.load().text(f"urgency.{urgency.value}") for urgency in Urgency}
    assert len(named) == len(Urgency)


def test_the_five_steps_follow_each_other() -> None:
    steps = [Stage.RAISED, Stage.DISCUSSED, Stage.DECIDED, Stage.EXECUTED, Stage.EVALUATED]
    for before, after in pairwise(steps):
        check_move(before, after, WORKER)


@pytest.mark.parametrize(
    ("stage", "to"),
    [(Stage.RAISED, Stage.DECIDED), (Stage.RAISED, Stage.EXECUTED)],
)
def test_what_needs_no_meeting_skips_it(stage: Stage, to: Stage) -> None:
    check_move(stage, to, WORKER)


@pytest.mark.parametrize(
    ("stage", "to"),
    [
        (Stage.RAISED, Stage.EVALUATED),
        (Stage.RAISED, Stage.RAISED),
        (Stage.DISCUSSED, Stage.EXECUTED),
        (Stage.DISCUSSED, Stage.RAISED),
        (Stage.EXECUTED, Stage.DISCUSSED),
        (Stage.EXECUTED, Stage.DECLINED),
        (Stage.EVALUATED, Stage.RAISED),
        (Stage.MERGED, Stage.RAISED),
        (Stage.WITHDRAWN, Stage.RAISED),
    ],
)
def test_moves_that_make_no_sense_are_refused_with_those_that_do(stage: Stage, to: Stage) -> None:
    with pytest.raises(InvalidMove) as refusal:
        check_move(stage, to, WORKER, "理由", "")
    assert refusal.value.allowed == MOVES[stage]
    words = str(refusal.value)
    assert f"“{stage_label(stage)}”" in words
    assert f"“{stage_label(to)}”" in words
    for allowed in MOVES[stage]:
        assert stage_label(allowed) in words.split("可以改为")[1]


def test_only_what_was_executed_can_be_evaluated() -> None:
    assert [stage for stage, after in MOVES.items() if Stage.EVALUATED in after] == [Stage.EXECUTED]


def test_merged_and_withdrawn_are_final_and_everything_open_can_end() -> None:
    assert MOVES[Stage.MERGED] == MOVES[Stage.WITHDRAWN] == ()
    for stage in (Stage.RAISED, Stage.DISCUSSED, Stage.DECIDED):
        assert {Stage.DECLINED, Stage.MERGED, Stage.WITHDRAWN} <= set(MOVES[stage])


@pytest.mark.parametrize("note", ["", "  \n"])
def test_declining_and_taking_up_again_need_a_reason(note: str) -> None:
    with pytest.raises(InvalidMove, match="理由"):
        check_move(Stage.RAISED, Stage.DECLINED, WORKER, note)
    with pytest.raises(InvalidMove, match="理由"):
        check_move(Stage.DECLINED, Stage.RAISED, WORKER, note)
    check_move(Stage.RAISED, Stage.DECLINED, WORKER, "不归社区管")
    check_move(Stage.DECLINED, Stage.RAISED, WORKER, "居民补充了材料")


def test_merging_and_only_merging_needs_a_target() -> None:
    check_move(Stage.RAISED, Stage.MERGED, WORKER, target="P20261121-0001")
    with pytest.raises(InvalidMove, match="编号"):
        check_move(Stage.RAISED, Stage.MERGED, WORKER)
    with pytest.raises(InvalidMove, match="编号"):
        check_move(Stage.RAISED, Stage.DECIDED, WORKER, target="P20261121-0001")


def test_a_resident_may_withdraw_and_judge_and_nothing_else() -> None:
    allowed = {
        stage: set(allowed_moves(stage, PersonKind.RESIDENT))
        for stage in Stage
        if allowed_moves(stage, PersonKind.RESIDENT)
    }
    assert allowed == {
        Stage.RAISED: {Stage.WITHDRAWN},
        Stage.DISCUSSED: {Stage.WITHDRAWN},
        Stage.DECIDED: {Stage.WITHDRAWN},
        Stage.EXECUTED: {Stage.EVALUATED, Stage.DECIDED},
        Stage.EVALUATED: {Stage.DECIDED},
    }
    with pytest.raises(InvalidMove):
        check_move(Stage.RAISED, Stage.EXECUTED, RESIDENT)


def test_what_a_resident_may_do_a_worker_may_pass_on() -> None:
    for stage in Stage:
        assert set(allowed_moves(stage, PersonKind.RESIDENT)) <= set(allowed_moves(stage))


def test_every_stage_can_be_reached_and_left_but_for_the_final_ones() -> None:
    reached = {Stage.RAISED}
    while more := {to for stage in reached for to in MOVES[stage]} - reached:
        reached |= more
    assert reached == set(Stage)
    assert [stage for stage in Stage if not MOVES[stage]] == [Stage.MERGED, Stage.WITHDRAWN]
