"""Marks that the rules of repair put where something is missing, and how they become gaps."""

import re

from knowledge.document import Gap

_START, _END = "\x1e", "\x1f"  # control characters; a text that is repaired has none of its own
MARK = re.compile(f"{_START}([^{_END}]*){_END}")


def mark(note: str) -> str:
    """A mark to stand in a text until `take_gaps`; `note` says what is missing, for people."""
    return f"{_START}{note}{_END}"


def take_gaps(text: str) -> tuple[str, tuple[Gap, ...]]:
    """The text without marks, and a gap for each at its place."""
    gaps: list[Gap] = []
    parts: list[str] = []
    length, end = 0, 0
    for match in MARK.finditer(text):
        parts.append(text[end : match.start()])
        length += match.start() - end
        gaps.append(Gap(length, match[1]))
        end = match.end()
    return "".join([*parts, text[end:]]), tuple(gaps)
