"""Proposals as files for other hands: CSV, XLSX, JSON, and Open311 GeoReport v2.

Rows are streamed, so that 100,000 of them need no more memory than one. Contact details are
masked, in free text too, unless they are asked for.
"""

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError

from bot.proposals.ledger import masked
from bot.proposals.proposal import stage_label
from bot.proposals.statistics import Statistics
from bot.storage.records import Proposal, Stage

COLUMNS = tuple(field.name for field in fields(Proposal))
HEADINGS = {
    "code": "编号", "title": "事项", "description": "内容", "category": "类别",
    "urgency": "紧急程度", "place": "地点", "community": "社区", "building": "楼栋",
    "latitude": "纬度", "longitude": "经度", "contact_name": "联系人", "contact_phone": "联系电话",
    "resident_id": "居民编号", "stage": "阶段", "department": "承办单位", "channel": "渠道",
    "created_at": "提出时间", "updated_at": "更新时间", "response_due_at": "答复期限",
    "resolution_due_at": "办结期限", "responded_at": "首次响应", "resolved_at": "办结时间",
    "satisfaction": "满意度",
}  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV injection)."""

Labels = Mapping[str, Mapping[str, str]]
"""Words for the values of a column, by column and value; a value without any stays as it is."""

Advance = Callable[[int], None]
"""Called with the number of rows written so far."""


def quiet(done: int) -> None:
    """Nobody watches."""


def exported(proposals: Iterable[Proposal], with_contacts: bool) -> Iterator[Proposal]:
    """Proposals as they may leave the house."""
    return (each if with_contacts else masked(each) for each in proposals)


def write_csv(
    out: Path,
    proposals: Iterable[Proposal],
    zone: ZoneInfo,
    advance: Advance = quiet,
    chinese_headings: bool = False,
) -> int:
    """All columns as CSV in UTF-8 with a byte order mark, so that Excel shows Chinese; the rows.

    Times are local ISO-8601. A text that a spreadsheet would run as a formula gets an apostrophe
    before it.
    """
    count = 0
    with replacing(out) as path, path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([HEADINGS[name] for name in COLUMNS] if chinese_headings else COLUMNS)
        for count, proposal in enumerate(proposals, 1):
            row = asdict(proposal)
            writer.writerow([_csv_cell(row[name], zone) for name in COLUMNS])
            advance(count)
    return count


def write_json(
    out: Path, proposals: Iterable[Proposal], zone: ZoneInfo, advance: Advance = quiet
) -> int:
    """A JSON array of objects with all columns; the number of rows."""
    rows = (
        {name: plain(value, zone) for name, value in asdict(proposal).items()}
        for proposal in proposals
    )
    with replacing(out) as path, path.open("w", encoding="utf-8") as file:
        return _write_array(file, rows, advance)


def write_xlsx(
    out: Path,
    proposals: Iterable[Proposal],
    statistics: Sequence[Sequence[object]],
    zone: ZoneInfo,
    advance: Advance = quiet,
    labels: Labels = MappingProxyType({}),
) -> int:
    """A workbook: typed columns under a frozen heading, and a second sheet with statistics.

    It is for people: values that have a label appear as that.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("提案")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}1"
    for number, name in enumerate(COLUMNS, 1):
        wide = name in ("title", "description", "place")
        sheet.column_dimensions[get_column_letter(number)].width = 40 if wide else 18
    sheet.append([_heading(sheet, HEADINGS[name]) for name in COLUMNS])
    count = 0
    for count, proposal in enumerate(proposals, 1):
        row = _labelled(asdict(proposal), labels)
        sheet.append([_xlsx_cell(sheet, row[name], zone) for name in COLUMNS])
        advance(count)
    figures = book.create_sheet("统计")
    figures.column_dimensions["A"].width = 18
    figures.append([_heading(figures, "指标"), _heading(figures, "数值")])
    for line in statistics:
        figures.append([_figure_cell(figures, value, zone) for value in line])
    with replacing(out) as path:
        book.save(path)
    return count


