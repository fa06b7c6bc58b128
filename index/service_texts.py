"""What of a service is searched, and how a question is read before searching."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, combinations

import rjieba
from pypinyin import Style, lazy_pinyin

from knowledge.service import Service

# An encoder reads the beginning of a list best; more materials blur the name.
_MATERIAL_CHARACTERS = 60
_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_LONGEST_TERM = 8
# Audiences that say nothing, because they are everybody.
_ANYBODY = {"居民", "市民", "群众", "个人", "公民", "职工"}
_CHINESE_NUMBERS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_AGE = re.compile(
    r"(?<![\d.第])(?P<arabic>\d{1,3})(?:岁|周岁|多岁|来岁|了(?![\d个次天月年元块]))"
    r"|(?P<chinese>[一二三四五六七八九]?十[一二三四五六七八九]?)(?:岁|周岁|多岁|来岁|了(?![个次天月年元块]))"
)
# Speech that differs between regions and typists but is written with the same pinyin keys.
_MERGED_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


def dense_texts(service: Service) -> list[str]:
    """Short texts that are encoded one by one: name, aliases, situations, name with materials."""
    texts = [service.name, *service.aliases, *service.situations]
    if service.materials:
        texts.append(f"{service.name} {'、'.join(service.materials)[:_MATERIAL_CHARACTERS]}")
    return list(dict.fromkeys(texts))


def word_text(service: Service) -> str:
    """One text whose words are searched: the same, with the audience."""
    audience = (group for group in service.audience if group not in _ANYBODY)
    return "。".join((service.name, *dense_texts(service), *audience))


def read_age(question: str) -> int | None:
    """The age that a question states ("我75岁", "奶奶八十二了"), None when it states none."""
    match = _AGE.search(unicodedata.normalize("NFKC", question))
    if match is None:
        return None
    if match["arabic"]:
        age = int(match["arabic"])
    else:
        tens, _, ones = match["chinese"].partition("十")
        age = _CHINESE_NUMBERS.get(tens, 1) * 10 + _CHINESE_NUMBERS.get(ones, 0)
    return age if 0 < age <= 120 else None


class SpellingCorrector:
    """Puts right words that were typed with the right sound and the wrong characters.

    "设保卡" sounds like the known term "社保卡" and is no word itself, so the term is meant. What
    any service's own texts say is left alone, and so is a stretch that cuts a word in two.
    """

    def __init__(self, terms: Iterable[str], known: Iterable[str]) -> None:
        self._known = "\n".join(known)
        self._by_sound: dict[str, str] = {}
        for term in sorted(set(terms), key=lambda term: (len(term), term)):
            if _CHINESE_RUN.fullmatch(term) and len(term) <= _LONGEST_TERM:
                self._by_sound.setdefault(_sound(_syllables(term), len(term)), term)

    @classmethod
    def of(cls, services: Sequence[Service]) -> "SpellingCorrector":
        """Knows the aliases, names and words of the names of these services."""
        return cls(
            (term for service in services for term in _terms(service)),
            (text for service in services for text in dense_texts(service)),
        )

    def correct(self, question: str) -> str:
        """The question with such words replaced; the longest stretch first."""
        return _CHINESE_RUN.sub(lambda run: self._corrected(run.group()), question)

    def _corrected(self, run: str) -> str:
        syllables = _syllables(run)
        words = list(rjieba.cut(run))
        # Position of each word's beginning, and the end.
        edges = [0, *accumulate(map(len, words))]
        if len(syllables) != len(run):
            return run
        for first, last in _spans(edges):
            stretch = run[first:last]
            term = self._by_sound.get(_sound(syllables[first:last], last - first))
            if term and stretch not in self._known and stretch not in words:
                return self.correct(run[:first]) + term + self.correct(run[last:])
        return run


def _spans(edges: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches of whole words, two to eight characters, longest first."""
    spans = [
        (first, last)
        for first, last in combinations(edges, 2)
        if 2 <= last - first <= _LONGEST_TERM
    ]
    return sorted(spans, key=lambda span: span[0] - span[1])


def _syllables(text: str) -> list[str]:
    """Pinyin without tones, one for each Chinese character."""
    return lazy_pinyin(text, style=Style.NORMAL)


def _sound(syllables: Sequence[str], length: int) -> str:
    """The key of a term: sounds that people mix up are made one, but not in two short syllables."""
    return " ".join(map(_merged, syllables) if length > 2 else syllables)


@lru_cache(maxsize=2048)
def _merged(syllable: str) -> str:
    for spoken, written in _MERGED_SOUNDS:
        syllable = syllable.replace(spoken, written)
    return syllable


def _terms(service: Service) -> Iterator[str]:
    yield service.name
    yield from service.aliases
    yield from (word for word in rjieba.cut(service.name) if len(word) > 2)
