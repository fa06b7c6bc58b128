"""The shape of a text: indents, sentences broken over lines, punctuation of the wrong width."""

import re

from knowledge.outline import starts_with_mark

_HANZI = "\u3400-\u9fff"
_NEAR = f"[{_HANZI}”’》）】〉、。，：；！？]"
_WIDE = str.maketrans(",:;?!", "，：；？！")
_MARKS = re.compile(
    rf"(?<={_NEAR})[,:;?!](?![A-Za-z0-9/\\])|(?<=[{_HANZI}”》）】])[,:;?!](?=[A-Za-z0-9])"
    rf"|(?<=[A-Za-z0-9%*)\]])[,:;?!](?=[{_HANZI}“‘《（【*])"
)
_BRACKETS = re.compile(rf"\(([^()（）\n]*[{_HANZI}][^()（）\n]*)\)")
_OPEN_BRACKET = re.compile(rf"\((?=[^()\n]*[{_HANZI}][^()\n]*）)|(?<=[{_HANZI}])\((?=[{_HANZI}])")
_CLOSE_BRACKET = re.compile(rf"(?<=[{_HANZI}”》）。])\)")
_HALF = re.compile(rf"(?<=[{_HANZI}])[,:;?!(](?=[{_HANZI}“《])")
_FULL = re.compile(r"[，：；？！（]")
_WIDE_ALNUM = re.compile(r"[０-９Ａ-Ｚａ-ｚ％]")
_ENDS = '。！？；：…”’」』）)】》〉.!?;:"、，,'
_SENTENCE_ENDS = frozenset("。！？；：…”|!?;:")
_LEAST_PAGE, _WIDEST_PAGE = 40, 200
_LEAST_LINES = 6
_SLACK = 5
_FULL_SHARE = 0.5
_NEW_START = re.compile(r"\d{4}年|[#>|*-]|第.{1,4}[章节条]")
_BODY_LINE = 16


def strip_indents(text: str) -> str:
    """White space at the ends of lines goes; inside a line it may mean something and stays."""
    return "\n".join(line.strip(" \t\u3000\xa0") for line in text.split("\n")).strip("\n")


def join_wrapped_lines(text: str) -> str:
    """A text that was broken at the width of a page, as a PDF gives it, in whole paragraphs.

    It is one when most lines that do not end a sentence are about as wide as the widest. Such a
    line is joined with the next unless that starts a new item or is indented.
    """
    lines = text.split("\n")
    widths = [_width(line) for line in lines]
    page = max(widths, default=0)
    if page < _LEAST_PAGE or page > _WIDEST_PAGE or len(lines) < _LEAST_LINES:
        return text
    open_ended = [
        width for line, width in zip(lines, widths, strict=True) if line.strip() and not _ends(line)
    ]
    full = sum(width > page - _SLACK for width in open_ended)
    if full < _LEAST_LINES // 2 or full < _FULL_SHARE * len(open_ended):
        return text
    joined = lines[:1]
    for before, width, line in zip(lines, widths, lines[1:], strict=False):
        starts_anew = starts_with_mark(line) or line[:2].isspace() or not line.strip()
        if width > page - _SLACK and not _ends(before) and not starts_anew:
            between = " " if before[-1:].isascii() and line[:1].isascii() else ""
            joined[-1] += between + line
        else:
            joined.append(line)
    return "\n".join(joined)


def _width(line: str) -> int:
    """Columns on paper: a Chinese character takes two."""
    return len(line) + sum(character > "\u2e7f" for character in line)


def _ends(line: str) -> bool:
    return line.rstrip()[-1:] in _SENTENCE_ENDS


def join_broken_sentences(text: str) -> str:
    """Lines that end inside a sentence are joined with the next one.

    A line does when it is body text (a sentence stop or comma in it, not a bare heading), has no
    punctuation at its end, and what follows is no heading, date or new item.
    """
    lines = text.split("\n")
    joined: list[str] = []
    for line in lines:
        if joined and _goes_on(joined[-1], line):
            joined[-1] += line.strip(" \t\u3000\xa0")
        else:
            joined.append(line)
    return "\n".join(joined)


def _goes_on(line: str, following: str) -> bool:
    line, following = line.strip(" \t\u3000\xa0"), following.strip(" \t\u3000\xa0")
    if not line or not following or line[-1] in _ENDS or line[-1] in "\x1f":
        return False
    if len(line) < _BODY_LINE or not re.search("[，。；,;]", line):
        return False
    if starts_with_mark(line) and not re.search("[。；;]", line):
        return False
    return not (
        starts_with_mark(following) or re.match(r"\d{4}年|[#>|*-]|第.{1,4}[章节条]", following)
    )


def widen_punctuation(text: str) -> str:
    """Half-width , : ; ? ! ( ) between Chinese become full-width, in a text that is full of them.

    Numbers, times, addresses and brackets without a Chinese character keep theirs. A text in
    which full-width marks prevail is left alone.
    """
    half = len(_HALF.findall(text))
    if half < 2 or half <= len(_FULL.findall(text)):
        return text
    text = _BRACKETS.sub(r"（\1）", text)
    text = _OPEN_BRACKET.sub("（", text)
    text = _CLOSE_BRACKET.sub("）", text)
    text = _MARKS.sub(lambda match: match[0].translate(_WIDE), text)
    return _WIDE_ALNUM.sub(lambda match: chr(ord(match[0]) - 0xFEE0), text)


def pair_quotes(text: str) -> str:
    """A line that knows only closing quotes, ”三张清单”, gets opening ones: “三张清单”."""
    return "\n".join(
        _alternate(line) if "“" not in line and line.count("”") % 2 == 0 else line
        for line in text.split("\n")
    )


def _alternate(line: str) -> str:
    parts = line.split("”")
    quoted = "".join(
        part + ("“" if index % 2 == 0 else "”") for index, part in enumerate(parts[:-1])
    )
    return quoted + parts[-1]
