import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.document import KnowledgeError
from knowledge.service import Level, Office, Service
from knowledge.service_export import FORMATS, export_services, write_template
from knowledge.service_import import import_services

FULL = Service(
    id="elder-card",
    name="老年证",
    aliases=("老人卡", "敬老卡"),
    situations=("我妈想办老年证；要带啥",),
    department="民政局",
    level=Level.COMMUNITY,
    audience=("老年人",),
    min_age=60,
    materials=("身份证（原件、复印件）", "照片"),
    fee="=SUM(1)",
    offices=(
        Office(name="大厅", address="幸福路1号", latitude=30.5, longitude=114.3, hours="全天"),
        Office(name="分厅", phone="027-85551234"),
    ),
    phones=("12345", "+86 138 0013 8000"),
    link="https://example.org/x?a=1",
    checked_on=date(2026, 11, 1),
    scope="national",
)


@pytest.mark.parametrize("format_name", FORMATS)
def test_what_is_exported_is_imported_the_same(tmp_path: Path, format_name: str) -> None:
    services = [FULL, Service(id="b", name="低保", department="民政局")]
    path = tmp_path / f"out.{format_name}"
    export_services(services, path)
    assert import_services(path, [])[0] == services


texts = st.text(alphabet="老年证，、；办 1.a", min_size=1, max_size=8).map(str.strip).filter(bool)


@settings(max_examples=50, deadline=None)
@given(name=texts, situations=st.lists(texts.filter(lambda t: not t[0].isdigit()), max_size=3))
def test_any_text_survives_a_table(
    tmp_path_factory: pytest.TempPathFactory, name: str, situations: list[str]
) -> None:
    path = tmp_path_factory.mktemp("export") / "out.csv"
    service = Service(id="a", name=name, situations=tuple(situations))
    export_services([service], path)
    assert import_services(path, [])[0] == [service]


def test_headings_are_chinese_and_spreadsheets_open_the_file(tmp_path: Path) -> None:
    export_services([FULL], tmp_path / "out.csv")
    content = (tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
    assert rows[0][:3] == ["编号", "名称", "别名"]


def test_a_formula_stays_text_in_a_workbook(tmp_path: Path) -> None:
    export_services([FULL], tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == "=SUM(1)"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_the_template_shows_an_example_that_is_never_imported(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet = book.worksheets[0]
    assert sheet.max_row == 2
    assert len(sheet.data_validations.dataValidation) == 2
    remarks = {row[0].value: row[1].value for row in book["填写说明"].iter_rows()}
    assert all(remarks[cell.value] for cell in sheet[1])
    sheet.append(["", "低保"])
    book.save(tmp_path / "t.xlsx")
    services, report = import_services(tmp_path / "t.xlsx", [])
    assert [service.name for service in services] == ["低保"]
    assert report.skipped == 1


@pytest.mark.parametrize(
    ("name", "message"), [("out.pdf", "没有“pdf”"), ("file/out.csv", "写不进去")]
)
def test_what_cannot_be_written_is_told(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message):
        export_services([FULL], tmp_path / name)
