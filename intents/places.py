"""Where it is: the parts of an address, and the whole phrase that they make.

A part is found by what it ends with (小区, 号楼, 路, 超市). Where it has a name (幸福里 in
幸福里3号楼), the name is read leftwards to the first word that no name of a place holds. Parts that
stand together, with the words that say which side of them, make the place. The words are in
`data/places.yml`; all rules read `characters.plain` text, so that one spelling is enough.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from intents.parse import Entity

WORDS_FILE = Path(__file__).parent / "data" / "places.yml"

_CHINESE = "一二三四五六七八九十百"
NUMBER = rf"(?:(?<!\d)\d{{1,4}}|(?<![{_CHINESE}])[{_CHINESE}]{{1,4}})"
_NUMBERS = rf"第?{NUMBER}(?:[、,，和与跟及到至-]第?{NUMBER}){{0,5}}"
_LETTER = r"(?<![A-Za-z])[A-Za-z]"
BUILDING = re.compile(
    rf"(?!一座|1(?:1[09]|2[02])[，,、]){_NUMBERS}\s?(?:号(?:宿舍|商住|住宅|家属|教学)?楼|号院|(?:栋|幢|座(?![桥山塔城庙房]))(?!楼(?![下上道顶梯底]))|#楼?)"
    rf"|{_LETTER}\d{{0,2}}\s?(?:座|栋|幢|号楼)"
    r"|(?<![\d-])\d{1,3}-\d{1,2}-\d{3,4}(?![\d-])"
)
"""3号楼, 三栋, 5座, A座, B2栋, 3#, 3、4号楼, and 18-2-401 for building, unit and room."""

_PAIR = re.compile(
    r"(?<=[城湾郡轩苑园村里区庄邨府居])\d{1,3}-\d{1,4}"
    r"(?![\d-]|\s?(?:[天个月日号点年周块元人次米分秒级层楼栋岁户台辆只条名度倍早晚上下中凌]|小时|公里|%))"
    r"|(?:^|(?<=[，,。\s]))\d{1,3}-\d{1,4}(?=\s?(?:[的家门窗灯漏渗]|[停没断][水电气]|跳闸|业主|住户"
    r"|楼[道上下顶]|厨房|厕所|卫生间|客厅|阳台|下水|马桶|暖气))"
    r"|^\d{1,3}-\d{1,4}(?=[，,。]|$)"
)
"""5-2 for building and unit (or floor and room): behind the name of an estate, at the head of a
clause before what belongs to a home, or alone; ranges and dates (3-5天, 11-27晚上) are none."""

UNIT = re.compile(rf"(?:{NUMBER}|{_LETTER})\s?单[元源]")
FLOOR = re.compile(rf"(?:负|地下|B)?{NUMBER}\s?(?:层|楼)(?![下上道栋顶梯前后房门])")
ROOM = re.compile(
    r"(?<!\d)\d{3,4}\s?(?:室|房间|号房|房)|(?<=[元源层楼栋幢座])\s?\d{3,4}(?![\d年月日号个元块多])"
)
HOUSE_NUMBER = re.compile(
    r"(?<![\d.年月])[甲乙附临]?\d{1,4}(?:-\d{1,3})?\s?(?:排\s?\d{1,3}\s?)?"
    r"(?:弄(?:\d{1,4}号)?|号(?![楼院房线码机]|开始|停|以|之|晚|早|上午|下午|中午|凌晨|就))"
)
"""12号 behind a road, 15排3号; a date or a metro line is none."""

_GATE = re.compile(
    rf"(?:\d{{1,2}}号|[{_CHINESE}]{{1,2}}号|[东西南北大正前后侧偏]|[东西][南北])门(?!牌|卫|诊|市|店|窗|铃|槛|岗)"
    rf"|[村镇]口|村头|(?:十字|丁字|三[岔叉])路口|(?:地铁)?(?:\d{{1,2}}|[{_CHINESE}]{{1,2}})号线|[A-Z]\d?口|中心花园|[{_CHINESE}]环(?:线|路)"
)
"""东门, 2号门, 村口, 十字路口, 2号线, C口: landmarks whose name is a number or a direction."""

