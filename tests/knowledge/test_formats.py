import codecs
import io
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from knowledge.document import KnowledgeError
from knowledge.formats import MAX_FILE_BYTES, decode, read_bytes, read_raw

TEXT = "楼道公约\n一、楼道里不放杂物。\n二、夜里十点后轻声说话。"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("gb18030"),
        TEXT.encode("gbk"),
        TEXT.encode("gb2312"),
    ],
)
def test_encodings(data: bytes) -> None:
    assert decode(data) == TEXT


def test_a_rare_character_survives_gb18030() -> None:
    assert decode("业主𠮷先生".encode("gb18030")) == "业主𠮷先生"


def test_a_few_broken_bytes_do_not_cost_the_whole_file() -> None:
    data = (TEXT * 20).encode()
    text = decode(data[:100] + b"\xff" + data[100:])
    assert text.count("\ufffd") <= 4
    assert "夜里十点后轻声说话" in text


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00", b"\x00" * 50])
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(KnowledgeError, match="二进制"):
        decode(data)


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_decode_or_are_refused_in_words(data: bytes) -> None:
    try:
        decode(data)
    except KnowledgeError as error:
        assert "请" in str(error)


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.md",
        f"---\ntitle: 楼道公约\naliases: [楼道, 公约]\nissued_on: 2024-01-02\n---\n{TEXT}",
    )
    raw = read_raw(path)
    assert raw.title == "楼道公约"
    assert raw.text == TEXT
    assert raw.metadata["aliases"] == ["楼道", "公约"]


def test_markdown_without_front_matter(tmp_path: Path) -> None:
    assert read_raw(write(tmp_path, "a.md", TEXT)).text == TEXT


def test_broken_front_matter_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", "---\ntitle: 甲\n  b: [乙\n---\n正文")
    with pytest.raises(KnowledgeError, match=r"第 \d+ 行"):
        read_raw(path)


def test_a_web_page_without_its_menus(tmp_path: Path) -> None:
    page = """<html><head><title>楼道公约 - 某社区网</title><meta name="author" content="社区">
    <script>var a=1;</script></head><body><nav>首页 办事</nav><h1>楼道公约</h1>
    <div class="text"><p>一、楼道里不放<b>杂物</b>。</p><p>二、夜里轻声
    说话。<br>三、爱护花草。</p><table><tr><td>楼长</td><td>李明</td></tr></table></div>
    <footer>版权所有</footer></body></html>"""
    raw = read_raw(write(tmp_path, "a.html", page))
    assert raw.title == "楼道公约"
    assert raw.text.split("\n") == [
        "楼道公约",
        "一、楼道里不放杂物。",
        "二、夜里轻声说话。",
        "三、爱护花草。",
        "楼长 李明",
    ]
    assert raw.metadata["author"] == "社区"


def test_a_web_page_in_gbk(tmp_path: Path) -> None:
    page = '<html><meta charset="gb2312"><body><p>业主大会通知，請準時參加</p></body></html>'
    assert "請準時參加" in read_raw(write(tmp_path, "a.htm", page.encode("gb18030"))).text


def test_a_word_document_in_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "楼道公约"
    document.add_heading("一、楼道", level=1)
    document.add_paragraph("楼道里不放杂物。")
    table = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("楼号", "楼长"), ("三号楼", "李明"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.add_paragraph("以上自公布之日起执行。")
    data = io.BytesIO()
    document.save(data)
    raw = read_raw(write(tmp_path, "a.docx", data.getvalue()))
    assert raw.title == "楼道公约"
    assert raw.text.split("\n") == [
        "# 一、楼道",
        "楼道里不放杂物。",
        "楼号  楼长",
        "三号楼  李明",
        "以上自公布之日起执行。",
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", b"PK\x03\x04 broken", "损坏"),
        ("a.docx", b"not a zip", "损坏"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "密码"),
        ("a.pdf", b"%PDF-1.7\ngarbage", "损坏"),
        ("a.pdf", b"", "损坏"),
        ("a.xyz", b"text", "不支持 .xyz"),
        ("Makefile", b"text", "没有扩展名"),
    ],
)
def test_files_that_cannot_be_read_say_why(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(KnowledgeError, match=reason):
        read_raw(write(tmp_path, name, data))


def test_a_pdf_with_a_password_and_one_without_text(tmp_path: Path) -> None:
    for password, reason in (("secret", "密码"), ("", "OCR")):
        writer = PdfWriter()
        writer.add_blank_page(200, 200)
        if password:
            writer.encrypt(password)
        data = io.BytesIO()
        writer.write(data)
        with pytest.raises(KnowledgeError, match=reason):
            read_raw(write(tmp_path, "a.pdf", data.getvalue()))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(KnowledgeError, match="超过 64 MB"):
        read_bytes(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="不存在"):
        read_bytes(tmp_path / "none.txt")
    with pytest.raises(KnowledgeError, match="读不出来"):
        read_bytes(tmp_path)
