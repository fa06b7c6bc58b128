"""Two wishes in one message: a question to be answered, and a matter to be reported.

The message is cut at the ends of sentences and before words that begin something else (另外, 还有);
each part is read by itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.router import ACT_OF_INTENT
from bot.slash_commands import ASKING
from index.encoder import Vectors
from intents.entities import is_question, is_rhetorical
from intents.parse import Parse

MAX_PARTS = 5
"""Who says more tells a story, not two wishes."""
MIN_PART = 5
"""Characters; a shorter part (你好, 对了) belongs to the one after it."""

_BORDER = re.compile(
    r"(?<=[。！？?!；;\n])\s*|(?=另外|顺便|顺带|还有就是|再就是)"
    r"|[，,\s]+(?=对了|还有|同时|再问|我还|还想|也想|要是|如果)"
)
_OPENING = re.compile(r"^(?:另外|顺便|顺带|还有(?:就是)?|再就是|对了|同时)[，,、\s]*")


@dataclass(frozen=True)
class Part:
    """One part of a message, read by itself; `vector` is its `(dim,) float32` query encoding."""

    text: str
    parse: Parse
    vector: Vectors


@dataclass(frozen=True)
class Wishes:
    """The question that is answered first, and the words of the matter to be reported."""

    question: Part
    matter: str


def split(text: str) -> list[str]:
    """The parts that may be wishes of their own.

    >>> split("你好，老年证怎么办？另外东门的路灯坏了")
    ['你好，老年证怎么办？', '东门的路灯坏了']
    """
    parts = [""]
    for piece in _BORDER.split(text):
        words = _OPENING.sub("", piece).strip(" ，,、\n")
        parts[-1] += words
        if len(parts[-1]) >= MIN_PART:
            parts.append("")
    if len(parts) > 1 and len(parts[-1]) < MIN_PART:
        last = parts.pop()
        parts[-1] += last
    return parts


def two_wishes(text: str, read: Callable[[str], Part]) -> Wishes | None:
    """The question and the matter in `text`; None where it holds only one of them.

    `read` understands one part; it is asked only where there are several and one of them asks.
    """
    parts = split(text)
    if not 1 < len(parts) <= MAX_PARTS or not any(map(_asks, parts)):
        return None
    understood = [read(part) for part in parts]
    questions = [part for part in understood if _asks(part.text) and _is(part, ASKING)]
    matters = [part.text for part in understood if _is(part, ("proposal",))]
    return Wishes(questions[0], "".join(matters)) if questions and matters else None


def _asks(part: str) -> bool:
    return is_question(part) and not is_rhetorical(part)


def _is(part: Part, acts: tuple[str, ...]) -> bool:
    return not part.parse.is_unsure and ACT_OF_INTENT[part.parse.intent] in acts
