"""Scraped and broken Chinese text back to what a person would have read on the page."""

import re
from dataclasses import dataclass

from knowledge.document import Gap

_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u200b-\u200f\u202a-\u202e\u2060\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Repaired:
    """The text as it can be read and quoted, and what the repair learnt on the way.

    `gaps` are places where the source is cut off, `removed` the lines of the web site that were
    taken out, `notes` the names of the rules that changed something.
    """

    text: str
    gaps: tuple[Gap, ...] = ()
    title_hint: str = ""
    issuer_hint: str = ""
    issued_on_hint: str = ""
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def repair(text: str) -> Repaired:
    """Repair a text; a clean simplified text comes back as it is."""
    return Repaired(strip_controls(text))


def strip_controls(text: str) -> str:
    """Line ends as \\n; control, zero-width and direction characters and lone surrogates out."""
    text = (
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\x85", "\n")
    )
    return _CONTROLS.sub("", text)
