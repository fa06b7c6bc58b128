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
from index.query import EverydayWords, Question, bigrams

# Parts of speech that carry the subject (ICTCLAS tags): nouns, verbs, adjectives, idioms, figures.
_CONTENT_TAGS = "nvaljizmxte"
# What is said of any matter: it is not missed where it is not there.
_EMPTY_WORD = re.compile(
    r"什么|哪.*|多少|怎.*|如何|是否|可以|需要|为何|请问|进行|情况|方面|关于|通过|提供|采取|办理|规定"
    r"|措施|要求|没有|有没有|应该|应当|几.*|.*[啥咋么].*|好多|不.*|没.*|一[次共般样些下直起]|合法|违法|犯法|条件"
    r"|东西|时候|现在|刚刚|起来|处理|才能|满足|这.*|那.*|我.*|你.*|他.*|急死.*"
)
_MOST_IDF = 12.0
# What is counted or measured: 多少【亩】, 几个【月】.
_UNIT = re.compile(r"(?:多少|几)(?:个|多)?([\u4e00-\u9fff])")
_FIGURE_OF = r"[\d一二三四五六七八九十百千万亿两]\s*(?:余|多|馀)?(?:个|平方|大)?"
_MONEY = r"万?[元块角分]"
_SHARE = re.compile(r"分之|[%％]|过半")
_NAME = re.compile(r"[“\"《]([^”\"》]{2,})[”\"》]")


@dataclass(frozen=True)
class Source:
    """The document that an answer was read in: rows of the word index, and what it is called."""

    index: TokenIndex
    rows: range
    names: str = ""

    def holds(self, text: str) -> bool:
        """Whether the chunks of the document have every character pair of a normalised text."""
        pairs = bigrams(text)
        return text in self.names or all(self.index.occurs(pair, self.rows) for pair in pairs)


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
    everyday: EverydayWords,
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
        "lacking": _lacking(asked, source, everyday),
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


def _lacking(asked: Question, source: Source, everyday: EverydayWords) -> float:
    """How many content words the document lacks, times the idf of the rarest of them.

    A word is there as well where the document has an official word for it.
    """
    meant = [
        word
        for word, official in everyday.meanings(asked.text).items()
        if any(map(source.holds, official))
    ]
    absent = [
        word
        for word in content_words(asked.text)
        if not source.holds(word) and not any(word in said or said in word for said in meant)
    ]
    idf = [min(float(source.index.idf(bigrams(word)).max()), _MOST_IDF) for word in absent]
    return len(absent) * max(idf, default=0.0)


def _lacks_unit(text: str, quoted: Sequence[str]) -> bool:
    """Whether the question asks for a number of something that no candidate has a number of."""
    asked = _UNIT.search(text)
    if asked is None or asked[1] in "的人":
        return False
    unit = _MONEY if asked[1] == "钱" else re.escape(asked[1])
    figure = re.compile(_FIGURE_OF + unit)
    return not any(figure.search(quote) or _SHARE.search(quote) for quote in quoted)
