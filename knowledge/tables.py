"""Rows of a table as people keep them: CSV, TSV, XLSX, JSON or YAML, with their line numbers."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import openpyxl
import yaml
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.document import KnowledgeError
from knowledge.formats import decode

SUFFIXES = (".csv", ".tsv", ".xlsx", ".json", ".yaml", ".yml")
# Headings stand near the top; a title and notes may come before them.
_HEADING_ROWS = 10


class Row(NamedTuple):
    """One entry: the line it begins on (for JSON, its number) and its values by heading.

    `fault` says in Chinese why an entry has no values, empty where it has.
    """

    line: int
    values: Mapping[str, Any]
    fault: str = ""


class Table(NamedTuple):
    """Headings in order and the rows below them; `unit` is what `Row.line` counts."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    unit: str = "行"


Recognise = Callable[[Sequence[str]], int]
"""How many of these cells look like headings that the reader knows."""


def read_table(path: Path, recognise: Recognise) -> Table:
    """Read a file by its ending; the heading row is the one of the first ten recognised best.

    Raises KnowledgeError when the file cannot be read or holds no table.
    """
    readers: dict[str, Callable[[Path, Recognise], Table]] = {
        ".csv": _read_delimited, ".tsv": _read_delimited, ".xlsx": _read_workbook,
        ".json": _read_json, ".yaml": _read_yaml, ".yml": _read_yaml,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise KnowledgeError(f"{path.name}：只能读 {'、'.join(SUFFIXES)} 文件")
    try:
        table = reader(path, recognise)
    except OSError as error:
        raise KnowledgeError(f"{path.name} 打不开：{error.strerror or error}") from error
    if not table.rows:
        raise KnowledgeError(f"{path.name} 里没有数据")
    return table


def _read_delimited(path: Path, recognise: Recognise) -> Table:
    text = _decoded(path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max("\t,;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[tuple[int, list[Any]]] = []
    try:
        before = 0
        for cells in reader:
            lines.append((before + 1, list(cells)))
            before = reader.line_num
    except csv.Error as error:
        raise KnowledgeError(f"{path.name} 第 {reader.line_num} 行读不出来：{error}") from error
    return _from_lines(lines, recognise)


def _decoded(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except KnowledgeError as error:
        raise KnowledgeError(f"{path.name}：{error}") from error


def _read_workbook(path: Path, recognise: Recognise) -> Table:
    """Read the sheet whose headings are recognised best; merged cells count for each of them."""
    try:
        workbook = openpyxl.load_workbook(path, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise KnowledgeError(f"{path.name} 不是完好的 XLSX 文件") from error
    best: Table | None = None
    for sheet in workbook.worksheets:
        merged = {
            (row, column): sheet.cell(area.min_row, area.min_col).value
            for area in sheet.merged_cells.ranges
            for row in range(area.min_row, area.max_row + 1)
            for column in range(area.min_col, area.max_col + 1)
        }
        lines = [
            (number, [merged.get((number, at), value) for at, value in enumerate(values, 1)])
            for number, values in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
        table = _from_lines(lines, recognise)
        if best is None or recognise(table.headings) > recognise(best.headings):
            best = table
    workbook.close()
    return best or Table((), ())


def _from_lines(lines: Iterable[tuple[int, list[Any]]], recognise: Recognise) -> Table:
    texts = [(number, [_text(value) for value in cells]) for number, cells in lines]
    texts = [(number, cells) for number, cells in texts if any(cells)]
    if not texts:
        return Table((), ())
    # A title merged over all columns repeats one text: count different cells only.
    top = max(range(min(_HEADING_ROWS, len(texts))), key=lambda at: recognise(_once(texts[at][1])))
    headings = texts[top][1]
    rows = tuple(Row(number, _by_heading(headings, cells)) for number, cells in texts[top + 1 :])
    return Table(tuple(heading for heading in _once(headings) if heading), rows)


def _once(cells: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(cells))


def _by_heading(headings: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Values by heading; of two columns with one heading the first that is filled counts."""
    values: dict[str, str] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading and not values.get(heading):
            values[heading] = cell
    return values


def _text(value: object) -> str:
    """A cell as text: dates in ISO form, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read_json(path: Path, _recognise: Recognise) -> Table:
    try:
        entries = json.loads(_decoded(path))
    except ValueError as error:
        raise KnowledgeError(f"{path.name} 不是完好的 JSON：{error}") from error
    rows = [_row(number, entry) for number, entry in enumerate(_entries(entries, path), 1)]
    return Table(_all_keys(rows), tuple(rows), unit="条")


def _read_yaml(path: Path, _recognise: Recognise) -> Table:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = _decoded(path)
    try:
        entries = list(_entries(yaml.load(text, Loader=loader), path))
        lines = list(_entry_lines(yaml.compose(text, Loader=loader)))
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{path.name} 不是完好的 YAML：{error}") from error
    rows = [_row(line, entry) for line, entry in zip(lines, entries, strict=True)]
    return Table(_all_keys(rows), tuple(rows))


def _entries(loaded: object, path: Path) -> list[Any]:
    """The list itself, or the one list in a mapping ({"services": [...]})."""
    if isinstance(loaded, dict):
        lists = [value for value in loaded.values() if isinstance(value, list)]
        loaded = lists[0] if len(lists) == 1 else loaded
    if not isinstance(loaded, list):
        raise KnowledgeError(f"{path.name}：应该是一个列表，每个服务一项")
    if loaded and not any(isinstance(entry, dict) for entry in loaded):
        raise KnowledgeError(f"{path.name} 第 1 条不是“字段: 值”的形式，其余也不是")
    return loaded


def _row(line: int, entry: object) -> Row:
    if not isinstance(entry, dict):
        return Row(line, {}, f"不是“字段: 值”的形式（写的是“{str(entry)[:40]}”）")
    return Row(line, {str(key).strip(): value for key, value in entry.items()})


def _entry_lines(node: Any) -> Iterator[int]:
    if isinstance(node, yaml.MappingNode):
        lists = [value for _, value in node.value if isinstance(value, yaml.SequenceNode)]
        node = lists[0]
    for entry in node.value:
        yield entry.start_mark.line + 1


def _all_keys(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for row in rows for key in row.values))
