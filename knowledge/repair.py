"""Scraped and broken Chinese text back to what a person would have read on the page.

The rules run in an order in which each finds what it needs: bytes before characters, characters
before words, words before lines. Every rule looks for its own kind of damage and leaves a text
without it as it is, so that clean text comes through unchanged.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from knowledge import boilerplate, layout
from knowledge.boilerplate import Cleaned
from knowledge.document import Gap
from knowledge.gaps import mark, take_gaps
from knowledge.misread import undo_wrong_decoding
from knowledge.mojibake import INFERRED, UNREADABLE, realign
from knowledge.pinyin_brackets import has_scraped_brackets, remove_brackets
from knowledge.traditional import is_traditional, to_simplified

_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    r"\ufeff\u200b-\u200f\u202a-\u202e\u2060\ud800-\udfff]"
)
_ILLEGIBLE = "这里有字无法辨认"
_LONGEST = 2_000_000  # characters; beyond it a text is no page that a scraper broke
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Repaired:
    """The text as it can be read and quoted, and what the repair learnt on the way.

    `gaps` are places where the source is cut off or unreadable, `removed` the lines of the web
    site that were taken out, `notes` the names of the rules that changed something.
    """

    text: str
    gaps: tuple[Gap, ...] = ()
    title_hint: str = ""
    issued_on_hint: str = ""
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def repair(text: str) -> Repaired:
    """Repair a text; a clean simplified one comes back as it is.

    Repairing the repaired text changes nothing any more.
    """
    notes: list[str] = []
    removed: list[str] = []
    hints: dict[str, str] = {}
    for rule in _RULES:
        before = text
        result = rule(text)
        if isinstance(result, Cleaned):
            text = result.text
            removed += result.removed
            hints[rule.__name__] = result.hint
        else:
            text = result
        if text != before:
            notes.append(rule.__name__)
    text, gaps = take_gaps(text)
    return Repaired(
        text,
        gaps,
        title_hint=hints.get("remove_favourite", ""),
        issued_on_hint=hints.get("remove_publication_line", ""),
        removed=tuple(removed),
        notes=tuple(notes),
    )


def strip_controls(text: str) -> str:
    """Line ends as \\n; control, zero-width and direction characters and lone surrogates out."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def realign_bytes(text: str) -> str:
    """GBK runs read from the wrong byte on, and the readings in brackets that came with them."""
    if len(text) > _LONGEST:
        return text
    scraped = has_scraped_brackets(text)
    traditional = scraped or is_traditional(text)
    if scraped:
        text = remove_brackets(text)
    text = realign(text, traditional=traditional, scraped=scraped)
    text = text.replace(INFERRED, mark("这里有一个字受损，是推断的"))
    return re.sub(f"{UNREADABLE}+", lambda lost: "□" * len(lost[0]) + mark(_ILLEGIBLE), text)


def mark_unreadable(text: str) -> str:
    """Bytes that no encoding could read, � in the text, are a gap."""
    return re.sub("\ufffd+", lambda lost: lost[0] + mark(_ILLEGIBLE), text)


_RULES: tuple[Callable[[str], str] | Callable[[str], Cleaned], ...] = (
    undo_wrong_decoding,
    strip_controls,
    realign_bytes,
    to_simplified,
    boilerplate.remove_site_lines,
    boilerplate.remove_publication_line,
    boilerplate.mark_cut_sections,
    boilerplate.mark_cut_end,
    boilerplate.remove_favourite,
    boilerplate.mark_spam_names,
    boilerplate.remove_outline,
    mark_unreadable,
    layout.join_wrapped_lines,
    layout.strip_indents,
    layout.join_broken_sentences,
    layout.widen_punctuation,
    layout.pair_quotes,
)
