"""Short messages that only make sense after a policy answer: 那责任单位呢, 原文给我看, 还有呢,
那一楼的住户呢.

Read in either script, and where the sound is right and a character is wrong.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from index.lexical import normalise
from index.spelling import SpellingCorrector
from knowledge.outline import number_of


class Ask(StrEnum):
    """What is wanted of the last answer; CASE asks the same for another case."""

    ORIGINAL = "original"
    MORE = "more"
    UNITS = "units"
    DUE = "due"
    ITEM = "item"
    CASE = "case"


@dataclass(frozen=True)
class FollowUp:
    """A follow-up; `number` counts from 1 and is 0 where no item was named."""

    ask: Ask
    number: int = 0


_TERMS = (
    "责任单位",
    "责任部门",
    "牵头单位",
    "牵头部门",
    "配合单位",
    "原文",
    "全文",
    "还有",
    "时限",
    "期限",
    "第一条",
    "第二条",
    "第三条",
    "谁负责",
    "谁牵头",
)
_BEGINNING = r"^(?:请问|麻烦|那么?|好的?|嗯|哦|这个?|它|这件事|这事|你?再?)*[,，]?"
_END = r"(?:呢|吗|嘛|咧|嘞|哈|撒|呀|啊|吧|一下|看看|了|的)*[?？。.!！~]*$"
_UNIT = r"(?:责任|牵头|主管|主办|负责|配合)的?(?:单位|部门|人)"
_NUMBER = r"(?P<number>[一二三四五六七八九十百]{1,4}|\d{1,3})"
_MORE = r"(?:还有|其他|其它|别的|接着|继续|下面|更多|再来|多说)"
_PATTERNS = (
    (
        Ask.ORIGINAL,
        r"(?:把|给我?|让我|我|想|要|能|可以|看|的|下|一下|这个|发|有|没有|调|找|出来|就是|说|贴)*(?:原文|全文|原话|出处)"
        r"(?:是什么|怎么说|怎么写|在哪里?|给我?|发|贴|让|我|来|看|瞧|瞅|拿|出来|有|没有|能|可以|不|一|下|的|是)*",
    ),
    (
        Ask.UNITS,
        rf"(?:它|由|归|是|的|有|都|具体|找)*(?:{_UNIT}|谁(?:来|在|去)?(?:负责|牵头|主管|管|办|落实)|(?:哪个|哪些|什么|啥)(?:部门|单位)"
        r"(?:来|在)?(?:负责|牵头|管|办)?|找谁)(?:是|有|都)?(?:谁|哪个|哪些|哪几个|什么|哪家)?(?:单位|部门)?(?:这个?事|这件事|它)?",
    ),
    (
        Ask.DUE,
        r"(?:有|是|到|最晚|要|得|在|的)*(?:(?:完成|办理|办结)?(?:时限|期限|时间)|什么时候|啥时候|几时|多久|哪天|截止)"
        r"(?:是|到|能|要|之前|前|完成|办完|办好|截止|结束|开始)*(?:什么时候|多久|多长|几天|哪天)?",
    ),
    (
        Ask.ITEM,
        rf"(?:看|说|讲|选|要|就|说说|讲讲|问)*(?:第{_NUMBER}(?:条|个|项|点|款|件)?)(?:的?(?:内容|原文))?"
        r"(?:是|讲|说|写|怎么|什么|啥|的)*",
    ),
    (
        Ask.MORE,
        rf"{_MORE}(?:还有|其他|其它|别的|什么|啥子?|哪些|内容|规定|要求|说法|说|讲|没有|没得|冇|没|有|点|一些|呢|的)*",
    ),
)
_READERS = tuple((ask, re.compile(f"{_BEGINNING}(?:{body}){_END}")) for ask, body in _PATTERNS)
_CASE = re.compile(r"^那(?!你|我|么办).{2,10}呢[?？]*$")
_BARE_NUMBER = re.compile(r"^([一二三四五六七八九十]|\d{1,2})[.。]?$")
_LONGEST = 16


def read(text: str) -> FollowUp | None:
    """What a message asks of the last answer; None where it can stand for itself."""
    plain = re.sub(r"\s+", "", normalise(text))
    if not plain or len(plain) > _LONGEST:
        return None
    if bare := _BARE_NUMBER.match(plain):
        return FollowUp(Ask.ITEM, number_of(bare[1]))
    asks = _read(plain) or _read(_corrector().correct(plain))
    return asks or (FollowUp(Ask.CASE) if _CASE.match(plain) else None)


def _read(plain: str) -> FollowUp | None:
    for ask, reader in _READERS:
        if match := reader.match(plain):
            number = match.groupdict().get("number")
            return FollowUp(ask, number_of(number) if number else 0)
    return None


@cache
def _corrector() -> SpellingCorrector:
    return SpellingCorrector(_TERMS, ())
