"""From how likely each clause is part of the answer to the stretch of text to quote.

If clauses are in the answer independently with probability p, quoting a stretch has an expected
F1 over characters of about 2·Σ p·length / (its length + Σ p·length of all). The best stretches by
this are looked at again with what one clause alone cannot tell: where the stretch begins and ends.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.clauses import Clauses, Floats, Ints
from index.query import AnswerType

_MAX_CLAUSES = 14
_MAX_LIST_CHARACTERS = 900
_MAX_CHARACTERS = 600
_KEPT = 25
_PHRASED = 4
_NUMBER = re.compile(
    r"(?:约|近|超过?|不少于|不低于|不超过|至少|最高|最长不超过)?"
    r"(?:[一二三四五六七八九十百]+分之[一二三四五六七八九十百零]+|\d[\d,.，]*\d|\d|[一二三四五六七八九十百千两]+)(?:-\d{3,8})*(?:多|余|馀)?[万亿千百]*"
    r"(?:个百分点|个工作日|个月|平方米|公里|[元件条个项名人家张台套次天日年%％倍种类批吨户所份例辆只分]+)?"
    r"(?:以上|以下|以内)?(?:、\d[\d-]+)*"
)
_DATE = re.compile(
    r"(?:自|从|至|于|截至)?(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日?|底|初|中旬)?"
    r"(?:\d{1,2}[时点](?:\d{1,2}分)?)?(?:（[^）]{0,20}）)?(?:起|前|止)?"
    r"(?:至(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)?"
    r"|[\d一二三四五六七八九十两]+(?:个工作日|个月|天|小时|分钟|日|年)(?:内|以内|之内)?"
    r"|每(?:半|个|[\d两三四五六])*(?:天|日|周|星期|月|季度|年)"
)
_MARK = re.compile(
    r"\s*(?:(?P<bracketed>[（(][一二三四五六七八九十]+[）)])|(?P<chinese>[一二三四五六七八九十]+、)"
    r"|(?P<small>[（(]\d{1,2}[）)])|(?P<digit>\d{1,2}[.、．](?!\d))|(?P<circled>[①-⑳])"
    r"|(?P<spoken>[一二三四五六七八九十]是)|(?P<ordinal>第[一二三四五六七八九十]+[，,、]?))"
)
_PHRASES = {AnswerType.NUMBER: _NUMBER, AnswerType.DATE: _DATE}


@dataclass(frozen=True)
class Spans:
    """Candidate quotes: first and last clause, and the range, which a phrase makes narrower.

    All arrays have one entry a candidate; `expected` is the expected F1.
    """

    first: Ints
    last: Ints
    start: Ints
    end: Ints
    is_phrase: NDArray[np.bool_]
    expected: Floats

    def __len__(self) -> int:
        return len(self.first)


def candidates(clauses: Clauses, likely: Floats, kind: AnswerType) -> Spans:
    """The stretches with the highest expected F1, and figures or dates in the best of them.

    `likely` `(clauses,)` is the probability that a clause belongs to the answer.
    """
    lengths = clauses.lengths
    mass = np.concatenate([[0.0], np.cumsum(likely * lengths)])
    first, last = np.triu_indices(len(clauses))
    keep = (last - first < _MAX_CLAUSES) & (clauses.block[first] == clauses.block[last])
    keep &= (clauses.end[last] - clauses.start[first] <= _MAX_CHARACTERS) | (first == last)
    # What ends with a colon, or is the number of an item, goes on and does not stand alone.
    goes_on = _announces(clauses) | _is_mark(clauses)
    if not goes_on.all():
        keep &= ~goes_on[last]
    first, last = first[keep], last[keep]
    length = (clauses.end[last] - clauses.start[first]).astype(np.float64)
    expected = 2 * (mass[last + 1] - mass[first]) / (length + mass[-1])
    best = np.argsort(-expected, kind="stable")[:_KEPT]
    first, last, expected = first[best], last[best], expected[best]
    whole = Spans(
        first,
        last,
        clauses.start[first],
        clauses.end[last],
        np.zeros(len(best), np.bool_),
        expected,
    )
    return _with_phrases(clauses, likely, mass[-1], whole, kind)


def whole_list(clauses: Clauses, first: int, last: int) -> tuple[int, int]:
    """The stretch made longer to the whole of the list that it holds a part of.

    A list is announced by a colon and goes on over items with one kind of mark, or to the end of
    the sentence where there are no marks. Stretches without a list, and lists too long to quote,
    are left as they are.
    """
    announced = np.flatnonzero(_announces(clauses)[: last + 1])
    for before in announced[::-1]:
        end = _list_end(clauses, int(before))
        if before < last <= end or first <= before <= last:
            start, end = min(first, int(before) + 1), max(last, end)
            if clauses.end[end] - clauses.start[start] <= _MAX_LIST_CHARACTERS:
                return start, end
    return first, last


def _announces(clauses: Clauses) -> NDArray[np.bool_]:
    """Whether a clause ends with a colon and more follows in its block."""
    more = np.append(clauses.block[1:] == clauses.block[:-1], False)
    ends = [text.rstrip("”’」』）)】》")[-1:] in ("：", ":") for text in clauses.texts]
    announces: NDArray[np.bool_] = np.array(ends, np.bool_) & more
    return announces


def _is_mark(clauses: Clauses) -> NDArray[np.bool_]:
    """Whether a clause is only the number of an item."""
    return np.array([bool(_MARK.fullmatch(text)) for text in clauses.texts], np.bool_)


def _list_end(clauses: Clauses, before: int) -> int:
    """The last clause of the list that the colon of clause `before` announces."""
    same = np.flatnonzero(clauses.block == clauses.block[before])
    following = range(before + 1, int(same[-1]) + 1)
    kind = _mark(clauses.texts[before + 1])
    last_item = before + 1
    for number in following:
        if kind and _mark(clauses.texts[number]) == kind:
            last_item = number
    sentence = clauses.sentence[last_item]
    return max(number for number in following if clauses.sentence[number] == sentence)


def _mark(text: str) -> str:
    """The kind of mark that an item begins with, empty where there is none."""
    found = _MARK.match(text)
    return str(found.lastgroup) if found else ""


def _with_phrases(
    clauses: Clauses, likely: Floats, total: float, spans: Spans, kind: AnswerType
) -> Spans:
    pattern = _PHRASES.get(kind)
    if pattern is None:
        return spans
    pairs = zip(spans.first[:_PHRASED], spans.last[:_PHRASED], strict=True)
    numbers = sorted({n for first, last in pairs for n in range(first, last + 1)})
    rows = [
        (number, clauses.start[number] + match.start(), clauses.start[number] + match.end())
        for number in numbers
        for match in pattern.finditer(clauses.texts[number])
        if match[0]
    ]
    if not rows:
        return spans
    clause, start, end = np.array(rows, np.int64).T
    length = (end - start).astype(np.float64)
    return Spans(
        np.concatenate([spans.first, clause]),
        np.concatenate([spans.last, clause]),
        np.concatenate([spans.start, start]),
        np.concatenate([spans.end, end]),
        np.concatenate([spans.is_phrase, np.ones(len(rows), np.bool_)]),
        np.concatenate([spans.expected, 2 * likely[clause] * length / (length + total)]),
    )


def span_features(
    clauses: Clauses, likely: Floats, features: dict[str, Floats], spans: Spans, kind: AnswerType
) -> dict[str, Floats]:
    """What speaks for each candidate, by name; `(candidates,)` each."""
    first, last = spans.first, spans.last
    lengths = clauses.lengths
    mass = np.concatenate([[0.0], np.cumsum(likely * lengths)])
    area = np.concatenate([[0.0], np.cumsum(lengths)])
    length = np.log(np.maximum(1, spans.end - spans.start))
    same_before = np.concatenate([[False], clauses.block[1:] == clauses.block[:-1]])
    before = np.concatenate([[0.0], likely[:-1]]) * same_before
    after = np.concatenate([likely[1:], [0.0]]) * np.concatenate([same_before[1:], [False]])
    breaks = np.concatenate([[0], np.cumsum(clauses.follows_break)])
    sentence_ends = np.concatenate([[0.0], np.cumsum(features["ends_sentence"])])
    result = {
        "expected": spans.expected,
        "mean": (mass[last + 1] - mass[first]) / (area[last + 1] - area[first]),
        "first": likely[first],
        "last": likely[last],
        "before": before[first],
        "after": after[last],
        "highest": np.full(len(spans), likely.max()),
        "length": length,
        "length_squared": length**2,
        "phrase": spans.is_phrase.astype(np.float64),
        "likely_length": np.full(len(spans), np.log(max(1.0, mass[-1]))),
        "begins_sentence": features["begins_sentence"][first],
        "after_colon": features["after_colon"][first],
        "ends_sentence": features["ends_sentence"][last],
        "breaks": (breaks[last + 1] - breaks[first + 1]).astype(np.float64),
        "sentences": sentence_ends[last + 1] - sentence_ends[first],
    }
    result["off_length"] = np.abs(length - result["likely_length"])
    result[f"{kind}"] = np.ones(len(spans))
    result[f"{kind}:length"] = length
    result[f"{kind}:phrase"] = result["phrase"]
    return result
