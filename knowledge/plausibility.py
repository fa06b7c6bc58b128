"""How plausible characters are in Chinese prose, and their bytes in GBK.

Costs are roughly negative log likelihoods: an ordinary character is about free, a rare one costs
up to 4, what prose does not hold 6; two characters that are a word earn something back. The
frequencies are those of the jieba dictionary.
"""

from functools import lru_cache
from math import log10

import rjieba

from knowledge.traditional import simplified

PUNCTUATION = frozenset("，。、；：！？（）“”‘’《》〈〉—…·【】")
_FULL_WIDTH_COST = 3.0
_BLANK_COST = 1.5
_SYMBOL_COST = 2.0
_STRANGE_COST = 6.0
_OUTSIDE_GB2312_COST = 5.0
_TRADITIONAL_COST = 3.0
_RARE_NAME_COST = 1.5


@lru_cache(maxsize=65536)
def decode(lead: int, trail: int) -> str:
    """The GBK character of two bytes, user-defined ones included; empty where there is none."""
    if not (0x81 <= lead <= 0xFE and 0x40 <= trail <= 0xFE and trail != 0x7F):
        return ""
    try:
        return bytes((lead, trail)).decode("gb18030")
    except UnicodeDecodeError:
        return ""


@lru_cache(maxsize=65536)
def encode(character: str) -> bytes:
    """The bytes of a character in GB 18030: one, two or four; none for a lone surrogate."""
    return character.encode("gb18030", errors="ignore")


@lru_cache(maxsize=65536)
def cost_of(character: str, traditional: bool) -> float:
    """How much a character surprises in Chinese prose."""
    if character in PUNCTUATION or character.isascii():
        return 0.0
    if "\u3400" <= character <= "\u9fff":
        return _hanzi_cost(character, traditional)
    if character == "\u3000":
        return _BLANK_COST
    if "\uff01" <= character <= "\uff5e":
        return _FULL_WIDTH_COST
    if character in "①②③④⑤⑥⑦⑧⑨⑩℃‰§№→●○★□×÷±≥≤％":
        return _SYMBOL_COST
    return _STRANGE_COST


def observed_cost(character: str, traditional: bool) -> float:
    """The cost of a character that stands in the text as it is.

    Shifting simplified text gives pairs of high bytes alone, never a character outside GB 2312:
    such a one is a rare name, and a sign that nothing is shifted.
    """
    cost = cost_of(character, traditional)
    return min(cost, _RARE_NAME_COST) if not traditional and _is_outside(character) else cost


def _is_outside(character: str) -> bool:
    encoded = encode(character)
    return "\u3400" <= character <= "\u9fff" and (len(encoded) != 2 or min(encoded) < 0xA1)


def _hanzi_cost(character: str, traditional: bool) -> float:
    """By frequency; more for what GB 2312 lacks, and for a traditional form among simplified."""
    plain = simplified(character)[0]
    cost = max(0.0, 4.0 - log10(_frequency(plain)))
    if _is_outside(plain):
        cost += _OUTSIDE_GB2312_COST
    return cost + (0.0 if traditional or plain == character else _TRADITIONAL_COST)


@lru_cache(maxsize=65536)
def word_gain(first: str, second: str) -> float:
    """What two neighbouring characters earn (a negative cost) when they are a word."""
    if not ("\u3400" <= first <= "\u9fff" and "\u3400" <= second <= "\u9fff"):
        return 0.0
    pair = simplified(first + second)
    known = len(pair) == 2 and _dictionary().has_word(pair)
    return -min(4.0, log10(_frequency(pair))) if known else 0.0


@lru_cache(maxsize=65536)
def _frequency(word: str) -> int:
    """How often the dictionary's corpus holds a word, at least 1."""
    return max(1, int(_dictionary().suggest_freq(word)))


def last_word(text: str) -> str:
    """The last word of a text as the dictionary parts it; empty for an empty text."""
    words = _dictionary().cut(simplified(text), False)
    return str(words[-1]) if words else ""


def full_width(character: str) -> str:
    """The full-width form of a printable ASCII character; else nothing."""
    if character == " ":
        return "\u3000"
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else ""


@lru_cache(maxsize=1)
def _dictionary() -> rjieba.Jieba:
    return rjieba.Jieba()
