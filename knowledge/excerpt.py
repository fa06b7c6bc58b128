"""Stretches of a document to read: the part around a quote, the item with a number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from knowledge.document import Document, Section
from knowledge.outline import number_of

_NUMBERED = re.compile(
    r"^(?:第)?[（(]?(?P<number>[一二三四五六七八九十百零〇两]{1,6}|\d{1,3}|[①-⑳])(?:[、.．）)条]|(?<=[①-⑳]))"
)
_SENTENCE_END = re.compile(r"[。！？\n]")
_BEFORE = 200


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`document.text[start:end]`, and the heading path that all of it stands under."""

    start: int
    end: int
    path: tuple[str, ...] = ()


def around(document: Document, start: int, end: int, limit: int) -> Excerpt:
    """What to show as the original of `document.text[start:end]`, about `limit` characters.

    The whole part of the outline that the quote stands in where that is short enough, else its
    own sections, else the sentences around it.
    """
    own = [each for each in document.sections if each.start < end and start < each.end]
    shared: tuple[str, ...] = _shared([each.path for each in own])
    if own:
        above = shared[:-1] if len(own) == 1 else shared
        for excerpt in (_part(document.sections, own, above), _joined(own, shared)):
            if excerpt.end - excerpt.start <= limit:
                return excerpt
    text = document.text
    before = _SENTENCE_END.search(text, max(0, start - _BEFORE), start)
    begin = 0 if start <= _BEFORE else before.end() if before else start
    behind = _SENTENCE_END.search(text, max(end, min(begin + limit, len(text))))
    return Excerpt(begin, behind.end() if behind else len(text), shared)


def numbered(document: Document, start: int, number: int) -> Excerpt | None:
    """The item `number` beside the one at `start`, or 第…条 of a law; None where there is none."""
    sections = document.sections
    own = next((each for each in sections if each.start <= start < each.end), None)
    articles = [each for each in sections if each.path and re.match("第.+条$", each.path[-1])]
    beside = own.path[:-1] if own else ()
    below = own.path if own else ()
    for among, depth in (
        (articles, None),
        (_under(sections, beside), len(beside) + 1),
        (_under(sections, below), len(below) + 1),
    ):
        for section in among:
            if depth in (None, len(section.path)) and _number(section) == number:
                return _part(sections, [section], section.path)
    return None


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The labels that all paths begin with."""
    levels = zip(*paths, strict=False)
    same = takewhile(lambda labels: len(set(labels)) == 1, levels)
    return tuple(labels[0] for labels in same)


def _number(section: Section) -> int:
    match = _NUMBERED.match(section.path[-1]) if section.path else None
    return number_of(match["number"]) if match else 0


def _under(sections: Sequence[Section], path: tuple[str, ...]) -> list[Section]:
    return [each for each in sections if each.path[: len(path)] == path]


def _part(sections: Sequence[Section], own: Sequence[Section], path: tuple[str, ...]) -> Excerpt:
    """All sections under `path` that stand together with `own`."""
    first, last = sections.index(own[0]), sections.index(own[-1])
    while first > 0 and sections[first - 1].path[: len(path)] == path:
        first -= 1
    while last + 1 < len(sections) and sections[last + 1].path[: len(path)] == path:
        last += 1
    return _joined(sections[first : last + 1], path)


def _joined(sections: Sequence[Section], path: tuple[str, ...]) -> Excerpt:
    return Excerpt(sections[0].start, sections[-1].end, path)
