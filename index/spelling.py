"""Words typed with the right sound and the wrong characters, put right."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import rjieba
import yaml

import knowledge
from index.service_texts import dense_texts
from knowledge.service import Service

_SYLLABLES = Path(knowledge.__path__[0]) / "syllables.yml"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_INITIALS = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,6}(?![A-Za-z])")
_LONGEST_TERM = 8
# Speech that differs between regions and typists but is written with the same pinyin keys.
_MERGED_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


class SpellingCorrector:
    """Puts right words that were typed with the right sound and the wrong characters.

    "设保卡" sounds like the known term "社保卡" and is no word itself, so the term is meant. What
    any service's own texts say is left alone, and so is a stretch that cuts a word in two.
    """

    def __init__(self, terms: Iterable[str], known: Iterable[str]) -> None:
        self._known = "\n".join(known).lower()
        self._by_sound: dict[str, str] = {}
        self._by_initials: dict[str, str] = {}
        for term in sorted(set(terms), key=lambda term: (len(term), term)):
            if _CHINESE_RUN.fullmatch(term) and len(term) <= _LONGEST_TERM:
                self._by_sound.setdefault(_sound(_syllables(term), len(term)), term)
        # Of several terms with the same initials the one that is spoken of most is meant.
        for term in sorted(self._by_sound.values(), key=self._known.count):
            self._by_initials["".join(syllable[0] for syllable in _syllables(term))] = term

    @classmethod
    def of(cls, services: Sequence[Service]) -> "SpellingCorrector":
        """Knows the aliases, names and words of the names of these services."""
        return cls(
            (term for service in services for term in _terms(service)),
            (text for service in services for text in dense_texts(service)),
        )

    def correct(self, question: str) -> str:
        """The question with such words replaced, the longest stretch first, and initials
        ("sfz") written out.
        """
        question = _INITIALS.sub(lambda run: self._written_out(run.group()), question)
        return _CHINESE_RUN.sub(lambda run: self._corrected(run.group()), question)

    def _written_out(self, run: str) -> str:
        initials = run.lower()
        return run if initials in self._known else self._by_initials.get(initials, run)

    def _corrected(self, run: str) -> str:
        sounds = _syllables(run)
        # Dictionary words alone: the segmenter's guesses at new words are often the slips.
        words = list(rjieba.cut(run, False))
        # Position of each word's beginning, and the end.
        edges = [0, *accumulate(map(len, words))]
        for first, last in _spans(edges):
            stretch = run[first:last]
            term = self._by_sound.get(_sound(sounds[first:last], last - first))
            if term and self._is_slip(stretch, term) and stretch not in words:
                return self.correct(run[:first]) + term + self.correct(run[last:])
        return run

    def _is_slip(self, stretch: str, term: str) -> bool:
        """Part of the term is written right, and no service speaks of the stretch itself."""
        return any(map(str.__eq__, term, stretch)) and stretch not in self._known


def _spans(edges: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches of whole words, two to eight characters, longest first."""
    spans = [
        (first, last)
        for number, first in enumerate(edges)
        for last in edges[number + 1 : number + 1 + _LONGEST_TERM]
        if 2 <= last - first <= _LONGEST_TERM
    ]
    return sorted(spans, key=lambda span: span[0] - span[1])


def _syllables(text: str) -> list[str]:
    """The usual reading of each character, without tones; a rare character stands for itself."""
    readings = syllables()
    return [readings.get(character, character) for character in text]


@cache
def syllables() -> Mapping[str, str]:
    """Character -> its usual reading without tone, for the 6,763 characters of GB 2312."""
    table: dict[str, str] = yaml.load(_SYLLABLES.read_text("utf-8"), Loader=_Loader)
    return {character: syllable for syllable, signs in table.items() for character in signs}


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
    for text in (service.name, *service.aliases):
        yield from (word for word in rjieba.cut(text) if len(word) > 2)
