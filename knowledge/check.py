"""Lint of the knowledge base: what a worker should look at before residents rely on it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from zlib import crc32

from knowledge.document import Document, Status
from knowledge.formats import SUFFIXES
from knowledge.splitter import MAX_LENGTH, sentences

# Two texts are near-identical when their shingles (runs of characters, figures left out) overlap
# this much. Candidates are found by the shingles whose hash is divisible by _SAMPLE, an unbiased
# sample of each text (Broder, "On the resemblance and containment of documents", 1997).
NEAR_IDENTICAL = 0.8
_SHINGLE = 6
_SAMPLE = 16
_NEARLY = 0.6  # the sample errs; the whole texts decide
_COMMONPLACE = 50  # a shingle in more documents than this says nothing about a pair

_FIGURE = re.compile(
    r"\d+(?:[.,]\d+)*%?|[一二三四五六七八九十百千万两]{1,6}(?=[万亿元年月日个天户名％倍])"
)
# A new rule ends an old one: 《…办法》同时废止.
_REPEALS = re.compile(
    r"《([^《》\n]{4,80})》(?:（[^（）]{0,40}）)?[^。；\n《》]{0,20}?(?:废止|停止执行|失效)"
)
_NO_WORD = re.compile(r"[\W_]+")


class Kind(StrEnum):
    """What is wrong with a document, as workers call it."""

    DUPLICATE = "重复"
    NEAR_DUPLICATE = "几乎重复"
    DIFFERENT_FIGURES = "数字不同"
    EXPIRED = "失效"
    NO_SOURCE = "没有出处"
    GAP = "内容缺漏"
    LONG_SENTENCE = "句子过长"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at; `message` tells a worker what it is and what to do."""

    kind: Kind
    document_id: str
    message: str


def check(documents: Iterable[Document], today: date | None = None) -> list[Finding]:
    """All findings, those of one document together, in the order of the documents.

    With `today`, a document whose own words let it end before that day counts as expired. Pairs
    are reported once, at the later document. Besides the documents only samples of their texts
    are held in memory.
    """
    documents = list(documents)
    findings: dict[str, list[Finding]] = defaultdict(list)
    for document in documents:
        findings[document.id] += [
            Finding(kind, document.id, message) for kind, message in _of_one(document, today)
        ]
    for finding in (*_of_pairs(documents), *_repealed(documents)):
        findings[finding.document_id].append(finding)
    return [finding for document in documents for finding in findings.pop(document.id, [])]


def _of_one(document: Document, today: date | None) -> Iterator[tuple[Kind, str]]:
    status = document.status_on(today) if today else document.status
    if status is Status.SUPERSEDED:
        successor = f"，由《{document.superseded_by}》代替" if document.superseded_by else ""
        yield Kind.EXPIRED, f"已被新文件取代{successor}；请确认新文件已加入，再移除这一份"
    elif status is Status.EXPIRED:
        since = f"（有效期到 {document.expires_on}）" if document.expires_on else ""
        yield Kind.EXPIRED, f"已失效{since}；请确认有没有新文件，再移除或更新"
    if not (document.issuer or document.document_number or _is_stated(document.source)):
        yield Kind.NO_SOURCE, "没有发文单位、文号或出处；请补上来源，居民才能核对"
    if document.gaps:
        notes = "；".join(note for note, _ in Counter(g.note for g in document.gaps).most_common(3))
        yield Kind.GAP, f"有 {len(document.gaps)} 处缺漏：{notes}；请找到完整原文重新添加"
    longest = max((end - start for start, end in sentences(document.text)), default=0)
    if longest > MAX_LENGTH:
        yield (
            Kind.LONG_SENTENCE,
            f"有一句话长 {longest} 字，检索时会被切开（最多 {MAX_LENGTH} 字）；请检查标点是否缺失",
        )


def _is_stated(source: str) -> bool:
    """Whether a source is more than the name of the file that was added."""
    return bool(source) and Path(source).suffix.lower() not in SUFFIXES


def _of_pairs(documents: list[Document]) -> Iterator[Finding]:
    """Documents that say the same, or nearly the same with other figures."""
    first_with: dict[str, Document] = {}
    distinct: list[Document] = []
    for document in documents:
        words = _NO_WORD.sub("", document.text)
        earlier = first_with.setdefault(words, document)
        if earlier is document:
            distinct.append(document)
        else:
            message = f"和 {_named(earlier)} 内容完全一样；请只留一份"
            yield Finding(Kind.DUPLICATE, document.id, message)
    for later, earlier in _candidates(distinct):
        left, right = _shingles(later.text), _shingles(earlier.text)
        if len(left & right) < NEAR_IDENTICAL * len(left | right):
            continue
        here, there = _figures(later.text), _figures(earlier.text)
        if here == there:
            message = f"和 {_named(earlier)} 内容几乎一样；请看看是不是同一份文件"
            yield Finding(Kind.NEAR_DUPLICATE, later.id, message)
        else:
            message = (
                f"和 {_named(earlier)} 几乎一样，但数字不同：这份是 {_listed(here - there)}，"
                f"那份是 {_listed(there - here)}；请核对哪份有效"
            )
            yield Finding(Kind.DIFFERENT_FIGURES, later.id, message)


def _repealed(documents: list[Document]) -> Iterator[Finding]:
    """Documents in force that the text of another one ends."""
    ended_by = {
        _NO_WORD.sub("", title): document
        for document in documents
        for title in _REPEALS.findall(document.text)
    }
    for document in documents:
        successor = ended_by.get(_NO_WORD.sub("", document.title))
        if successor and successor is not document and document.status is Status.IN_FORCE:
            message = f"{_named(successor)} 里说它已经废止；请核对后移除，或标明由新文件代替"
            yield Finding(Kind.EXPIRED, document.id, message)


def _candidates(documents: list[Document]) -> Iterator[tuple[Document, Document]]:
    """Pairs, later document first, whose samples of shingles overlap nearly enough."""
    holders: dict[int, list[int]] = defaultdict(list)
    sizes: list[int] = []
    for index, document in enumerate(documents):
        hashes = {crc32(shingle.encode("utf-8", "replace")) for shingle in _shingles(document.text)}
        sample = {value for value in hashes if value % _SAMPLE == 0} or hashes
        sizes.append(len(sample))
        shared: Counter[int] = Counter()
        for value in sample:
            if len(holders[value]) < _COMMONPLACE:
                shared.update(holders[value])
                holders[value].append(index)
        for earlier, count in sorted(shared.items()):
            if count >= _NEARLY * (sizes[index] + sizes[earlier] - count):
                yield document, documents[earlier]


def _shingles(text: str) -> set[str]:
    words = _NO_WORD.sub("", _FIGURE.sub("", text))
    return {words[at : at + _SHINGLE] for at in range(max(1, len(words) - _SHINGLE + 1))}


def _figures(text: str) -> Counter[str]:
    return Counter(_FIGURE.findall(text))


def _listed(figures: Counter[str]) -> str:
    return "、".join(list(figures)[:5]) or "（没有）"


def _named(document: Document) -> str:
    return f"《{document.title}》（{document.id}）"