_FAMILY = re.compile(
    "[大小上下前后东西南北]?[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹潘葛范彭马方任袁柳"
    "史唐薛雷贺汤罗郝毛傅齐余孟黄姚邵汪宋熊纪舒屈项祝董梁杜贾江童郭林钟徐邱骆高夏蔡田胡凌霍万卢莫丁邓洪石"
    "崔龚程段侯刘龙叶白赖卓乔曾廖谭涂肖]家?(?:(?<=家)[大小新老]?[湾墩嘴塘坝坪沟冲岭店桥庙堡寨集台畈河巷]|庄|屯)"
)
"""王家湾, 大李庄: villages called after a family."""

_LANE = re.compile(
    rf"(?<=[一-龥]{{2}})里(?=[，,\s]?[\dA-Za-z{_CHINESE}]{{1,3}}(?:号|栋|幢|座|单元|#)"
    r"|[东西南北大正]门|小区|社区|弄堂|那[块边里])"
)
"""幸福里: the 里 of a lane's name, told from “in” by what follows."""

_PHASE = re.compile(
    rf"(?:\d{{1,2}}|[{_CHINESE}]{{1,2}})期(?![间待望限货权中末])|(?:[东西南北{_CHINESE}]|{_LETTER})区(?![别分里内])"
)
"""二期, B区: a part of an estate, which may go by a name alone (凤凰城二期)."""
_PHASES = re.compile(rf"(?:[和与]?(?:{_PHASE.pattern})|[(（][东西南北中老新]区[)）])*")
_NUMBERED_ROAD = re.compile(
    rf"(?:(?:\d{{1,2}}|[{_CHINESE}]{{1,2}})号|[经纬][{_CHINESE}]{{1,2}})[路街]"
)
"""六号路, 经三路."""
_GROUP = re.compile(rf"(?:(?:\d{{1,2}}|[{_CHINESE}]{{1,2}})[组队])?")
_TAILS = {
    "estate": _PHASES,
    "community": _GROUP,
    "road": re.compile("站?"),
    "landmark": re.compile("站?"),
}
_ANCHORS = (BUILDING, _PAIR, UNIT, _GATE, _PHASE)
"""They take a name before them for that of an estate (星河湾东门)."""
_SHORTEST_NAME = {"district": 2}
"""In characters; of other kinds, 1."""

_NAME_CHARACTER = re.compile(r"[一-龥A-Za-z0-9·]")
_NO_NAME = re.compile(
    rf"[{_CHINESE}两几\d老新旧大小前内]+|[\dA-Za-z]{{1,2}}|老旧|新建|商品|高档|封闭|开放"
)
"""What may stand before a head without naming it (新小区, 两路)."""
MAX_NAME = 8

_GAP = re.compile(r"(?:[的嘅]|\s|[那这][个座条家])?")
_PAUSE = re.compile(r"[\s，,。、:：]{1,2}")
_AND = re.compile(r"\s?[和与跟及到至、]\s?")

_ORDER = (
    "district", "community", "road", "house_number", "estate", "building", "unit", "floor", "room",
    "landmark",
)  # fmt: skip
"""From wide to narrow: after a pause only a narrower part goes on with the same place."""
_TOO_LITTLE = frozenset({"district", "house_number", "unit", "floor", "room"})
"""A place of these parts alone could be anywhere."""
_BLANK = "\0"


_SHORT_SIDE = r"[口边外头](?![卖地墙疼发痛]|[来包])|下(?![水雨雪午个周班])"


class _Part(NamedTuple):
    start: int
    end: int
    kind: str


