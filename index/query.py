"""What a question asks: its terms, the kind of answer it wants, and the places that it names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import rjieba
import yaml

from index.errors import RetrievalError
from index.lexical import normalise

EVERYDAY_WORDS = Path(__file__).parent.parent / "knowledge" / "everyday_words.yml"

# A question is a few sentences; of a pasted document the beginning says what is asked.
_MAX_QUESTION = 1_000
_RUN = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
# Function words and the words that make a question: they say nothing about the subject.
_EMPTY = re.compile(
    r"什么时候|什么|哪些|哪个|哪里|哪儿|多少|怎么|怎样|如何|是否|请问|为何|为啥|咋|啥"
    r"|[的了吗呢吧啊呀嘛么]"
)


class AnswerType(StrEnum):
    """What would answer the question."""

    DATE = "date"
    NUMBER = "number"
    NAME = "name"
    LIST = "list"
    RULE = "rule"
    OTHER = "other"


# Tried in this order; the first that is found decides.
_TYPES: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        AnswerType.DATE,
        re.compile(
            r"什么时候|什么时间|何时|啥时候|多长时间|多久|几[点号]|几月|哪一?[天日年月]"
            r"|时限|期限|截止|日期|(?:时间|时段)(?:是|为)|多少[天日年]|几[天日年]|几个月"
        ),
    ),
    (
        AnswerType.NUMBER,
        re.compile(
            r"多少(?!.{0,6}(?:措施|办法))|几[个条项名家类种成倍元块楼次张人份]|多[大高长宽重远]"
            r"|比例是|金额|额度|电话|号码|热线|标准是多少|收费标准|价格"
        ),
    ),
    (
        AnswerType.NAME,
        re.compile(
            r"谁|哪个(?:部门|单位|机构|平台|网站|媒介|软件)|哪些(?:部门|单位|机构)|什么部门"
            r"|什么单位|哪家|哪里|哪儿|在哪|什么地方|地址|叫什么|名称|牵头|责任单位|网址"
        ),
    ),
    (
        AnswerType.LIST,
        re.compile(
            r"哪|如何|怎么|怎样|咋|措施|办法|方式|方法|要求|原则|内容|条件|材料|流程|步骤|手续"
            r"|做了什么|什么(?:政策|规定|待遇|好处|支持|优惠|服务|工作|帮助)"
        ),
    ),
    (
        AnswerType.RULE,
        re.compile(r"是否|能否|可否|能不能|可不可以|是不是|要不要|行不行|有没有|吗|么[？?]?$"),
    ),
)
_QUESTION_WORD = re.compile(
    r"什么时候|何时|什么时间|多长时间|多久|哪一?[天些个家种项类里儿位条]|哪几?|多少|几|谁|什么样"
    r"|什么|怎么样|怎样|怎么|如何|为何|为什么|是否|能否|能不能|可不可以|啥|咋|何|吗|多"
)
# What is asked for stands after the question word: 哪些【行业】企业, 什么【原则】.
_WANTED = re.compile(
    r"(?:哪些|哪几[个项类种方]*|哪[个家项类种一]|什么样的|什么|怎样的|何种|多少[个家项条名]?)"
    r"(?:方面|主要|具体)?(?:的)?([\u4e00-\u9fff]{1,6})"
)
_ARTICLE = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十]+)?.*$", re.DOTALL
)
# A town that the dictionary does not know as a place.
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,3}[省市县]")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Term:
    """A character bigram, or a word of other letters, and how near it is to the question word.

    `nearness` is 1 beside the question word and falls with distance (e-fold in 4 characters).
    """

    text: str
    nearness: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart; `text` is normalised, `terms` are without repetition."""

    text: str
    answer_type: AnswerType
    terms: tuple[Term, ...]
    wanted: tuple[str, ...]
    places: tuple[str, ...]
    figures: tuple[str, ...]


@lru_cache(256)
def analyse(text: str) -> Question:
    """Take a question apart. Never fails: of nonsense there are just no terms."""
    text = normalise(text[:_MAX_QUESTION])
    return Question(
        text,
        answer_type(text),
        tuple(_terms(text)),
        tuple(_wanted(text)),
        places(text),
        tuple(dict.fromkeys(_FIGURE.findall(text))),
    )


def answer_type(text: str) -> AnswerType:
    """The kind of answer that a question wants, by its question words."""
    found = (kind for kind, pattern in _TYPES if pattern.search(text))
    return next(found, AnswerType.OTHER)


def places(text: str) -> tuple[str, ...]:
    """Place names in a text, without the 省 or 市 that people leave out half of the time.

    >>> places("武汉市江岸区的高龄津贴")
    ('武汉', '江岸区')
    """
    names = (word for word, tag in rjieba.tag(text) if tag == "ns" or _PLACE.fullmatch(word))
    return tuple(dict.fromkeys(_short(name) for name in names if len(name) > 1))


def work(title: str) -> str:
    """The law that an article belongs to, by a title such as 民法典第二百八十条; else the title.

    >>> work("中华人民共和国民法典第二百八十条") == work("民法典第一千零一条") == "民法典"
    True
    """
    return _ARTICLE.sub("", title).removeprefix("中华人民共和国").strip()


def bigrams(text: str) -> list[str]:
    """Character pairs of each run of letters, as the word index has them; in order."""
    return [
        run[start : start + 2]
        for run in _RUN.findall(text)
        for start in range(max(1, len(run) - 1))
    ]


def _short(place: str) -> str:
    stem = re.sub(
        r"(?:特别行政区|[\u4e00-\u9fff]族自治[区州县]|维吾尔自治区|自治区|省|市)$", "", place
    )
    return stem if len(stem) > 1 else place


def _terms(text: str) -> list[Term]:
    asked = list(_QUESTION_WORD.finditer(text))
    start, end = asked[-1].span() if asked else (len(text), len(text))
    nearness: dict[str, float] = {}
    for run in _RUN.finditer(text):
        for offset in range(max(1, len(run[0]) - 1)):
            term = run[0][offset : offset + 2]
            if _EMPTY.search(term):
                continue
            at = run.start() + offset
            distance = start - at - len(term) if at < start else at - end
            near = 2.718281828 ** (-max(0, distance) / 4)
            nearness[term] = max(near, nearness.get(term, 0.0))
    return [Term(term, near) for term, near in nearness.items()]


def _wanted(text: str) -> list[str]:
    found = _WANTED.findall(text)
    terms = bigrams(found[-1]) if found else []
    return [term for term in dict.fromkeys(terms) if not _EMPTY.search(term)]


class EverydayWords:
    """Everyday wording to the wording of policies and laws: 低保 to 最低生活保障."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._official = {
            normalise(everyday): tuple(normalise(word) for word in official)
            for everyday, official in table.items()
        }

    @classmethod
    @lru_cache(4)
    def load(cls, path: Path = EVERYDAY_WORDS) -> "EverydayWords":
        """Read the table, once; raises RetrievalError where it cannot be read."""
        try:
            table = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise RetrievalError(f"{path} cannot be read: {error}") from error
        return cls(table)

    def meanings(self, text: str) -> dict[str, tuple[str, ...]]:
        """The everyday words in a normalised text, each with its official ones.

        Of everyday words that contain one another only the longest counts.
        """
        said = [everyday for everyday in self._official if everyday in text]
        return {
            word: self._official[word]
            for word in said
            if not any(word in other and word != other for other in said)
        }

    def official(self, text: str) -> tuple[str, ...]:
        """Official words for the everyday words in a normalised text, without repetition."""
        return tuple(dict.fromkeys(w for words in self.meanings(text).values() for w in words))
