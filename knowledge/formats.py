"""File formats: the bytes of a .txt, .md, .html, .docx or .pdf file to its raw text."""

import codecs
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import frontmatter
import yaml
from bs4 import BeautifulSoup
from bs4.element import Tag
from docx.table import Table
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from knowledge.document import KnowledgeError

MAX_FILE_BYTES = 64 * 2**20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCKS = re.compile(r"^(?:p|div|li|tr|h[1-6]|section|article|br|table|dt|dd|blockquote)$")
_PAGE_FURNITURE = re.compile(
    r"^(?:script|style|noscript|template|nav|header|footer|aside|form|button|iframe|svg)$"
)
_PAGE_NUMBER = re.compile(
    r"\A\s*[-—–]?[ ]?\d{1,4}[ ]?[-—–]?[ ]*\n|\n[ ]*[-—–]?[ ]?\d{1,4}[ ]?[-—–]?\s*\Z"
)


@dataclass(frozen=True)
class RawText:
    """What a file holds before repair; `metadata` is what the format itself states."""

    text: str
    title: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def decode(data: bytes) -> str:
    """Bytes to text: by byte order mark, else UTF-8, else GB18030 (which holds GBK and GB2312).

    Raises KnowledgeError when neither fits.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    if b"\x00" in data[:4096]:
        raise KnowledgeError("不是文本文件（含有二进制内容），请另存为 UTF-8 文本后再添加")
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    text = data.decode("utf-8", errors="replace")
    if text.count("\ufffd") <= len(text) // 100:
        return text
    raise KnowledgeError("认不出文字编码，请另存为 UTF-8 后再添加")


def read_raw(path: Path) -> RawText:
    """The raw text of one file. Raises KnowledgeError with the reason, in words for people."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise KnowledgeError(
            f"不支持 {path.suffix or '没有扩展名的'} 文件，可用 {'、'.join(sorted(SUFFIXES))}"
        )
    return reader(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """All of a file that is not too large. Raises KnowledgeError."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise KnowledgeError(
                f"文件有 {size / 2**20:.0f} MB，超过 {MAX_FILE_BYTES // 2**20} MB，请拆成几个文件"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KnowledgeError("文件不存在，请检查路径") from error
    except PermissionError as error:
        raise KnowledgeError("没有读取权限，请检查文件权限") from error
    except OSError as error:
        raise KnowledgeError(f"读不出来（{error.strerror or error}）") from error


def _read_txt(data: bytes) -> RawText:
    return RawText(decode(data))


def _read_markdown(data: bytes) -> RawText:
    """Front matter between two --- lines, if any, is metadata; the rest is the text."""
    text = decode(data)
    try:
        metadata, content = frontmatter.parse(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行附近" if mark else ""
        raise KnowledgeError(f"文件开头的 --- 信息块{line}写法有误（YAML）") from error
    if not isinstance(metadata, dict):
        return RawText(text)
    title = str(metadata.get("title") or "")
    return RawText(content, title, metadata)


def _read_html(data: bytes) -> RawText:
    """The page's own words by block; scripts, menus and footers are left out."""
    declared = re.search(rb"charset=[\"']?\s*([\w-]+)", data[:2048], re.IGNORECASE)
    try:
        text = decode(data)
    except KnowledgeError:
        if declared is None:
            raise
        try:
            text = data.decode(declared[1].decode("ascii"), errors="replace")
        except LookupError:
            raise KnowledgeError("认不出网页的文字编码，请另存为 UTF-8 后再添加") from None
    soup = BeautifulSoup(text, "lxml")
    heading = soup.find("h1")
    title = heading.get_text(" ", strip=True) if isinstance(heading, Tag) else ""
    if not title and soup.title:
        title = re.split(r"\s*[-_|–—]\s*", soup.title.get_text(" ", strip=True))[0]
    metadata = {
        str(meta["name"]).lower(): str(meta["content"])
        for meta in soup.find_all("meta", attrs={"name": True, "content": True})
    }
    for furniture in soup.find_all(_PAGE_FURNITURE):
        furniture.decompose()
    body = soup.body or soup
    for string in body.find_all(string=re.compile(r"\n")):
        if string.find_parent("pre") is None:
            string.replace_with(re.sub(r"\s*\n\s*", "", str(string)))
    for cell in body.find_all(["td", "th"]):
        cell.append(" ")
    for block in body.find_all(_BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    lines = (line.strip() for line in body.get_text().splitlines())
    return RawText("\n".join(line for line in lines if line), title, metadata)


def _read_docx(data: bytes) -> RawText:
    """Paragraphs and tables in order; a Word heading becomes a Markdown one."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise KnowledgeError("是加了密码的文档或旧版 .doc，请去掉密码并另存为 .docx")
    try:
        document = docx.Document(io.BytesIO(data))
        lines: list[str] = []
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                lines += _table_lines(block)
            else:
                lines.append(_heading_mark(block.style) + block.text)
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, AttributeError) as error:
        raise KnowledgeError("文档已损坏，打不开；请在 Word 里重新保存") from error
    title = str(document.core_properties.title or "")
    return RawText("\n".join(lines), title)


def _table_lines(table: Table) -> list[str]:
    """One line a row, cells parted by a space; a merged cell is written once."""
    lines = []
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            text = " ".join(cell.text.split())
            if text and (not cells or cells[-1] != text):
                cells.append(text)
        lines.append("  ".join(cells))
    return lines


def _heading_mark(style: Any) -> str:
    match = re.fullmatch(r"(?:Heading|标题) ?([1-6])", getattr(style, "name", None) or "")
    return "#" * int(match[1]) + " " if match else ""


def _read_pdf(data: bytes) -> RawText:
    """The text layer page by page, without the numbers of the pages."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise KnowledgeError("PDF 加了密码，请去掉密码后再添加")
        pages = [page.extract_text() for page in reader.pages]
        title = str((reader.metadata and reader.metadata.title) or "")
    except KnowledgeError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError,
            NotImplementedError, OSError, AssertionError) as error:  # fmt: skip
        raise KnowledgeError("PDF 已损坏，打不开；请重新下载或另存") from error
    text = "\n".join(_PAGE_NUMBER.sub("", page).strip("\n") for page in pages)
    if not text.strip():
        raise KnowledgeError("PDF 里没有文字（可能是扫描图片），请先做文字识别（OCR）")
    return RawText(text, title)


READERS: dict[str, Callable[[bytes], RawText]] = {
    ".txt": _read_txt,
    ".text": _read_txt,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".docx": _read_docx,
    ".pdf": _read_pdf,
}
SUFFIXES = frozenset({*READERS, ".jsonl"})