class _Words:
    """The words of `data/places.yml`, as patterns."""

    def __init__(self, words: dict[str, Any]) -> None:
        kinds = {kind: listed.split() for kind, listed in words["heads"].items()}
        self.kind_of = {word: kind for kind, listed in kinds.items() for word in listed}
        self.before_side = frozenset(words["heads_before_side"].split())
        self.at_end = frozenset(words["heads_at_end"].split())
        self.estates_at_end = frozenset(words["estates_at_end"].split())
        self.nameless = frozenset(words["nameless"].split())
        side = words["side"].split()
        one_side = rf"(?:{_any_of(side)}|{_SHORT_SIDE})"
        self.side = re.compile(rf"{one_side}(?:的?{one_side})*")
        vague, alone = words["vague"].split(), words["vague_alone"].split()
        self.vague = re.compile(rf"(?:{_any_of(vague)}|[的\s])+|{_any_of(alone)}")
        heads = {*self.kind_of, *self.before_side, *self.at_end, *self.estates_at_end}
        kept = {*heads, *words["in_names"].split()}
        blanked = {*words["not_places"].split(), *words["not_in_names"].split(), *side} - kept
        self._blanked = frozenset(blanked)
        self.known = re.compile(_any_of(kept | blanked))

    def is_head(self, word: str, plain: str, blanked: str, end: int) -> bool:
        """Whether a word that ends no place by itself does so here."""
        if word in self.before_side:
            return self.side.match(plain, end) is not None
        return word in self.at_end and _NAME_CHARACTER.match(blanked, end) is None

    def is_estate(self, word: str, blanked: str, start: int, end: int) -> bool:
        """Whether a word that also stands in talk ends the name of an estate here: a name of two
        characters or more before it, none going on after it."""
        named = all(_NAME_CHARACTER.match(each) for each in blanked[max(0, start - 2) : start])
        ends = _NAME_CHARACTER.match(blanked, end) is None
        return word in self.estates_at_end and start > 1 and named and ends

    def blank_out(self, plain: str) -> str:
        """`plain` with every word blanked that is neither a place nor in the name of one."""
        return self.known.sub(
            lambda found: _BLANK * len(found[0]) if found[0] in self._blanked else found[0], plain
        )


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, longest_first))})"


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words(yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8")))


def find_places(text: str, plain: str) -> Iterator[Entity]:
    """The parts of addresses in `text`, and the `place` that the most telling of them make.

    `plain` is `characters.plain(text)`; values are what the resident wrote. Places that every
    neighbourhood has many of (楼道, 小区里) are none.
    """
    parts = sorted({*_numbered(plain), *_named(plain, _words().blank_out(plain))})
    for start, end, kind in parts:
        yield Entity(kind, text[start:end], start, end)
    if run := _best_run(plain, parts):
        start, end = run
        yield Entity("place", text[start:end], start, end)


def _numbered(plain: str) -> Iterator[_Part]:
    patterns = {
        "building": BUILDING, "unit": UNIT, "floor": FLOOR, "room": ROOM,
        "house_number": HOUSE_NUMBER, "landmark": _GATE, "road": _NUMBERED_ROAD,
        "community": _FAMILY, "district": _PHASE,
    }  # fmt: skip
    for kind, pattern in patterns.items():
        yield from (_Part(*match.span(), kind) for match in pattern.finditer(plain))
    yield from (_Part(*match.span(), "building") for match in _PAIR.finditer(plain))


def _named(plain: str, blanked: str) -> Iterator[_Part]:
    """Parts that a name makes: 幸福里小区, 中山路, 长青公园, and 翡翠湾 in 翡翠湾3号楼."""
    words = _words()
    anchors = [(m.start(), m.end()) for pattern in _ANCHORS for m in pattern.finditer(plain)]
    heads = list(_heads(plain, blanked))
    edges = sorted([*(end for _, end in anchors), *(end for _, _, end in heads)])
    named: dict[int, int] = {}  # where the part that ends here begins
    for kind, start, end in heads:
        name_start = _name_start(blanked, start, edges)
        if kind == "road" and start in named:  # called after a place: 公园路, 学院路
            name_start = named[start]
        if start > name_start:
            named[end] = name_start
        goes_on = kind == "community" and start in edges
        nameless = kind == "landmark" or plain[start:end] in words.nameless or goes_on
        if start - name_start >= _SHORTEST_NAME.get(kind, 1):
            yield _Part(name_start, end, kind)
        elif nameless:
            yield _Part(start, end, kind)
    for start, end in anchors:
        name_start = _name_start(blanked, start, edges)
        if start - name_start > 1:
            yield _Part(name_start, end if _PHASE.fullmatch(plain, start, end) else start, "estate")


def _heads(plain: str, blanked: str) -> Iterator[tuple[str, int, int]]:
    """What places end with, from left to right: kind, start, and the end with its tail."""
    words = _words()
    for match in words.known.finditer(blanked):
        start, end = match.span()
        if kind := words.kind_of.get(match[0]):
            tail = _TAILS[kind].match(plain, end) if kind in _TAILS else None
            yield kind, start, tail.end() if tail else end
        elif words.is_head(match[0], plain, blanked, end):
            yield "landmark", start, end
        elif words.is_estate(match[0], blanked, start, end):
            yield "estate", start, end
    yield from (("estate", *match.span()) for match in _LANE.finditer(plain))


def _name_start(blanked: str, end: int, edges: list[int]) -> int:
    """Where the name before `end` begins, after the part before it; `end` where there is none."""
    before = bisect_right(edges, end)
    floor = max(edges[before - 1] if before else 0, end - MAX_NAME)
    start = end
    while start > floor and _NAME_CHARACTER.match(blanked[start - 1]):
        start -= 1
    return end if _NO_NAME.fullmatch(blanked, start, end) else start


def _best_run(plain: str, parts: list[_Part]) -> tuple[int, int] | None:
    """The run of parts that says most: with a road, estate or building, then the longest."""
    runs: list[list[_Part]] = []
    for part in parts:
        if runs and _goes_on(plain, runs[-1], part):
            runs[-1].append(part)
        else:
            runs.append([part])
    spans = [
        (any(part.kind not in (*_TOO_LITTLE, "landmark") for part in run), *_span(plain, run))
        for run in runs
        if not all(part.kind in _TOO_LITTLE for part in run)
    ]
    telling = [span for span in spans if not _words().vague.fullmatch(plain, span[1], span[2])]
    if not telling:
        return None
    _, start, end = max(telling, key=lambda span: (span[0], span[2] - span[1], -span[1]))
    return start, end


def _goes_on(plain: str, run: list[_Part], part: _Part) -> bool:
    """Whether the part belongs to the same place: it touches, or is narrower, or “A and B”."""
    last = max(run, key=lambda each: each.end)
    if part.start <= last.end:
        return True
    sided = _words().side.match(plain, last.end)
    edges = {last.end, sided.end() if sided else last.end}
    gaps = (plain[edge : part.start] for edge in edges if edge <= part.start)
    if any(
        _GAP.fullmatch(gap) and not (gap == " " and _begins_anew(plain, last, part)) for gap in gaps
    ):
        return True
    if _PAUSE.fullmatch(plain, last.end, part.start):
        return _ORDER.index(part.kind) > _ORDER.index(last.kind)
    return part.kind == last.kind and _AND.fullmatch(plain, last.end, part.start) is not None


def _begins_anew(plain: str, last: _Part, part: _Part) -> bool:
    """Whether what stands behind a space is the place of what was spoken of before: 装个红绿灯
    中山路, but 和平广场 和平路1号 is one.
    """
    is_thing = plain[last.start : last.end] in _words().kind_of
    return is_thing and part.kind in ("road", "estate", "community", "district")


def _span(plain: str, run: list[_Part]) -> tuple[int, int]:
    """From the first part to the last, and over the words of side behind it."""
    end = max(part.end for part in run)
    after = _GAP.match(plain, end)
    for edge in (end, after.end() if after else end):
        if side := _words().side.match(plain, edge):
            return run[0].start, side.end()
    return run[0].start, end
