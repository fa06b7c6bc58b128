import pytest

from bot.follow_up import Ask, FollowUp, read


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("那责任单位呢", Ask.UNITS),
        ("那責任單位呢", Ask.UNITS),
        ("责任单为呢", Ask.UNITS),
        ("则任单位是谁", Ask.UNITS),
        ("那谁负责？", Ask.UNITS),
        ("由谁牵头", Ask.UNITS),
        ("谁管这事", Ask.UNITS),
        ("找哪个部门", Ask.UNITS),
        ("原文给我看", Ask.ORIGINAL),
        ("原文給我看", Ask.ORIGINAL),
        ("愿文给我看", Ask.ORIGINAL),
        ("把原文发我看看", Ask.ORIGINAL),
        ("全文", Ask.ORIGINAL),
        ("把原文发我瞧瞧", Ask.ORIGINAL),
        ("还有没得别的嘞", Ask.MORE),
        ("还有啥", Ask.MORE),
        ("哪个单位负责呢", Ask.UNITS),
        ("那一楼的住户呢", Ask.CASE),
        ("那咬傷人了呢", Ask.CASE),
        ("还有呢", Ask.MORE),
        ("還有呢？", Ask.MORE),
        ("还有别的吗", Ask.MORE),
        ("接着说", Ask.MORE),
        ("时限呢", Ask.DUE),
        ("那什么时候完成", Ask.DUE),
        ("期限是多久", Ask.DUE),
    ],
)
def test_what_is_asked_of_the_last_answer(text: str, ask: Ask) -> None:
    assert read(text) == FollowUp(ask)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("第二条", 2),
        ("那第2条呢", 2),
        ("第三点讲什么", 3),
        ("第二條是什麼", 2),
        ("第十二条", 12),
        ("3", 3),
    ],
)
def test_an_item_by_its_number(text: str, number: int) -> None:
    assert read(text) == FollowUp(Ask.ITEM, number)


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了谁负责",
        "谁负责修路灯",
        "还有蚊子怎么办",
        "第二次补办要钱吗",
        "什么时候发养老金",
        "物业不管谁管",
        "社保卡丢了怎么补",
        "谢谢",
        "好的",
        "",
        "？",
    ],
)
def test_what_can_stand_for_itself(text: str) -> None:
    assert read(text) is None
