"""The outline of a Chinese official text: its numbered headings and the sections they open.

Official documents number their levels 一、 （一） 1. （1） (GB/T 9704-2012, 7.3.3), laws have
编 章 节 条, web pages and digests Markdown. Scraped notices often stand in one paragraph, so a
mark counts inside a line too, where it starts or continues a sequence.
"""

import re
from dataclasses import dataclass

from knowledge.document import Section

LABEL_LIMIT = 40

_NUMERAL = "[一二三四五六七八九十百零〇两]{1,6}"
# Order matters: the first kind that matches a mark names it.
_KINDS: tuple[tuple[str, str], ...] = (
    ("markdown1", r"#(?=[ \t])"),
    ("markdown2", r"##(?=[ \t])"),
    ("markdown3", r"###(?=[ \t])"),
    ("markdown4", r"#{4,6}(?=[ \t])"),
    ("编", rf"第({_NUMERAL}|\d{{1,3}})编"),
    ("章", rf"第({_NUMERAL}|\d{{1,3}})章"),
    ("节", rf"第({_NUMERAL}|\d{{1,3}})节"),
    ("条", rf"第({_NUMERAL}|\d{{1,4}})条(?:之[一二三四五六七八九十])?(?=[ \u3000\xa0：:【\n])"),
    ("、", rf"({_NUMERAL})、"),
    ("（）", rf"[（(]({_NUMERAL})[）)]"),
    ("1.", r"(\d{1,2})[.．、](?![\d.])"),
    ("（1）", r"[（(](\d{1,2})[）)]"),
    ("1）", r"(\d{1,2})[）)]"),
    ("①", r"([①-⑳])"),
)
_RANKED = ("markdown1", "markdown2", "markdown3", "markdown4", "编", "章", "节", "条")
_BLANK = " \t\u3000\xa0"
_MARK = re.compile(
    r"(?:(?P<line>^[ \t\u3000\xa0]*)|(?<=[\s。；：！？;:”）)]))(?:"
    + "|".join(f"(?P<k{i}>{pattern})" for i, (_, pattern) in enumerate(_KINDS))
    + ")",
    re.MULTILINE,
)
# A short line without a mark that starts something new after the numbered part.
_UNNUMBERED = re.compile(
    r"^[ \t\u3000\xa0]*(?:附件[一二三四五六七八九十\d]{0,2}[:：]?(?:.{0,40}[^。；，\n])?"
    r"|[^\s。；：:，,、][^。；：:，,\n]{2,40}(?:名单|清单|一览表|分工表))[ \t\u3000\xa0]*$",
    re.MULTILINE,
)
_HEADING_END = re.compile(r"[。！？；：…\n]|[!?;:](?![\w/])|[ \t\u3000\xa0]")
_LINE_END = re.compile(r"[。！？；：…\n]|[!?;:](?![\w/])")
_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


@dataclass(frozen=True, slots=True)
class _Mark:
    kind: str
    number: int
    start: int
    end: int
    at_line_start: bool


