"""Files for workers and from them: exports of named periods, documents for the knowledge base."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from bot.actions.worker_files import read_period, safe_name
from bot.commands.parts import Parts

PHONE = "13912345678"


SHANGHAI = ZoneInfo("Asia/Shanghai")


def accesses(house: Parts, what: str) -> list[str]:
    with house.database.read() as rows:
        return [access.subject for access in rows.people.accesses() if access.what == what]


def test_the_week_comes_as_a_masked_file(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    ours = raised(resident, f"灯坏了{PHONE}", phone=PHONE).code
    theirs = raised(resident, "水管漏", "mei").code
    said = worker.say("导出本周提案")
    (file,) = (file for reply in worker.replies for file in reply.attachments)
    sheet = load_workbook(file.path)["提案"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    codes = [row[0] for row in cells]
    assert ours in codes
    assert theirs not in codes
    assert f"一共 {len(codes)} 件" in said
    assert PHONE not in str(cells)
    assert file.name in accesses(house, "export")


def test_a_period_is_named_and_never_guessed(worker: Any, resident: Any, raised: Any) -> None:
    raised(resident)
    assert "至" in worker.say("/export 本周 csv")
    (file,) = (file for reply in worker.replies for file in reply.attachments)
    assert file.name.endswith(".csv")
    assert "没看懂“开春以后”" in worker.say("/export 开春以后")
    assert not any(reply.attachments for reply in worker.replies)
    assert "2020-01-01至2020-01-31没有提案" in worker.say("/export 2020年1月")


def test_a_document_is_added_after_a_yes(house: Parts, worker: Any, tmp_path: Path) -> None:
    file = tmp_path / "电动车停放办法.md"
    file.write_text(
        "# 锦绣家园电动车停放办法\n\n一、电动车一律停在西门车棚，充电每次一元。\n", "utf-8"
    )
    assert "要加进资料库吗" in worker.say(files=(file,))
    assert "已加入" in worker.press("加进资料库")
    titles = [document.title for document in house.snapshot().documents.values()]
    assert any("电动车停放办法" in title for title in titles)
    worker.say(files=(file,))
    assert "没有变化" in worker.press("加进资料库")


def test_a_document_that_cannot_be_read_is_explained(worker: Any, tmp_path: Path) -> None:
    file = tmp_path / "坏.pdf"
    file.write_bytes(b"not a pdf")
    worker.say(files=(file,))
    assert "没加成" in worker.press("加进资料库")
    assert "重新发" in worker.say(button="worker:learn:0123456789abcdef")
    assert "重新发" in worker.say(button="worker:learn:../..")


@pytest.mark.parametrize(
    ("wish", "since", "until"),
    [
        ("导出本周提案", "2026-11-16", "2026-11-22"),
        ("", "2026-11-16", "2026-11-22"),
        ("上周的", "2026-11-09", "2026-11-16"),
        ("上个月", "2026-10-01", "2026-11-01"),
        ("本月", "2026-11-01", "2026-11-22"),
        ("今天", "2026-11-21", "2026-11-22"),
        ("最近30天", "2026-10-23", "2026-11-22"),
        ("7", "2026-11-15", "2026-11-22"),
        ("全部", "", "2026-11-22"),
        ("2026年10月", "2026-10-01", "2026-11-01"),
        ("10月", "2026-10-01", "2026-11-01"),
        ("12月", "2025-12-01", "2026-01-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026-10-05 到 2026-10-08", "2026-10-05", "2026-10-09"),
        ("2026年10月5日", "2026-10-05", "2026-10-06"),
        ("今年", "2026-01-01", "2026-11-22"),
    ],
)
def test_periods(wish: str, since: str, until: str) -> None:
    period = read_period(wish, datetime(2026, 11, 21, 1, tzinfo=UTC), SHANGHAI)
    assert period is not None
    assert (f"{period.since:%Y-%m-%d}" if period.since else "") == since
    assert f"{period.until:%Y-%m-%d}" == until


@pytest.mark.parametrize("wish", ["等会儿", "2026年13月", "2026-02-30", "9999年12月"])
def test_words_that_name_no_period(wish: str) -> None:
    assert read_period(wish, datetime(2026, 11, 21, 1, tzinfo=UTC), SHANGHAI) is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a.md", "a.md"), ("../../etc/passwd", "passwd"), ("C:\\x\\表.xlsx", "表.xlsx"),
     ("...", "file"), ("a\x00:b.txt", "a__b.txt"), ("长" * 300 + ".md", "长" * 80 + ".md")],
)  # fmt: skip
def test_file_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe
