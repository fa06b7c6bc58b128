"""The text of passages in clauses, and what speaks for each clause as part of an answer."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index.lexical import normalise
from index.query import AnswerType, Question

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A clause ends with a mark or white space, but not inside a figure such as 1,000 or 8:30.
_CLAUSE = re.compile(
    r"(?:[^，,；;。！？!?：:\s]|(?<=\d)[,:：](?=\d))*[，,；;。！？!?：:\s]*[”’」』）)】》]*"
)
_WORD = re.compile(r"\w")
_SENTENCE_END = "。！？!?"
_FIGURE = re.compile(
    r"\d|百分之|[一二两三四五六七八九十百千万]+(?=[个项条名家人元天日月年倍次类种户批套台份])"
)
_DATE = re.compile(
    r"\d\s*[年月日时点]|[年月日]底|即日|之日|工作日|小时|天内|每[半个两三]?[天日周月季年]|期间|截止|截至|以前|之前"
)
_OFFICE = re.compile(r"[局委部厅办院所会处署站]|中心|单位|公司|政府|街道|社区|http|www")
_ITEM = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|[一二三四五六七八九十]是"
    r"|第[一二三四五六七八九十]|[①-⑳])"
)
# Under a document stand who issued it and when; neither tells what it says.
_SIGNED = re.compile(
    r"[^，,；;。：:]*(?:[局委部厅办院所会处署站社]|政府|办公室|小组|指挥部|中心|街道|公司)"
)
_DAY = re.compile(r"(?:\d{4}|[二〇零○一九]{4})年\S{1,3}月\S{1,3}日")
_LEAST_OF_TITLE = 4
# What the clause that answers a kind of question has.
_EXPECTED = {
    AnswerType.NUMBER: "figure",
    AnswerType.DATE: "date",
    AnswerType.NAME: "office",
    AnswerType.LIST: "item",
}


@dataclass(frozen=True)
class Clauses:
    """Clauses of some passages in reading order; all arrays have one entry a clause.

    `block` is the number of the passage, `sentence` that of the sentence among all sentences;
    `similarity` `(sentences,)` is the cosine of each sentence with the question, `normal` the
    clauses in normal form (see `index.lexical.normalise`), one a line.
    """

    texts: tuple[str, ...]
    normal: str
    block: Ints
    start: Ints
    end: Ints
    sentence: Ints
    similarity: Floats
    follows_break: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def lengths(self) -> Floats:
        """Characters of each clause."""
        return (self.end - self.start).astype(np.float64)


@dataclass(frozen=True)
class Block:
    """A stretch of a document to read: its range, and ranges and cosines of its sentences."""

    text: str
    start: int
    end: int
    sentences: Sequence[tuple[int, int]]
    similarity: Floats


def clause_ranges(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Half-open ranges of the clauses in `text[start:end]`, without the white space around them.

    What holds no letter or digit is joined to the clause before it on its line, or left out, as
    the mark of a heading is.
    """
    ranges: list[tuple[int, int]] = []
    for match in _CLAUSE.finditer(text, start, end):
        low, high = match.start(), match.start() + len(match[0].rstrip())
        if low == high:
            continue
        if _WORD.search(text, low, high):
            ranges.append((low, high))
        elif ranges and "\n" not in text[ranges[-1][1] : low]:
            ranges[-1] = (ranges[-1][0], high)
    return ranges


def read_clauses(blocks: Sequence[Block]) -> Clauses:
    """Part blocks into clauses."""
    texts: list[str] = []
    rows: list[tuple[int, int, int, int, bool]] = []
    sentences_before = 0
    for number, block in enumerate(blocks):
        begins = [start for start, _ in block.sentences] or [block.start]
        before = block.start
        for start, end in clause_ranges(block.text, block.start, block.end):
            sentence = max(0, bisect_right(begins, start) - 1)
            gap = block.text[max(block.start, before - 1) : start]
            broken = "\n" in gap or "\u3000\u3000" in gap or "  " in gap
            rows.append((number, start, end, sentences_before + sentence, broken))
            texts.append(block.text[start:end])
            before = end
        sentences_before += len(begins)
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    parts = [b.similarity if len(b.similarity) else np.zeros(1) for b in blocks]
    similarity = np.concatenate(parts) if parts else np.zeros(0)
    block, start, end, sentence, broken = (columns[row] for row in range(5))
    normal = normalise("\n".join(text.replace("\n", " ") for text in texts))
    return Clauses(
        tuple(texts), normal, block, start, end, sentence, similarity, broken.astype(np.bool_)
    )


