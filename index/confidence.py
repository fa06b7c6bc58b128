"""What speaks for and against an answer: does the passage hold what the question asks about.

A question that nothing answers still has a nearest passage. What gives it away: words of the
question that the passage or the whole document lacks, a place, name or unit that is not there,
no sentence near in meaning, and other documents that match just as well.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import rjieba

from index.calibration import Signals
from index.clauses import Clauses, Floats
from index.lexical import TokenIndex
from index.query import AnswerType, Question, bigrams

# Parts of speech that carry the subject (ICTCLAS tags): nouns, verbs, adjectives, idioms, figures.
_CONTENT_TAGS = "nvaljizmxte"
_EMPTY_WORD = re.compile(
    r"什么|哪[些个里]|多少|怎么|怎样|如何|是否|可以|需要|为何|请问|进行|情况|方面|关于|通过|提供|采取"
    r"|办理|规定|措施|要求|没有|有没有|应该|应当"
)
_MOST_IDF = 12.0
# What is counted or measured: 多少【亩】, 几个【月】.
_UNIT = re.compile(r"(?:多少|几)(?:个|多)?([\u4e00-\u9fff])")
_FIGURE_OF = r"[\d一二三四五六七八九十百千万亿两]\s*(?:余|多|馀)?(?:个|平方)?"
_NAME = re.compile(r"[“\"《]([^”\"》]{2,})[”\"》]")


@dataclass(frozen=True)
class Source:
    """Where an answer was read: the clauses, and the document as rows of the word index."""

    clauses: Clauses
    index: TokenIndex
    rows: range

    def holds(self, text: str) -> bool:
        """Whether the chunks of the document have every character pair of a normalised text."""
        return all(self.index.occurs(term, self.rows) for term in bigrams(text))


def evidence(
    asked: Question,
    best: Signals,
    source: Source,
    of_clauses: Mapping[str, Floats],
    value: float,
    quoted: Sequence[str],
) -> dict[str, float]:
    """Features of the confidence in an answer, by name.

    `best` are the signals of the passage read, `of_clauses` the features of its clauses, `value`
    the reader's estimate for the best quote, `quoted` the best candidates in normal form.
    """
    read = source.clauses.normal
    covered = _covered(asked, source.index, read)
    lacking = _lacking(asked, source, read)
    length = float(np.log(max(1, len(asked.text))))
    return {
        "document_words": best.document_words,
        "sentence": best.sentence,
        "nearest": best.nearest,
        "nearest_covered": best.nearest * covered,
        "nearest_length": best.nearest * length,
        "covered_length": covered * length,
        "ahead": best.ahead,
        "ahead_squared": best.ahead**2,
        "ahead_value": best.ahead * value,
        "ahead_lacking": best.ahead * lacking["heaviest"],
        "lacking": lacking["count"] * lacking["heaviest"],
        "lacking_near": lacking["heaviest_near"],
        "other_place": float(bool(asked.places) and not any(map(source.holds, asked.places))),
        "other_name": float(not all(map(source.holds, _NAME.findall(asked.text)))),
        "no_unit": float(_lacks_unit(asked.text, quoted)),
        "wanted": float(of_clauses["wanted_sentence"].max()),
        **{str(kind): float(asked.answer_type is kind) for kind in AnswerType},
    }


def content_words(text: str) -> list[str]:
    """The words of a normalised question that say what it is about, without repetition."""
    words = (word for word, tag in rjieba.tag(text) if tag[0] in _CONTENT_TAGS)
    return [
        word
        for word in dict.fromkeys(words)
        if len(word) > 1 and bigrams(word) and not _EMPTY_WORD.fullmatch(word)
    ]


def _covered(asked: Question, index: TokenIndex, read: str) -> float:
    """The share of the question's terms, weighed by idf, that stand in what was read."""
    terms = [term.text for term in asked.terms]
    idf = index.idf(terms)
    found = np.array([term in read for term in terms], np.float64)
    return float(found @ idf / (idf.sum() or 1.0))


def _lacking(asked: Question, source: Source, read: str) -> dict[str, float]:
    """Content words that the document lacks: their number, and the idf of the rarest.

    `heaviest_near` is the idf of the rarest word that is lacking in what was read.
    """
    words = content_words(asked.text)
    idf = [min(float(source.index.idf(bigrams(word)).max()), _MOST_IDF) for word in words]
    pairs = list(zip(words, idf, strict=True))
    absent = [weight for word, weight in pairs if not source.holds(word)]
    return {
        "count": float(len(absent)),
        "heaviest": max(absent, default=0.0),
        "heaviest_near": max((weight for word, weight in pairs if word not in read), default=0.0),
    }


def _lacks_unit(text: str, quoted: Sequence[str]) -> bool:
    """Whether the question asks for a number of something that no candidate has a number of."""
    asked = _UNIT.search(text)
    if asked is None or asked[1] in "的人":
        return False
    figure = re.compile(_FIGURE_OF + re.escape(asked[1]))
    return not any(figure.search(quote) for quote in quoted)