def write_open311(
    out: Path,
    proposals: Iterable[Proposal],
    category_labels: Mapping[str, str],
    stage_labels: Mapping[str, str],
    zone: ZoneInfo,
    advance: Advance = quiet,
) -> int:
    """A folder with `services.json` and `requests.json` as Open311 GeoReport v2 has them.

    Fields and status words are those of the standard (wiki.open311.org/GeoReport_v2); our stage
    stands in `status_notes`. Requests carry no contact details, not even in the description: what
    is published in this format is public.
    """
    out.mkdir(parents=True, exist_ok=True)
    services = [open311_service(slug, label) for slug, label in category_labels.items()]
    with replacing(out / "services.json") as path:
        path.write_text(json.dumps(services, ensure_ascii=False, indent=1), encoding="utf-8")
    rows = (
        open311_request(masked(each), category_labels, stage_labels, zone) for each in proposals
    )
    with replacing(out / "requests.json") as path, path.open("w", encoding="utf-8") as file:
        return _write_array(file, rows, advance)


def open311_service(slug: str, label: str) -> dict[str, object]:
    """One entry of the service list of GeoReport v2."""
    return {
        "service_code": slug,
        "service_name": label,
        "description": label,
        "metadata": False,
        "type": "realtime",
        "keywords": label,
        "group": "社区事务",
    }


def open311_request(
    proposal: Proposal,
    category_labels: Mapping[str, str],
    stage_labels: Mapping[str, str],
    zone: ZoneInfo,
) -> dict[str, object]:
    """One service request of GeoReport v2."""
    is_open = proposal.stage.value in ("raised", "discussed", "decided")
    return {
        "service_request_id": proposal.code,
        "status": "open" if is_open else "closed",
        "status_notes": stage_labels[proposal.stage.value],
        "service_name": category_labels.get(proposal.category, proposal.category),
        "service_code": proposal.category,
        "description": proposal.description,
        "agency_responsible": proposal.department,
        "service_notice": "",
        "requested_datetime": plain(proposal.created_at, zone),
        "updated_datetime": plain(proposal.updated_at, zone),
        "expected_datetime": plain(proposal.resolution_due_at, zone),
        "address": proposal.place,
        "address_id": "",
        "zipcode": "",
        "lat": proposal.latitude,
        "long": proposal.longitude,
        "media_url": "",
    }


def figure_lines(figures: Statistics) -> list[list[object]]:
    """One group's figures as lines of a sheet."""
    return [
        ["件数", figures.proposals],
        ["在办", figures.open],
        ["超期", figures.overdue],
        ["响应率", figures.response_rate],
        ["解决率", figures.resolution_rate],
        ["满意率", figures.satisfaction_rate],
        *([stage_label(stage), figures.stages[stage]] for stage in Stage),
    ]


def plain(value: object, zone: ZoneInfo) -> object:
    """A column value as JSON has it; times as local ISO-8601 with their offset."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value.value if isinstance(value, Enum) else value


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A file to write beside `out`, that takes its place when all went well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.parent)
    os.close(handle)
    try:
        yield Path(name)
        Path(name).replace(out)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _write_array(
    file: io.TextIOBase, rows: Iterable[Mapping[str, object]], advance: Advance
) -> int:
    count = 0
    file.write("[")
    for count, row in enumerate(rows, 1):
        file.write(",\n" if count > 1 else "\n")
        file.write(json.dumps(row, ensure_ascii=False))
        advance(count)
    file.write("\n]\n")
    return count


def _csv_cell(value: object, zone: ZoneInfo) -> object:
    value = plain(value, zone)
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula; a phone number's plus sign stays."""
    if text.startswith(FORMULA_STARTS) and not text[1:].isdigit():
        return f"'{text}"
    return text


def _labelled(row: dict[str, Any], labels: Labels) -> dict[str, Any]:
    for name, words in labels.items():
        row[name] = words.get(row[name], row[name])
    return row


def _heading(sheet: Any, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _figure_cell(sheet: Any, value: object, zone: ZoneInfo) -> Cell:
    """A figure; a rate as a percentage, one that cannot be told as a dash."""
    cell = _xlsx_cell(sheet, "—" if value is None else value, zone)
    if isinstance(value, float):
        cell.number_format = "0.0%"
    return cell


def _xlsx_cell(sheet: Any, value: Any, zone: ZoneInfo) -> Cell:
    """A typed cell: numbers as numbers, times as local times, text never as a formula."""
    if isinstance(value, datetime):
        cell: Cell = WriteOnlyCell(sheet, value.astimezone(zone).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    value = value.value if isinstance(value, Enum) else value
    if not isinstance(value, str):
        number: Cell = WriteOnlyCell(sheet, value)
        return number
    try:
        cell = WriteOnlyCell(sheet, value)
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, "".join(c for c in value if c >= " " or c in "\n\t"))
    cell.data_type = "s"
    return cell
