"""Files and folders to documents: read, repair, find metadata, outline and responsibilities."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.document import Document, KnowledgeError, Status
from knowledge.formats import RawText, read_raw
from knowledge.metadata import read_metadata
from knowledge.outline import outline
from knowledge.repair import repair
from knowledge.responsibilities import extract

_STATED = (
    "issuer",
    "document_number",
    "issued_on",
    "source",
    "region",
    "superseded_by",
    "expires_on",
)
SHIPPED = Path(__file__).parent / "documents"
MAX_LINE_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of a JSONL file (counted from 1), that gave no document, and why."""

    path: Path
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.path} 第 {self.line} 行" if self.line else str(self.path)
        return f"{where}：{self.reason}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of some paths: the documents in order, and what could not be read."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]


def load(path: Path, today: date | None = None) -> list[Document]:
    """The documents of one file. Raises KnowledgeError at the first fault, naming file and line."""
    documents = []
    for item in _read_file(path):
        if isinstance(item, Failure):
            raise KnowledgeError(str(item))
        documents.append(_on_day(item, today))
    return documents


def load_paths(paths: Iterable[Path], today: date | None = None) -> Loaded:
    """Everything under some files and folders; faults are collected and the rest goes in."""
    documents: list[Document] = []
    failures: list[Failure] = []
    for item in read_paths(paths, today):
        if isinstance(item, Failure):
            failures.append(item)
        else:
            documents.append(item)
    return Loaded(tuple(documents), tuple(failures))


def read_paths(paths: Iterable[Path], today: date | None = None) -> Iterator[Document | Failure]:
    """Like `load_paths`, one at a time, so that a large JSONL file is never held in memory.

    Folders are walked in order of names; hidden files in them are passed over. A document id that
    was seen before in this call is a failure. With `today`, `status` says how things are that day.
    """
    seen: set[str] = set()
    for path in paths:
        for file in _files(path):
            for item in _read_file(file):
                if isinstance(item, Failure):
                    yield item
                elif item.id in seen:
                    yield Failure(file, f"文档编号 {item.id} 重复，只保留先读到的一份")
                else:
                    seen.add(item.id)
                    yield _on_day(item, today)


def load_shipped(today: date | None = None) -> list[Document]:
    """The policy digests that come with the program; an id is the file's name."""
    documents = []
    for path in sorted(SHIPPED.glob("*.md")):
        try:
            document = _from_raw(read_raw(path), path.stem)
        except KnowledgeError as error:
            raise KnowledgeError(f"{path}：{error}") from error
        documents.append(_on_day(document, today))
    return documents


def build_document(document_id: str, text: str, title: str = "") -> Document:
    """A document from raw text: repaired, with metadata, outline and responsibilities.

    Raises KnowledgeError when nothing legible is in the text.
    """
    repaired = repair(text)
    if not repaired.text.strip():
        raise KnowledgeError("是空的，没有可读的文字")
    found = read_metadata(repaired.text, title or repaired.title_hint)
    sections = outline(repaired.text)
    return Document(
        id=document_id,
        title=found.title or document_id,
        text=repaired.text,
        issuer=found.issuer,
        document_number=found.document_number,
        issued_on=found.issued_on or repaired.issued_on_hint,
        region=found.region,
        expires_on=found.expires_on,
        gaps=repaired.gaps,
        sections=sections,
        responsibilities=extract(repaired.text, sections),
    )


def with_stated(document: Document, stated: Mapping[str, Any]) -> Document:
    """The document with what its front matter or record states, which wins over the text."""
    values = {key: _as_text(stated.get(key)) for key in _STATED}
    known: dict[str, Any] = {key: value for key, value in values.items() if value}
    if stated.get("status") is not None:
        known["status"] = _status(stated["status"])
    if stated.get("aliases"):
        known["aliases"] = tuple(_as_text(alias) for alias in stated["aliases"])
    return replace(document, **known)


def _on_day(document: Document, today: date | None) -> Document:
    return document if today is None else replace(document, status=document.status_on(today))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.is_file() and not hidden:
            yield file


def _read_file(path: Path) -> Iterator[Document | Failure]:
    try:
        if path.suffix.lower() == ".jsonl":
            yield from _read_jsonl(path)
        else:
            raw = read_raw(path)
            yield _from_raw(raw, _file_id(path, raw), path)
    except KnowledgeError as error:
        yield Failure(path, str(error))


def _file_id(path: Path, raw: RawText) -> str:
    """Readable, and the same whenever the same file is added again."""
    key = f"{path.resolve()}\n{raw.title}".encode("utf-8", "surrogatepass")
    return f"{path.stem}-{sha256(key).hexdigest()[:8]}"


def _from_raw(raw: RawText, document_id: str, path: Path | None = None) -> Document:
    document = build_document(document_id, raw.text, raw.title)
    if path is not None:
        document = replace(document, source=path.name)
    return with_stated(document, raw.metadata)


def _as_text(value: Any) -> str:
    """A front matter value as text; YAML reads 2023-02-28 as a date."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


def _status(value: Any) -> Status:
    if value is None:
        return Status.IN_FORCE
    try:
        return Status(str(value))
    except ValueError:
        known = "、".join(status.value for status in Status)
        raise KnowledgeError(f"status 写的是 {value}，只能是 {known}") from None


def _read_jsonl(path: Path) -> Iterator[Document | Failure]:
    """One document a line; a line that is too long is skipped without being held in memory."""
    try:
        with path.open("rb") as lines:
            empty = True
            number = 0
            while data := lines.readline(MAX_LINE_BYTES):
                number += 1
                if not data.endswith(b"\n") and len(data) == MAX_LINE_BYTES:
                    while (rest := lines.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                        pass
                    yield Failure(path, f"这一行超过 {MAX_LINE_BYTES // 2**20} MB，请拆开", number)
                    empty = False
                elif data.strip():
                    empty = False
                    yield _from_line(path, number, data)
            if empty:
                yield Failure(path, "是空的，没有可读的文字")
    except FileNotFoundError:
        yield Failure(path, "文件不存在，请检查路径")
    except OSError as error:
        yield Failure(path, f"读不出来（{error.strerror or error}）")


def _from_line(path: Path, number: int, data: bytes) -> Document | Failure:
    try:
        record = json.loads(data.decode("utf-8-sig" if number == 1 else "utf-8"))
        if not isinstance(record, dict):
            raise KnowledgeError('应是一个对象，如 {"docid": "1", "title": "…", "text": "…"}')
        missing = [key for key in ("docid", "text") if not _as_text(record.get(key))]
        if missing:
            raise KnowledgeError(f"缺少 {'、'.join(missing)}")
        document_id, title = _as_text(record["docid"]), _as_text(record.get("title"))
        document = replace(
            build_document(document_id, str(record["text"]), title), source=path.name
        )
        return with_stated(document, record)
    except UnicodeDecodeError:
        return Failure(path, "不是 UTF-8 编码", number)
    except json.JSONDecodeError as error:
        return Failure(path, f"不是正确的 JSON（第 {error.colno} 个字符处）", number)
    except RecursionError:
        return Failure(path, "JSON 嵌套太深", number)
    except KnowledgeError as error:
        return Failure(path, str(error), number)
