from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from knowledge.columns import recognised
from knowledge.document import KnowledgeError
from knowledge.service_columns import SERVICE_COLUMNS
from knowledge.tables import Row, Table, read_table


def read(path: Path) -> Table:
    return read_table(path, lambda cells: recognised(cells, SERVICE_COLUMNS))


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "名称,电话\n低保,12345\n"),
        ("a.csv", "\ufeff名称,电话\r\n低保,12345\r\n"),
        ("a.csv", "名称;电话\n低保;12345\n"),
        ("a.tsv", "名称\t电话\n低保\t12345\n"),
        ("a.csv", "名称,电话\n低保,12345\n".encode("gb18030")),
        ("a.csv", "名称,电话\n低保,12345\n".encode("utf-16")),
    ],
)
def test_delimited_text_in_any_encoding(tmp_path: Path, name: str, content: str | bytes) -> None:
    table = read(written(tmp_path / name, content))
    assert table == Table(("名称", "电话"), (Row(2, {"名称": "低保", "电话": "12345"}),))


def test_lines_are_counted_as_the_file_has_them(tmp_path: Path) -> None:
    content = '二〇二六年事项清单,\n\n名称,材料\n低保,"身份证\n户口簿"\n\n医保,照片\n'
    table = read(written(tmp_path / "a.csv", content))
    assert [(row.line, row.values["名称"]) for row in table.rows] == [(4, "低保"), (7, "医保")]


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    cover = book.worksheets[0]
    cover.append(["封面"])
    sheet = book.create_sheet("清单")
    sheet.append(["服务事项一览表", None, None, None])
    sheet.merge_cells("A1:D1")
    sheet.append(["部门", "名称", "电话", "更新日期"])
    sheet.append(["民政局", "低保", 12345.0, datetime(2026, 11, 1, 8)])
    sheet.append([None, "临时救助", "12349", date(2026, 11, 2)])
    sheet.merge_cells("A3:A4")
    book.save(path)
    return path


def test_a_workbook_with_cover_title_and_merged_cells(tmp_path: Path) -> None:
    table = read(workbook(tmp_path / "a.xlsx"))
    assert table.headings == ("部门", "名称", "电话", "更新日期")
    assert [(row.line, tuple(row.values.values())) for row in table.rows] == [
        (3, ("民政局", "低保", "12345", "2026-11-01")),
        (4, ("民政局", "临时救助", "12349", "2026-11-02")),
    ]


def test_json_entries_are_numbered(tmp_path: Path) -> None:
    table = read(written(tmp_path / "a.json", '{"services": [{"name": "甲"}, {"fee": "免费"}]}'))
    assert table == Table(("name", "fee"), (Row(1, {"name": "甲"}), Row(2, {"fee": "免费"})), "条")


def test_yaml_entries_know_their_line(tmp_path: Path) -> None:
    table = read(written(tmp_path / "a.yml", "# 说明\n- name: 甲\n  fee: 免费\n\n- name: 乙\n"))
    assert [row.line for row in table.rows] == [2, 5]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.doc", "x", "只能读"),
        ("a.csv", "", "没有数据"),
        ("a.csv", "名称,电话\n", "没有数据"),
        ("a.csv", b"\x00\x01\x02", "a.csv"),
        ("a.xlsx", "no zip", "不是完好的 XLSX"),
        ("a.json", "{", "不是完好的 JSON"),
        ("a.json", '"text"', "应该是一个列表"),
        ("a.json", "[1]", "第 1 条不是"),
        ("a.yaml", "a: [", "不是完好的 YAML"),
        ("a.yaml", "", "应该是一个列表"),
    ],
)
def test_what_is_no_table_is_named(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(KnowledgeError, match=message):
        read(written(tmp_path / name, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"a\.csv 打不开"):
        read(tmp_path / "a.csv")
