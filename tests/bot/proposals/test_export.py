import csv
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.proposals import export
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.storage.database import Database
from bot.storage.proposals import Filter
from bot.storage.records import Proposal, Stage, Urgency

ZONE = ZoneInfo("Asia/Shanghai")
PHONE, CARD = "13912345678", "110101199003070036"
PROPOSAL = Proposal(
    code="P20261121-0001",
    title="路灯坏了",
    description=f"路灯坏了，打{PHONE}，身份证{CARD}",
    category="lighting",
    urgency=Urgency.GENERAL,
    place="锦绣家园2号楼",
    community="yuan",
    building="2号楼",
    latitude=30.5,
    longitude=114.25,
    contact_name="王秀英",
    contact_phone="+8613912345678",
    resident_id=1,
    stage=Stage.DECIDED,
    department="物业",
    channel="console",
    created_at=datetime(2026, 11, 21, 12, 30, tzinfo=UTC),
    updated_at=datetime(2026, 11, 21, 12, 30, tzinfo=UTC),
    resolution_due_at=datetime(2026, 12, 1, 16, tzinfo=UTC),
)

# GET Service List and GET Service Requests of GeoReport v2, by their specification.
SERVICE_FIELDS = {
    "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
}  # fmt: skip
REQUEST_FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime",
    "expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url",
}  # fmt: skip


def many(count: int) -> Iterator[Proposal]:
    for number in range(count):
        yield replace(PROPOSAL, code=f"P20261121-{number:06d}")


def write(kind: str, out: Path, proposals: Iterator[Proposal]) -> int:
    if kind == "csv":
        return export.write_csv(out, proposals, ZONE)
    if kind == "json":
        return export.write_json(out, proposals, ZONE)
    if kind == "xlsx":
        return export.write_xlsx(out, proposals, [["件数", 1]], ZONE)
    return export.write_open311(out, proposals, {"lighting": "路灯"}, LABELS, ZONE)


LABELS = {stage.value: stage.value for stage in Stage}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def codes(kind: str, out: Path) -> list[str]:
    if kind == "csv":
        return [row["code"] for row in read_csv(out)]
    if kind == "xlsx":
        sheet = load_workbook(out)["提案"]
        return [str(row[0].value) for row in sheet.iter_rows(min_row=2)]
    if kind == "json":
        return [row["code"] for row in json.loads(out.read_text("utf-8"))]
    requests = json.loads((out / "requests.json").read_text("utf-8"))
    return [row["service_request_id"] for row in requests]


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "open311"])
def test_every_row_of_the_ledger_is_there(database: Database, tmp_path: Path, kind: str) -> None:
    with database.unit_of_work() as unit:
        resident = unit.people.meet("console", "wang", "王秀英")
        ledger = Ledger(unit, Deadlines(unit.time_zone))
        for number in range(57):
            category = "lighting" if number % 3 else "road"
            ledger.create(Draft(f"第{number}件", "东门", category=category), resident)
    for wanted in (Filter(), Filter(categories=("road",)), Filter(stages=(Stage.EXECUTED,))):
        out = tmp_path / f"out.{kind}"
        with database.read() as rows:
            found = list(rows.proposals.find(wanted))
            count = write(kind, out, export.exported(rows.proposals.find(wanted), False))
            assert count == rows.proposals.count(wanted)
        assert codes(kind, out) == [proposal.code for proposal in found]


def test_every_column_of_the_ledger_is_there(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    export.write_csv(out, [PROPOSAL], ZONE)
    (row,) = read_csv(out)
    with database.read() as rows:
        columns = [each["name"] for each in rows.proposals._query("PRAGMA table_info(proposals)")]
    assert list(row) == columns == [field.name for field in fields(Proposal)]
    assert set(export.HEADINGS) == set(columns)
    export.write_json(tmp_path / "out.json", [PROPOSAL], ZONE)
    (entry,) = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert list(entry) == columns
    assert entry["created_at"] == row["created_at"] == "2026-11-21T20:30:00+08:00"
    assert (entry["latitude"], entry["satisfaction"], entry["stage"]) == (30.5, None, "decided")


def test_csv_begins_with_a_byte_order_mark_and_may_speak_chinese(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    export.write_csv(out, [PROPOSAL], ZONE, chinese_headings=True)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_csv(out)[0]["编号"] == PROPOSAL.code


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "open311"])
def test_contacts_are_masked_in_free_text_too(tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"out.{kind}"
    write(kind, out, export.exported([PROPOSAL], with_contacts=False))
    if kind == "xlsx":
        said = str([[c.value for c in row] for row in load_workbook(out)["提案"].iter_rows()])
    else:
        path = out / "requests.json" if kind == "open311" else out
        said = path.read_text("utf-8")
    assert "路灯坏了" in said
    for secret in (PHONE, CARD, "王秀英"):
        assert secret not in said


def test_contacts_are_there_when_asked_for_but_never_in_open311(tmp_path: Path) -> None:
    export.write_csv(tmp_path / "a.csv", export.exported([PROPOSAL], True), ZONE)
    (row,) = read_csv(tmp_path / "a.csv")
    assert row["contact_phone"] == "+8613912345678"
    assert PHONE in row["description"]
    write("open311", tmp_path / "o", export.exported([PROPOSAL], True))
    assert PHONE not in (tmp_path / "o" / "requests.json").read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1+2", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "\n=1"]
)
def test_formulas_do_nothing(tmp_path: Path, text: str) -> None:
    proposal = replace(PROPOSAL, title=text, description=text)
    export.write_csv(tmp_path / "out.csv", [proposal], ZONE)
    assert read_csv(tmp_path / "out.csv")[0]["title"].startswith("'")
    export.write_xlsx(tmp_path / "out.xlsx", [proposal], [], ZONE)
    cell = load_workbook(tmp_path / "out.xlsx")["提案"]["B2"]
    assert cell.data_type == "s"


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    safe = export.harmless(text)
    assert safe.removeprefix("'") == text.removeprefix("'") or safe == text
    assert not safe.startswith(export.FORMULA_STARTS) or safe[1:].isdigit()


FIGURES = [["件数", 2], ["响应率", 0.5], ["满意率", None]]


def test_a_workbook_has_types_a_frozen_heading_labels_and_statistics(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    odd = replace(PROPOSAL, title="坏\x07字符")
    labels = {"stage": {"decided": "已议定"}, "community": {}}
    export.write_xlsx(out, [PROPOSAL, odd], FIGURES, ZONE, labels=labels)
    book = load_workbook(out)
    sheet = book["提案"]
    heading = [cell.value for cell in sheet[1]]
    values = dict(zip(heading, (cell.value for cell in sheet[2]), strict=True))
    assert sheet.freeze_panes == "B2"
    assert values["提出时间"] == datetime(2026, 11, 21, 20, 30)
    assert values["纬度"] == 30.5
    assert (values["阶段"], values["社区"]) == ("已议定", "yuan")
    assert sheet["B3"].value == "坏字符"
    figures = book["统计"]
    assert [[cell.value for cell in row] for row in figures] == [
        ["指标", "数值"], ["件数", 2], ["响应率", 0.5], ["满意率", "—"],
    ]  # fmt: skip
    assert figures["B3"].number_format == "0.0%"


def test_open311_has_the_fields_and_words_of_the_standard(tmp_path: Path) -> None:
    stages = [replace(PROPOSAL, stage=stage) for stage in Stage]
    labels = {stage.value: f"我们的{stage.value}" for stage in Stage}
    export.write_open311(tmp_path, stages, {"lighting": "路灯照明"}, labels, ZONE)
    services = json.loads((tmp_path / "services.json").read_text("utf-8"))
    requests = json.loads((tmp_path / "requests.json").read_text("utf-8"))
    assert [set(each) for each in services] == [SERVICE_FIELDS]
    assert services[0]["type"] in ("realtime", "batch", "blackbox")
    assert isinstance(services[0]["metadata"], bool)
    for stage, request in zip(Stage, requests, strict=True):
        assert set(request) == REQUEST_FIELDS
        assert request["status"] == ("open" if stage in OPEN else "closed")
        assert request["status_notes"] == f"我们的{stage.value}"
        assert request["service_code"] == services[0]["service_code"]
        assert datetime.fromisoformat(request["requested_datetime"]) == PROPOSAL.created_at
        assert (request["lat"], request["long"]) == (30.5, 114.25)


OPEN = (Stage.RAISED, Stage.DISCUSSED, Stage.DECIDED)


def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old", "utf-8")

    def broken() -> Iterator[Proposal]:
        yield PROPOSAL
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        export.write_csv(out, broken(), ZONE)
    assert out.read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("kind", ["csv", "json", "open311"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, kind: str) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        write(kind, tmp_path / f"{count}.{kind}", many(count))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)
    assert peak(2_000) < peak(200) + 500_000


def test_progress_is_told_row_by_row(tmp_path: Path) -> None:
    seen: list[int] = []
    export.write_csv(tmp_path / "out.csv", many(3), ZONE, seen.append)
    assert seen == [1, 2, 3]


def test_dates_and_numbers_stay_what_they_are() -> None:
    row = {name: export.plain(value, ZONE) for name, value in asdict(PROPOSAL).items()}
    assert json.loads(json.dumps(row)) == row
    assert export.plain(PROPOSAL.created_at + timedelta(hours=4), ZONE).startswith("2026-11-22")
