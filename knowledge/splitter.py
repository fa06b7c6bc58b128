"""Documents to chunks: whole sentences of one part of the outline, short enough to be encoded."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from knowledge.document import Chunk, Document, Section
from knowledge.outline import outline

# In characters. multilingual-e5 reads 512 tokens; running Chinese takes about 0.65 of a token a
# character, so that a full chunk with its title and heading path stays inside.
TARGET_LENGTH = 300
MAX_LENGTH = 480
MIN_LENGTH = 60
_CONTEXT_LENGTH = 120
_TITLE_LENGTH = 80

_TERMINATOR = re.compile(
    r"(?:[。！？…]+|[!?]+(?![A-Za-z0-9_=&/%.-]))[”’」』）)】》〉\"]*[ \t\u3000\xa0]*"
    r"|\n+"
)
_INLINE_MARK = re.compile(
    r"(?<=[。；：！？;:])[ \t\u3000\xa0]*(?=(?:[一二三四五六七八九十]{1,3}、"
    r"|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、](?!\d)|[①-⑳]))"
)
_SPACE = re.compile(r"(?<=[^\s\x00-\x7f])[ \t\u3000\xa0]+(?=[^\s\x00-\x7f])")
_ENCLOSED = re.compile(
    r"（[^（）\n]{0,150}）|\([^()\n]{0,150}\)|“[^“”\n]{0,150}”|《[^《》\n]{0,80}》|「[^「」\n]{0,150}」"
)
_LAW_ARTICLE = re.compile(r"第[^第\s]{1,8}条(?:之.)?$")


def split(document: Document) -> list[Chunk]:
    """Chunks of a document in order; together they hold all of its legible characters.

    A chunk has about `TARGET_LENGTH` and at most `MAX_LENGTH` characters, stands in one part of
    the outline and ends with a sentence; only a sentence longer than `MAX_LENGTH` is cut, at its
    semicolons and commas where it has them.
    """
    text = document.text
    sections = document.sections or outline(text)
    chunks: list[Chunk] = []
    for group in _grouped(text, sections):
        path = _common_path(group)
        for start, end in _pieces(text, group[0].start, group[-1].end):
            has_gap = any(start <= gap.position <= end for gap in document.gaps)
            number = len(chunks)
            chunks.append(Chunk(document.id, number, text[start:end], start, end, path, has_gap))
    return chunks


def encoded_text(document: Document, chunk: Chunk) -> str:
    """What the encoder reads for a chunk: title and heading path give a short item its subject.

    What the chunk itself says is not repeated; a title counts up to 80 characters, and the
    headings have room for 120 together with it, the nearest first.
    """
    title = document.title[:_TITLE_LENGTH]
    context = [] if title in chunk.text else [title]
    room = _CONTEXT_LENGTH - len(title)
    headings: list[str] = []
    for heading in reversed(chunk.path):
        if heading not in chunk.text and len(heading) <= room:
            headings.insert(0, heading)
            room -= len(heading)
    return "\n".join([*context, *headings, chunk.text])


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open ranges of the sentences; joined, they are the whole text.

    A sentence ends with 。！？… and the closing quotes and brackets after it, at the end of a
    line, before an item mark, and at a space that parts two long runs of Chinese (web pages in
    one paragraph keep a heading apart like this). Inside a short quote or bracket nothing ends.
    """
    cuts = sorted({0, *_cuts(text), len(text)})
    return [(start, end) for start, end in pairwise(cuts) if start < end]


def _cuts(text: str) -> Iterator[int]:
    enclosed = [match.span() for match in _ENCLOSED.finditer(text)]
    inside = _Inside(enclosed)
    opened_at = {end: start for start, end in enclosed}
    for match in _TERMINATOR.finditer(text):
        opening = opened_at.get(match.end(), 0)
        if not inside(match.end()) and not _runs_on(text, match, opening):
            yield match.end()
    for match in _INLINE_MARK.finditer(text):
        if not inside(match.end()):
            yield match.end()
    for match in _SPACE.finditer(text):
        if not inside(match.end()) and _parts_two_runs(text, match.start(), match.end()):
            yield match.end()