def outline(text: str) -> tuple[Section, ...]:
    """Sections of `text` in order, without overlap, from its first to its last character.

    Text before the first heading is a section with an empty path. An empty text has no sections.
    """
    if not text:
        return ()
    sections: list[Section] = []
    stack: list[tuple[str, str]] = []
    start, path = 0, ()  # type: tuple[int, tuple[str, ...]]
    marks = _in_sequence(_marks(text))
    ends = [mark.start for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        if mark.start > start:
            sections.append(Section(path, start, mark.start))
        _open(stack, mark.kind, _label(text, mark, end))
        start, path = mark.start, tuple(label for _, label in stack)
    sections.append(Section(path, start, len(text)))
    return tuple(sections)


def starts_with_mark(line: str) -> bool:
    """Whether a line begins with the number of a heading or item."""
    match = _MARK.match(line)
    return match is not None or _UNNUMBERED.match(line) is not None


def number_of(numeral: str) -> int:
    """The value of a Chinese numeral below a thousand, of digits, or of a circled number.

    >>> number_of("二十三"), number_of("一百零五"), number_of("12"), number_of("③")
    (23, 105, 12, 3)
    """
    if numeral.isdecimal():
        return int(numeral)
    if numeral in _CIRCLED:
        return _CIRCLED[numeral]
    total, digit = 0, 0
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total += (digit or (0 if total else 1) or 1) * {"十": 10, "百": 100}[character]
            digit = 0
    return total + digit


def _marks(text: str) -> list[_Mark]:
    marks = []
    for match in _MARK.finditer(text):
        index = next(i for i in range(len(_KINDS)) if match[f"k{i}"] is not None)
        kind, token = _KINDS[index][0], match[f"k{index}"]
        numeral = re.search(rf"{_NUMERAL}|\d+|[①-⑳]", token)
        marks.append(
            _Mark(
                kind,
                number_of(numeral[0]) if numeral else 0,
                match.start(f"k{index}"),
                match.end(f"k{index}"),
                match["line"] is not None,
            )
        )
    marks += [
        _Mark("附", 0, match.start(), match.end(), True) for match in _UNNUMBERED.finditer(text)
    ]
    marks.sort(key=lambda mark: mark.start)
    # In "## 一、标题" the numeral belongs to the Markdown heading.
    return [
        mark
        for mark, before in zip(marks, [None, *marks], strict=False)
        if before is None or not _is_within(text, mark, before)
    ]


def _is_within(text: str, mark: _Mark, before: _Mark) -> bool:
    between = text[before.end : mark.start] if before.end <= mark.start else ""
    return before.kind.startswith("markdown") and not between.strip(_BLANK)


def _in_sequence(marks: list[_Mark]) -> list[_Mark]:
    """Drop marks inside a line that are no numbering: those that neither start nor continue one."""
    last_second = {mark.kind: at for at, mark in enumerate(marks) if mark.number == 2}
    expected: dict[str, int] = {}
    kept: list[_Mark] = []
    for position, mark in enumerate(marks):
        starts = mark.number == 1 and last_second.get(mark.kind, -1) > position
        if mark.at_line_start or starts or expected.get(mark.kind) == mark.number:
            expected[mark.kind] = mark.number + 1
            kept.append(mark)
    return kept


def _open(stack: list[tuple[str, str]], kind: str, label: str) -> None:
    """Close what the new heading ends and put it on the stack."""
    kinds = [known for known, _ in stack]
    if kind == "附":
        stack.clear()
    elif kind in kinds:
        del stack[kinds.index(kind) :]
    elif kind in _RANKED:
        lower = {"附", *(k for k, _ in _KINDS), *_RANKED} - set(_RANKED[: _RANKED.index(kind)])
        while stack and stack[-1][0] in lower:
            stack.pop()
    stack.append((kind, label))


def _label(text: str, mark: _Mark, section_end: int) -> str:
    """The heading in words: at most `LABEL_LIMIT` characters, cut where a clause ends.

    An item that is one sentence and nothing more has no heading: its label is its numeral.
    """
    if mark.kind == "附":
        return text[mark.start : mark.end].strip()
    numeral = text[mark.start : mark.end]
    if mark.kind == "条":
        return numeral
    if mark.kind.startswith("markdown"):
        return text[mark.end : section_end].split("\n", 1)[0].strip()
    rest = text[mark.end : min(section_end, mark.end + 200)]
    body_start = len(rest) - len(rest.lstrip(_BLANK))
    end = (_LINE_END if mark.at_line_start else _HEADING_END).search(rest, body_start)
    blank, body = rest[:body_start], rest[body_start : end.start() if end else len(rest)].strip()
    if end and end[0] in "。！？；!?;" and not text[mark.end + end.end() : section_end].strip():
        return numeral
    if len(body) > LABEL_LIMIT:
        clause = re.match(rf"[^，,、（(]{{2,{LABEL_LIMIT}}}(?=[，,（(])", body)
        body = clause[0] if clause else body[: LABEL_LIMIT - 10] + "…"
    return numeral + blank + body if body else numeral