def occurrences(clauses: Clauses, terms: Sequence[str]) -> Floats:
    """`(clauses, terms)`: 1 where a term in normal form stands in a clause."""
    text = clauses.normal
    begins = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    found = np.zeros((len(clauses), len(terms)))
    for column, term in enumerate(terms):
        at = text.find(term)
        while at >= 0:
            found[bisect_right(begins, at) - 1, column] = 1
            at = text.find(term, at + 1)
    return found


def features(
    question: Question, idf: Floats, clauses: Clauses, title: str = ""
) -> dict[str, Floats]:
    """What speaks for each clause, by name; `(clauses,)` each.

    `idf` `(terms,)` weighs the terms of the question; `title` is what the document is called.
    """
    terms = [term.text for term in question.terms]
    nearness = np.array([term.nearness for term in question.terms])
    found = occurrences(clauses, terms)
    in_sentence = _by_sentence(clauses, found)
    # A term that every second sentence has tells little about where the answer stands.
    local = np.log1p(len(in_sentence) / np.maximum(1, in_sentence.sum(0))) * in_sentence.any(0)
    result = _word_features(clauses, found, in_sentence, idf, local, nearness)
    result |= _wanted_features(question, clauses, local, terms)
    result |= _meaning_features(clauses)
    result |= _form_features(clauses)
    result["title"] = _of_title(clauses, title)
    result["sign_off"] = _sign_off(clauses)
    _add_types(question.answer_type, result)
    return result


def _word_features(
    clauses: Clauses, found: Floats, in_sentence: Floats, idf: Floats, local: Floats, near: Floats
) -> dict[str, Floats]:
    result: dict[str, Floats] = {}
    trail, long_trail = _trail(found, 0.8), _trail(found, 0.93)
    for name, weights in (
        ("idf", idf),
        ("near", idf * near),
        ("local", local),
    ):
        total = weights.sum() or 1.0
        own = found @ weights / total
        whole = in_sentence @ weights / total
        result[name] = own
        result[f"{name}_before"] = _shifted(own, 1)
        result[f"{name}_after"] = _shifted(own, -1)
        result[f"{name}_sentence"] = whole[clauses.sentence]
        result[f"{name}_sentence_before"] = _shifted(whole, 1)[clauses.sentence]
        result[f"{name}_sentence_after"] = _shifted(whole, -1)[clauses.sentence]
        result[f"{name}_trail"] = trail @ weights / total
        result[f"{name}_long_trail"] = long_trail @ weights / total
    relative = result["local_sentence"] / max(result["local_sentence"].max(initial=0), 1e-9)
    result["relative"] = relative
    best = int(np.argmax(result["local"] + 0.5 * result["local_sentence"])) if len(clauses) else 0
    distance = np.arange(len(clauses)) - best
    result["behind_best"] = np.clip(distance, 0, 15).astype(np.float64)
    result["ahead_of_best"] = np.clip(-distance, 0, 15).astype(np.float64)
    result["near_best"] = np.exp(-np.abs(distance) / 3)
    return result


def _wanted_features(
    question: Question, clauses: Clauses, local: Floats, terms: Sequence[str]
) -> dict[str, Floats]:
    """Where the noun that is asked for stands: 【措施】 in 哪些措施."""
    wanted = list(question.wanted)
    found = occurrences(clauses, wanted)
    weight = dict(zip(terms, local, strict=True))
    weights = np.array([weight.get(term, 0.0) + 0.3 for term in wanted])
    total = weights.sum() or 1.0
    whole = _by_sentence(clauses, found) @ weights / total
    return {
        "wanted": found @ weights / total,
        "wanted_sentence": whole[clauses.sentence],
        "wanted_sentence_before": _shifted(whole, 1)[clauses.sentence],
        "wanted_trail": _trail(found, 0.9) @ weights / total,
    }


