"""What speaks for and against an answer: does the passage hold what the question asks about.

A question that nothing answers still has a nearest passage. What gives it away: words of the
question that the passage or the whole document lacks, a place, name or unit that is not there,
no sentence near in meaning, and other documents that match just as well.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import rjieba

from index.calibration import Signals
from index.clauses import Floats
from index.lexical import TokenIndex
from index.query import Question, bigrams

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
    """The document that an answer was read in, as rows of the word index."""

    index: TokenIndex
    rows: range

    def holds(self, text: str) -> bool:
        """Whether the chunks of the document have every character pair of a normalised text."""
        return all(self.index.occurs(term, self.rows) for term in bigrams(text))


@dataclass(frozen=True)
class QuoteSigns:
    """What the reader thinks of its best quote.

    `value` is the estimated F1, `likelihood` the probability of the likeliest clause, `similarity`
    that of the quote's first sentence with the question, in standard deviations above the mean of
    the encoder; `alternatives` are the best candidates in normal form.
    """

    value: float
    likelihood: float
    similarity: float
    alternatives: Sequence[str]


def evidence(
    asked: Question,
    best: Signals,
    source: Source,
    of_clauses: Mapping[str, Floats],
    quote: QuoteSigns,
) -> dict[str, float]:
    """Features of the confidence in an answer, by name.

    `best` are the signals of the passage read, `of_clauses` the features of its clauses.
    """
    return {
        "nearest": best.nearest,
        "similar": quote.similarity,
        "ahead_value": best.ahead * quote.value,
        "likely": quote.likelihood,
        "near_sentence": float(of_clauses["near_sentence"].max()),
        "lacking": _lacking(asked, source),
        "other_name": float(not all(map(source.holds, _NAME.findall(asked.text)))),
        "no_unit": float(_lacks_unit(asked.text, quote.alternatives)),
    }


def content_words(text: str) -> list[str]:
    """The words of a normalised question that say what it is about, without repetition."""
    words = (word for word, tag in rjieba.tag(text) if tag[0] in _CONTENT_TAGS)
    return [
        word
        for word in dict.fromkeys(words)
        if len(word) > 1 and bigrams(word) and not _EMPTY_WORD.fullmatch(word)
    ]


def _lacking(asked: Question, source: Source) -> float:
    """How many content words the document lacks, times the idf of the rarest of them."""
    words = content_words(asked.text)
    absent = [word for word in words if not source.holds(word)]
    idf = [min(float(source.index.idf(bigrams(word)).max()), _MOST_IDF) for word in absent]
    return len(absent) * max(idf, default=0.0)


def _lacks_unit(text: str, quoted: Sequence[str]) -> bool:
    """Whether the question asks for a number of something that no candidate has a number of."""
    asked = _UNIT.search(text)
    if asked is None or asked[1] in "的人":
        return False
    figure = re.compile(_FIGURE_OF + re.escape(asked[1]))
    return not any(figure.search(quote) for quote in quoted)
