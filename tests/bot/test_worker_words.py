import pytest

from bot.conversation import Conversation
from bot.worker_words import route_worker_words

ONE, TWO = "P20261121-0001", "P20261121-0002"
AT_WORK = Conversation(last_act="worker", listed=("", ONE, TWO), opened=ONE)


def argument(text: str, state: Conversation = AT_WORK) -> str | None:
    route = route_worker_words(text, state)
    return route.argument if route else None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("待办", "list"),
        ("有多少没办完的", "list"),
        ("有哪些快到期", "due"),
        ("看看新提案", "new"),
        ("我经手的有哪些", "mine"),
        ("人工来访", "tickets"),
        ("服务纠错", "corrections"),
        ("2", f"show {ONE}"),
        ("看第三个", f"show {TWO}"),
        (TWO.lower(), f"show {TWO}"),
        ("转给城管部门", f"assign {ONE} 城管部门"),
        ("把这件派给物业", f"assign {ONE} 物业"),
        (f"{TWO} 转给街道办", f"assign {TWO} 街道办"),
        ("退单 不归我们管", f"return {ONE} 不归我们管"),
        ("退单", f"return {ONE}"),
        ("回复居民：明天派人修", f"reply {ONE} 明天派人修"),
        ("备注 已经看过现场", f"note {ONE} 已经看过现场"),
        ("查看电话", f"contacts {ONE}"),
        ("谁报的", f"contacts {ONE}"),
        ("办好了", f"move {ONE} executed"),
        ("已经修好了，换了灯泡", f"move {ONE} executed 换了灯泡"),
        ("不予受理：不归社区", f"move {ONE} declined 不归社区"),
        ("先商量一下", f"move {ONE} discussed"),
        (f"合并到{TWO}", f"merge {ONE} {TWO}"),
        (f"合并 {TWO} 到 {ONE}", f"merge {TWO} {ONE}"),
        ("改成紧急", f"edit {ONE}"),
        ("路灯那件什么情况", "find 路灯"),
        ("找一下民主路的提案", "find 民主路"),
        ("类别改成停车充电", f"edit {ONE} 类别 停车充电"),
        ("把紧急程度改成一般事项", f"edit {ONE} 紧急程度 一般事项"),
    ],
)
def test_what_workers_say_stands_for_a_command(text: str, command: str) -> None:
    assert argument(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "装电梯要多少户同意",
        "9",
        "1",
        "路灯坏了",
        "物业电话是多少",
        "T20261121-0001",
        "今天办了三件事",
    ],
)
def test_other_words_are_read_as_anybodys(text: str) -> None:
    assert argument(text) is None


@pytest.mark.parametrize("text", ["2", "办好了", "查看电话", "回复居民：明天修"])
def test_without_a_proposal_in_sight_they_mean_nothing(text: str) -> None:
    elsewhere = Conversation(last_act="policy", listed=(ONE,), opened=ONE)
    assert argument(text, elsewhere) is None
    assert argument(f"{TWO} 办好了", elsewhere) == f"move {TWO} executed"
