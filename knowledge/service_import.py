"""Bring a community's own table of services into the directory.

Good rows go in, faulty ones are listed with line, column and reason; the caller saves the result
in one step, so nothing is ever half-written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from knowledge.columns import apply_choices, guess_columns, one_spelling, recognised
from knowledge.document import KnowledgeError
from knowledge.service import Service, faults, made_id
from knowledge.service_columns import OFFICE, SERVICE_COLUMNS, heading
from knowledge.tables import Row, Table, read_table

EXAMPLE_MARK = "（示例"
"""Names that begin so are the example row of the template, and are left out."""

_FIELDS_WITHOUT_COLUMN = ("offices",)


class RowProblem(NamedTuple):
    """What is wrong with one row; `column` is the file's heading, empty for the whole row."""

    line: int
    column: str
    reason: str


@dataclass
class ImportReport:
    """What came of an import; the numbers count services, not rows.

    `columns` is heading -> field, `unused` the headings that mean nothing to us, `merged` the rows
    that belong to a service of an earlier row, `unit` what line numbers count.
    """

    source: str
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    unit: str = "行"
    rows: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    skipped: int = 0
    problems: list[RowProblem] = field(default_factory=list)


@dataclass
class _Entry:
    """A service as the file gives it: values by field, and the row that each came from."""

    values: dict[str, Any]
    row: Row


def import_services(
    path: Path, existing: Sequence[Service], choices: Mapping[str, str] | None = None
) -> tuple[list[Service], ImportReport]:
    """Join the rows of a file to `existing`; a service of the same id, or else of the same
    department and name, is updated in the fields that the file has.

    `choices` (heading -> field) overrides the guessed columns. Raises KnowledgeError when the file
    cannot be read or has no column for the name.
    """
    table = read_table(path, lambda cells: recognised(cells, SERVICE_COLUMNS))
    table = one_spelling(table, SERVICE_COLUMNS, kept=choices or ())
    columns = _columns(table, choices or {}, path)
    unused = tuple(
        heading
        for heading in table.headings
        if heading not in columns and heading not in _FIELDS_WITHOUT_COLUMN
    )
    report = ImportReport(path.name, columns, unused, table.unit, rows=len(table.rows))
    services = {service.id: service for service in existing}
    ids_by_key = {service.key: service.id for service in existing}
    for entry in _gathered(table.rows, columns, report):
        service = _validated(entry, services, ids_by_key, columns, report)
        if service is not None:
            services[service.id] = service
            ids_by_key[service.key] = service.id
    report.problems.sort(key=lambda problem: problem.line)
    return list(services.values()), report


def _columns(table: Table, choices: Mapping[str, str], path: Path) -> dict[str, str]:
    titles = [title for title in table.headings if title not in _FIELDS_WITHOUT_COLUMN]
    guessed = guess_columns(titles, SERVICE_COLUMNS)
    columns = apply_choices(guessed, choices, table.headings, SERVICE_COLUMNS)
    if "name" not in columns.values():
        raise KnowledgeError(
            f"{path.name} 里找不到服务名称这一列（列有：{'、'.join(table.headings[:12])}）"
        )
    return columns


def _gathered(
    rows: Iterable[Row], columns: Mapping[str, str], report: ImportReport
) -> list[_Entry]:
    """Rows as entries; rows of one service are joined, each with its own office."""
    entries: dict[object, _Entry] = {}
    for row in rows:
        if row.fault:
            report.problems.append(RowProblem(row.line, "", row.fault))
            continue
        values = _values(row, columns)
        name = str(values.get("name") or "").strip()
        if name.startswith(EXAMPLE_MARK):
            report.skipped += 1
            continue
        key: object = values.get("id") or (str(values.get("department") or "").strip(), name)
        if name and key in entries:
            report.merged += 1
            _join(entries[key].values, values)
        else:
            entries[key if name else row.line] = _Entry(values, row)
    return list(entries.values())


def _values(row: Row, columns: Mapping[str, str]) -> dict[str, Any]:
    """Values by field; columns about an office make one, unless the row has a list of offices."""
    values: dict[str, Any] = {}
    office: dict[str, Any] = {}
    for title, value in row.values.items():
        meant = columns.get(title, title if title in _FIELDS_WITHOUT_COLUMN else "")
        if meant.startswith(OFFICE):
            office[meant.removeprefix(OFFICE)] = value
        elif meant:
            values[meant] = value
    if any(value not in (None, "") for value in office.values()):
        if not (office.get("name") or office.get("address")):
            office["name"] = values.get("department") or values.get("name") or ""
        values.setdefault("offices", [office])
    return values


def _join(known: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add to `known` what a further row of the same service says."""
    offices = known.get("offices") or []
    known["offices"] = offices + [
        office for office in more.get("offices") or [] if office not in offices
    ]
    for name, value in more.items():
        if known.get(name) in (None, ""):
            known[name] = value


def _validated(
    entry: _Entry,
    services: Mapping[str, Service],
    ids_by_key: Mapping[tuple[str, str], str],
    columns: Mapping[str, str],
    report: ImportReport,
) -> Service | None:
    """The service with what was known of it before; None, and problems, for a faulty row."""
    values = entry.values
    key = str(values.get("department") or "").strip(), str(values.get("name") or "").strip()
    values["id"] = str(values.get("id") or "") or ids_by_key.get(key) or made_id(*key)
    before = services.get(values["id"])
    known = before.model_dump() if before else {}
    try:
        service = Service.model_validate(known | values)
    except ValidationError as error:
        titles = {meant: title for title, meant in columns.items()}
        report.problems += [
            RowProblem(entry.row.line, _title(path, titles), reason)
            for path, reason in faults(error)
        ]
        return None
    if before is None:
        report.added += 1
    elif before == service:
        report.unchanged += 1
    else:
        report.updated += 1
    return service


def _title(path: str, titles: Mapping[str, str]) -> str:
    """ "offices.0.phone" -> the file's heading for the office's phone."""
    parts = [part for part in path.split(".") if not part.isdigit()]
    plain = ".".join(parts)
    if plain in titles:
        return titles[plain]
    if not plain:
        ages = (titles.get(name, "") for name in ("min_age", "max_age"))
        return "、".join(filter(None, ages))
    if plain == "offices":
        return "、".join(title for meant, title in titles.items() if meant.startswith(OFFICE))
    return heading(plain) if plain in SERVICE_COLUMNS else plain
