"""Whether two places that people wrote are the same one."""

import re
from dataclasses import dataclass, field

_HALF_WIDTH = str.maketrans("０１２３４５６７８９＃", "0123456789#")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMERAL = re.compile(r"[零一二三四五六七八九十两]{1,3}(?=号|栋|幢|座|单元|楼|层|期|巷|区)")
_WORD_NUMERAL = re.compile(r"^([一二三四五六七八九])?十([一二三四五六七八九])?$")

# What tells places of one name apart; the order matters, a longer word first.
_KINDS = {
    "building": re.compile(r"(\d{1,4}|[A-Za-z])\s*(?:号楼|号院|栋|幢|座|#楼?)"),
    "entrance": re.compile(r"(\d{1,3}|[A-Za-z])\s*单元"),
    "house": re.compile(r"(\d{1,5})\s*号(?!楼|院|线)"),
    "part": re.compile(r"(\d{1,3}|[东南西北])\s*(?:期|区(?!域|间))"),
    "floor": re.compile(r"(\d{1,3})\s*(?:层|楼)(?!道|顶|梯|下|上)"),
    "side": re.compile(r"([东南西北]{1,2}|正|后|侧|大)\s*(?:门|广场|入口|出口)"),
}
_ADMINISTRATIVE = re.compile(
    r"[\u4e00-\u9fff]{2,3}(?:省|市|自治州)|[\u4e00-\u9fff]{2}(?<!小)(?:区|县)"
)
# Words of many places: they name none.
_GENERIC = re.compile(
    r"小区|社区|街道|门口|对面|旁边?|附近|[后前里外下上]面|[边这那][上里儿边]|[河路]边|路口|楼道|楼[下上顶]|楼梯口?"
    r"|单元门?|大门|靠近|中间|一带|工地|河道|内河|(?:我们?|咱们?|俺们?)(?:家|这|那)?|[的在]"
)
_GENERIC_END = re.compile(r"(?:[内外里上下旁边口]|公园|广场)+$")
# Names in running text, by the word that they end with and the two characters before it.
_NAMED = re.compile(
    r"[\u4e00-\u9fff]{2}(?:河|溪|湖|港|渠|路|街|巷|苑|村|湾|郡|庭|府|园|城|楼|里(?=小区|社区|\d)|桥"
    r"|广场|大道|学校|小学|中学|医院|市场)"
)
_NOT_TEXT = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]")
_PROPER = re.compile(r"[\u4e00-\u9fffA-Za-z]")


@dataclass(frozen=True)
class PlaceName:
    """A place as it can be compared: numbers by kind, pairs of characters of its name and text."""

    numbers: dict[str, frozenset[str]] = field(default_factory=dict)
    name: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()


def read_place(place: str, description: str = "") -> PlaceName:
    """Read a place phrase; a description may name it as well."""
    phrase = _plain(place)
    numbers = {}
    core = phrase
    for kind, pattern in _KINDS.items():
        if values := frozenset(match[1].upper() for match in pattern.finditer(core)):
            numbers[kind] = values
            core = pattern.sub(" ", core)
    core = _GENERIC.sub(" ", _ADMINISTRATIVE.sub(" ", core))
    if not _pairs(_GENERIC_END.sub("", core.strip())):
        core = ""
    described = _ADMINISTRATIVE.sub(" ", _plain(description))
    if not (name := _pairs(core)):
        name = _pairs(" ".join(_NAMED.findall(_GENERIC.sub(" ", described))))
    return PlaceName(numbers, name, _pairs(f"{phrase} {described}"))


def likeness(one: PlaceName, other: PlaceName) -> float:
    """How far two places are the same, from 0 to 1.

    0 where both give a number of one kind and share none: another building, another gate. Else
    the share of a place's name (pairs of characters) that the other one's words hold, on average
    of both directions. Where neither names anything (“3号楼门口”), the same numbers are taken for
    the same place, but with doubt.
    """
    shared = False
    for kind in one.numbers.keys() & other.numbers.keys():
        if not one.numbers[kind] & other.numbers[kind]:
            return 0.0
        shared = True
    if not one.name or not other.name:
        named = one.name or other.name
        words = other.text if one.name else one.text
        if named and named <= words:
            return 1.0
        return 0.6 if shared and not named else 0.25
    forward = len(one.name & other.text) / len(one.name)
    backward = len(other.name & one.text) / len(other.name)
    return (forward + backward) / 2


def _plain(text: str) -> str:
    half = text.translate(_HALF_WIDTH)
    return _NUMERAL.sub(lambda match: _arabic(match[0]), half)


def _arabic(numeral: str) -> str:
    if tens := _WORD_NUMERAL.match(numeral):
        return str(_DIGITS.get(tens[1] or "一", 1) * 10 + _DIGITS.get(tens[2] or "零", 0))
    if all(character in _DIGITS for character in numeral):
        return "".join(str(_DIGITS[character]) for character in numeral)
    return numeral


def _pairs(text: str) -> frozenset[str]:
    return frozenset(
        run[at : at + 2]
        for run in _NOT_TEXT.split(text)
        for at in range(len(run) - 1)
        if _PROPER.search(run[at : at + 2])
    )