def _meaning_features(clauses: Clauses) -> dict[str, Floats]:
    similarity = clauses.similarity
    if not len(clauses):
        return {name: np.zeros(0) for name in ("similar", "similar_to_best")}
    spread = similarity.std() + 1e-6
    at_best = clauses.sentence - int(np.argmax(similarity))
    standard = (similarity - similarity.mean()) / spread
    return {
        "similar": standard[clauses.sentence],
        "similar_before": _shifted(standard, 1)[clauses.sentence],
        "similar_after": _shifted(standard, -1)[clauses.sentence],
        "similar_to_best": (standard - standard.max())[clauses.sentence],
        "most_similar": (at_best == 0).astype(np.float64),
        "behind_most_similar": np.clip(at_best, 0, 8).astype(np.float64),
        "ahead_of_most_similar": np.clip(-at_best, 0, 8).astype(np.float64),
    }


def _form_features(clauses: Clauses) -> dict[str, Floats]:
    texts = clauses.texts
    ends = [text.rstrip("”’」』）)】》")[-1:] for text in texts]
    colon = np.array([end in ("：", ":") for end in ends], np.float64)
    new_sentence = np.diff(clauses.sentence, prepend=-1) > 0

    def matches(pattern: re.Pattern[str]) -> Floats:
        return np.array([bool(pattern.search(text)) for text in texts], np.float64)

    return {
        "length": np.log(np.maximum(1, clauses.lengths)),
        "ends_colon": colon,
        "after_colon": _shifted(colon, 1),
        "ends_sentence": np.array([end in _SENTENCE_END for end in ends], np.float64),
        "begins_sentence": new_sentence.astype(np.float64),
        "after_break": clauses.follows_break.astype(np.float64),
        "item": np.array([bool(_ITEM.match(text)) for text in texts], np.float64),
        "figure": matches(_FIGURE),
        "date": matches(_DATE),
        "office": matches(_OFFICE),
    }


def _of_title(clauses: Clauses, title: str) -> Floats:
    """Whether a clause only repeats the title, or a part of it."""
    whole = "".join(_WORD.findall(normalise(title)))
    plain = ("".join(_WORD.findall(line)) for line in clauses.normal.split("\n"))
    repeats = [len(line) >= _LEAST_OF_TITLE and line in whole for line in plain]
    return np.array(repeats[: len(clauses)], np.float64)


def _sign_off(clauses: Clauses) -> Floats:
    """Whether a clause is of the lines under a document: an office, and then a day alone."""
    day = np.array([bool(_DAY.fullmatch(text)) for text in clauses.texts], np.bool_)
    office = np.array([bool(_SIGNED.fullmatch(text)) for text in clauses.texts], np.bool_)
    dated = np.append(day[1:], False)
    signed: Floats = ((office & dated) | (day & np.append(False, office[:-1]))).astype(np.float64)
    return signed


def _add_types(kind: AnswerType, result: dict[str, Floats]) -> None:
    """What counts for more or less with this kind of question."""
    names = ["relative", "similar_to_best", "near_best", "length", "near_sentence"]
    if kind in _EXPECTED:
        names.append(_EXPECTED[kind])
    result |= {f"{kind}:{name}": result[name] for name in names}
    result[f"{kind}"] = np.ones_like(result["length"])


def _by_sentence(clauses: Clauses, found: Floats) -> Floats:
    """`(sentences, terms)`: 1 where a term stands in a sentence."""
    whole = np.zeros((len(clauses.similarity), found.shape[1]))
    np.maximum.at(whole, clauses.sentence, found)
    return whole


def _shifted(values: Floats, places: int) -> Floats:
    """The value `places` before (after, if negative); 0 beyond the ends."""
    shifted = np.zeros_like(values)
    if places > 0:
        shifted[places:] = values[:-places]
    else:
        shifted[:places] = values[-places:]
    return shifted


def _trail(found: Floats, fading: float) -> Floats:
    """How freshly each term was said before each clause: 1 just before, fading with clauses."""
    number = np.arange(len(found))[:, None]
    last = np.maximum.accumulate(np.where(found > 0, number, -1), axis=0)[:-1]
    trail = np.zeros_like(found)
    trail[1:] = np.where(last >= 0, fading ** (number[:-1] - last), 0.0)
    return trail
