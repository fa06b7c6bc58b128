"""Which column of a table means which field, guessed from its heading."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz

from knowledge.document import KnowledgeError
from knowledge.tables import Row, Table

Synonyms = Mapping[str, Sequence[str]]
"""Field -> headings that mean it, most usual first."""

_MIN_LIKENESS = 80.0


def normalise_heading(heading: str) -> str:
    """Half width, lower case, without remarks in brackets, stars, colons and spaces."""
    text = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"\(.*?\)|[\s*:_\-]", "", text)


def likeness(heading: str, names: Sequence[str]) -> float:
    """0 to 100: 100 for the same, 90 and more where one stands in the other, else by letters."""
    plain = normalise_heading(heading)
    best = 0.0
    for name in map(normalise_heading, names):
        if not plain or not name:
            continue
        if plain == name:
            return 100.0
        shorter, longer = sorted((plain, name), key=len)
        if len(shorter) >= 2 and shorter in longer:
            # The last word says what it is: 窗口地址 is an address, not a counter.
            ends = 0.5 if longer.endswith(shorter) else 0.0
            best = max(best, 90.0 + 9.0 * len(shorter) / len(longer) + ends)
        best = max(best, fuzz.ratio(plain, name))
    return best


def guess_columns(headings: Sequence[str], synonyms: Synonyms) -> dict[str, str]:
    """Heading -> field, each field once; the surest pairs first, then the order of columns."""
    pairs = [
        (-likeness(heading, (field, *names)), at, heading, field)
        for at, heading in enumerate(headings)
        for field, names in synonyms.items()
    ]
    guessed: dict[str, str] = {}
    taken: set[str] = set()
    for score, _, heading, field in sorted(pairs, key=lambda pair: pair[:2]):
        if -score < _MIN_LIKENESS:
            break
        if heading not in guessed and field not in taken:
            guessed[heading] = field
            taken.add(field)
    return {heading: guessed[heading] for heading in headings if heading in guessed}


def one_spelling(table: Table, synonyms: Synonyms, kept: Collection[str] = ()) -> Table:
    """The table with one heading for each field where entries spell it in several ways, as a JSON
    or YAML file may: "name" in one entry, 名称 in the next.

    An entry that has two spellings with different values becomes a faulty row. Headings in `kept`
    stay as they are.
    """
    chosen: dict[str, str] = {}
    renamed: dict[str, str] = {}
    for heading in table.headings:
        field = _meant_exactly(heading, synonyms)
        if not field or heading in kept:
            continue
        first = chosen.setdefault(field, heading)
        if any(heading in row.values and first not in row.values for row in table.rows):
            renamed[heading] = first
    headings = tuple(heading for heading in table.headings if heading not in renamed)
    rows = tuple(_respelled(row, renamed) for row in table.rows)
    return Table(headings, rows, table.unit)


def _meant_exactly(heading: str, synonyms: Synonyms) -> str:
    exact = (
        field for field, names in synonyms.items() if likeness(heading, (field, *names)) >= 100
    )
    return next(exact, "")


def _respelled(row: Row, renamed: Mapping[str, str]) -> Row:
    values: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for written, value in row.values.items():
        heading = renamed.get(written, written)
        if values.get(heading) in (None, "", value):
            values[heading], spelled[heading] = value, written
        elif value not in (None, ""):
            both = f"“{spelled[heading]}”和“{written}”"
            return Row(row.line, {}, f"{both}是同一项，写的却不一样")
    return Row(row.line, values, row.fault)


def recognised(headings: Sequence[str], synonyms: Synonyms) -> int:
    """How many of these cells are headings that are known."""
    return len(guess_columns([heading for heading in headings if len(heading) <= 30], synonyms))


def apply_choices(
    guessed: Mapping[str, str],
    choices: Mapping[str, str],
    headings: Sequence[str],
    synonyms: Synonyms,
) -> dict[str, str]:
    """The guess with what a person decided (`heading -> field`, empty field: leave it out).

    Raises KnowledgeError for a heading or field that does not exist.
    """
    columns = dict(guessed)
    for heading, field in choices.items():
        if heading not in headings:
            raise KnowledgeError(f"表里没有“{heading}”这一列，有：{'、'.join(headings)}")
        if field and field not in synonyms:
            raise KnowledgeError(f"没有“{field}”这个字段，可用：{'、'.join(synonyms)}")
        columns = {known: meant for known, meant in columns.items() if meant != field}
        columns.pop(heading, None)
        if field:
            columns[heading] = field
    return columns