class _Inside:
    """Tells whether a cut falls inside one of some ordered, disjoint ranges."""

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._ranges = ranges

    def __call__(self, position: int) -> bool:
        low, high = 0, len(self._ranges)
        while low < high:
            middle = (low + high) // 2
            if self._ranges[middle][1] <= position:
                low = middle + 1
            else:
                high = middle
        return low < len(self._ranges) and self._ranges[low][0] < position


def _runs_on(text: str, terminator: re.Match[str], opening: int) -> bool:
    """Whether the sentence goes on after the mark, as in “人人参与！”的口号 or 等……、问题.

    `opening` is where the bracket or quote starts that the mark closes: 费用（含税。）由业主分摊
    goes on too, a bracket that stands as a sentence of its own does not.
    """
    following = text[terminator.end() : terminator.end() + 1]
    if following and following in "，、；,;":
        return True
    if not "\u4e00" <= following <= "\u9fff":
        return False
    mark = terminator[0]
    if mark[-1] in "）)":
        return opening > 0 and text[opening - 1] not in "。！？；\n!?"
    return mark[0] in "！？!?" and mark[-1] not in "！？!?" and not mark[-1].isspace()


def _parts_two_runs(text: str, start: int, end: int, least: int = 8) -> bool:
    sides = text[max(0, start - least) : start], text[end : end + least]
    return all(len(side) == least and not re.search(r"[\s。！？；]", side) for side in sides)


def _grouped(text: str, sections: Sequence[Section]) -> Iterator[list[Section]]:
    """Neighbouring small sections put together, so that items stay with what introduces them."""
    group: list[Section] = []
    for section in sections:
        if group and not _belongs(text, group, section):
            yield group
            group = []
        group.append(section)
    if group:
        yield group


def _belongs(text: str, group: list[Section], section: Section) -> bool:
    length = len(text[group[0].start : group[-1].end].strip())
    joined = len(text[group[0].start : section.end].strip())
    if joined > MAX_LENGTH:
        return False
    only_headings = length <= MIN_LENGTH and _is_under(section, group[-1])
    if only_headings:
        return True
    if joined > TARGET_LENGTH or any(_is_article(member) for member in (*group, section)):
        return _is_article(group[-1]) and _is_under(section, group[-1])
    return _is_under(section, group[0]) or (
        len(group[0].path) > 1 and section.path[:-1] == group[0].path[:-1]
    )


def _is_under(section: Section, parent: Section) -> bool:
    return bool(parent.path) and section.path[: len(parent.path)] == parent.path


def _is_article(section: Section) -> bool:
    return bool(section.path) and bool(_LAW_ARTICLE.fullmatch(section.path[-1]))


def _common_path(group: Sequence[Section]) -> tuple[str, ...]:
    paths = [section.path for section in group]
    shared = [labels[0] for labels in zip(*paths, strict=False) if len(set(labels)) == 1]
    return tuple(shared)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Ranges of about equal length, none above `MAX_LENGTH`, trimmed of white space."""
    body = text[start:end]
    units = [
        (start + low, start + high)
        for sentence in sentences(body)
        for low, high in _bounded(body, *sentence)
    ]
    parts = max(1, -(-len(body.strip()) // TARGET_LENGTH)) if len(body) > MAX_LENGTH else 1
    aim = len(body) / parts
    piece_start: int | None = None
    piece_end = start
    for low, high in units:
        if piece_start is not None and (
            high - piece_start > MAX_LENGTH or piece_end - piece_start >= aim
        ):
            yield from _trimmed(text, piece_start, piece_end)
            piece_start = None
        piece_start = low if piece_start is None else piece_start
        piece_end = high
    if piece_start is not None:
        yield from _trimmed(text, piece_start, piece_end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    body = text[start:end]
    if body.strip():
        yield start + len(body) - len(body.lstrip()), end - (len(body) - len(body.rstrip()))


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in parts of at most `MAX_LENGTH`: cut at ；, else at ，、, else anywhere."""
    while end - start > MAX_LENGTH:
        window = text[start : start + MAX_LENGTH]
        cut = max(window.rfind("；"), window.rfind(";")) + 1
        if cut <= MIN_LENGTH:
            cut = max(window.rfind(mark) for mark in "，,、 ：") + 1
        if cut <= MIN_LENGTH:
            cut = MAX_LENGTH
        yield start, start + cut
        start += cut
    yield start, end
