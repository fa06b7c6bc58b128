"""Write the directory as a table, and the empty table that a community fills in."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.directory import write_atomically
from knowledge.document import KnowledgeError
from knowledge.service import Kind, Level, Office, Service
from knowledge.service_columns import OFFICE, REMARKS, SERVICE_COLUMNS, heading
from knowledge.service_fields import join_list
from knowledge.service_import import EXAMPLE_MARK

FORMATS = ("csv", "xlsx", "json", "yaml")
_LAST_CHOICE_ROW = 2000

EXAMPLE = Service(
    id="example-elder-card",
    name=f"{EXAMPLE_MARK}，导入时会跳过）老年人优待证办理",
    aliases=("老年证", "老人卡"),
    situations=("我妈六十了想办老年证", "坐公交免费的那个卡在哪办"),
    department="民政部门",
    level=Level.COMMUNITY,
    audience=("老年人",),
    min_age=60,
    materials=("身份证（原件）", "一寸照片两张"),
    steps=("到社区窗口交材料", "当场领证"),
    fee="免费",
    time_limit="当场办结",
    offices=(
        Office(
            name="幸福里社区党群服务中心",
            address="幸福路 12 号一楼",
            community="幸福里社区",
            hours="周一至周五 9:00-12:00，13:30-17:30；周六 9:00-12:00；法定节假日休息",
        ),
    ),
    phones=("12345",),
    legal_basis=("《老年人权益保障法》",),
    source="社区窗口",
)


def export_services(services: Sequence[Service], path: Path, format_name: str = "") -> None:
    """Write all fields so that `import_services` reads them back the same.

    `format_name` is one of `FORMATS`, by default the file's ending. In a table a service with
    several offices takes a row for each. Raises KnowledgeError when it cannot be written.
    """
    chosen = (format_name or path.suffix.removeprefix(".")).lower().replace("yml", "yaml")
    if chosen not in FORMATS:
        raise KnowledgeError(f"只能导出 {'、'.join(FORMATS)}，没有“{chosen}”")
    makers = {"csv": _csv, "xlsx": _xlsx, "json": _json, "yaml": _yaml}
    _write(path, makers[chosen](services))


def write_template(path: Path) -> None:
    """Write an XLSX table with headings, one example row and a sheet that explains the columns.

    Raises KnowledgeError when it cannot be written.
    """
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "服务"
    _fill(sheet, [EXAMPLE])
    fields = list(SERVICE_COLUMNS)
    for name, choices in (("level", [level for level in Level if level]), ("kind", list(Kind))):
        column = get_column_letter(fields.index(name) + 1)
        rule = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
        rule.add(f"{column}2:{column}{_LAST_CHOICE_ROW}")
        sheet.add_data_validation(rule)
    help_sheet = workbook.create_sheet("填写说明")
    for name in fields:
        help_sheet.append([heading(name), REMARKS[name]])
    help_sheet.column_dimensions["A"].width = 14
    help_sheet.column_dimensions["B"].width = 70
    _write(path, _saved(workbook))


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise KnowledgeError(f"{path} 写不进去：{error.strerror}") from error


def _rows(services: Iterable[Service]) -> Iterator[list[str]]:
    """Cells of the table: every fact on a service's first row, offices one a row."""
    for service in services:
        facts = service.model_dump(mode="json")
        for number, office in enumerate(service.offices or (None,)):
            place = office.model_dump(mode="json") if office else {}
            yield [
                _cell(place.get(name.removeprefix(OFFICE)))
                if name.startswith(OFFICE)
                else _cell(facts[name])
                if number == 0 or name in ("id", "name", "department")
                else ""
                for name in SERVICE_COLUMNS
            ]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return join_list(value) if isinstance(value, list) else str(value)


def _csv(services: Sequence[Service]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([heading(name) for name in SERVICE_COLUMNS])
    writer.writerows(_rows(services))
    # Spreadsheet programs take a CSV for UTF-8 only by its byte order mark.
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(services: Sequence[Service]) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "服务"
    _fill(workbook.worksheets[0], services)
    return _saved(workbook)


def _fill(sheet: Worksheet, services: Sequence[Service]) -> None:
    sheet.append([heading(name) for name in SERVICE_COLUMNS])
    for row in _rows(services):
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            # Text stays text: a cell that begins with "=" must not become a formula.
            cell.data_type = "s" if cell.value else cell.data_type
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        sheet.column_dimensions[get_column_letter(number)].width = 18
    sheet.freeze_panes = "C2"


def _saved(workbook: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _entries(services: Sequence[Service]) -> list[dict[str, Any]]:
    return [service.model_dump(mode="json", exclude_defaults=True) for service in services]


def _json(services: Sequence[Service]) -> bytes:
    return json.dumps(_entries(services), ensure_ascii=False, indent=2).encode()


def _yaml(services: Sequence[Service]) -> bytes:
    return yaml.safe_dump(_entries(services), allow_unicode=True, sort_keys=False).encode()
