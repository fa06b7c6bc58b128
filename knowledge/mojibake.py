"""GBK text that was read from the wrong byte on, back to its characters.

A GBK character is two bytes. Where a scraper lost or rewrote one byte, everything up to the next
ASCII character is paired wrongly: the bytes of "（一）切" come out as "ㄒ唬┣". The bytes are still
there, so this module writes a damaged line as bytes again and looks for the cheapest way to pair
them: a Viterbi search whose costs say how plausible a character is, and what losing a byte costs.

Scrapers rewrite bytes blindly in three ways, and the search knows them all: full-width characters
become ASCII (a pair A3 xx anywhere becomes xx - 80), a reading in brackets is put after a pair of
bytes that looks like a traditional character even if it straddles two, and a byte left alone is
dropped or becomes "?". What cannot be known is not guessed: it becomes `UNREADABLE`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.pinyin_brackets import BRACKET, main_reading, readings
from knowledge.plausibility import (
    PUNCTUATION,
    cost_of,
    decode,
    encode,
    full_width,
    last_word,
    observed_cost,
    word_gain,
)
from knowledge.traditional import is_traditional_character

UNREADABLE = "\x1c"  # stands for a character that cannot be known
INFERRED = "\x1d"  # stands after a character that was inferred from one of its two bytes

# Costs, roughly negative log likelihoods; an ordinary character in a word earns something.
_LOST = 6.0  # a character of which one byte is known
_HOLE = 3.0  # a pair of bytes without a character was dropped
_HOLE_IN_MARK = 1.0
_LOST_IN_MARK = {"。": 3.0, "，": 4.0, "“": 4.5, "”": 4.5, "、": 4.0}
_LOST_IN_RARER_MARK = 7.0
_HALF_BLANK = 2.5  # half an ideographic space is left over
_WAS_FULL_WIDTH = 1.0
_LONE_LETTER = 4.0
_BRACKET_STRADDLES = 3.0
_BRACKET_COMPLETES = 1.0
_BRACKET_UNEXPLAINED = 6.0
_UNCLOSED = 5.0
_UNOPENED = 2.0
_MARGIN = 1.5  # a new reading must be so much cheaper than what stands there
_BEAM = 24
_BEAM_COST = 16.0
_BEFORE, _AFTER = 16, 24  # characters searched around each suspicious one
_OUT_OF_STEP = 0.1  # a character paired otherwise than it was read
_INFERRED = 3.0  # log10 of how common the word must be that a lost character is inferred from
_DOMINANT = 1.5  # and of how much commoner than the next
SEARCHED_AT_MOST = 20_000  # characters of a text, at about a third of a millisecond each

_LONE_ASCII = re.compile(r"(?<![A-Za-z0-9.])[A-Za-z^~|{}\[\]\\@`_](?![A-Za-z0-9.])")
# What a shifted pair gives sooner or later, and Chinese prose does not hold singly.
_SIGN_RANGES = re.compile("[\u2170-\u2179\u2500-\u257f\u3041-\u30fa\u3105-\u3129\ue000-\uf8ff]")
_SIGNS = re.compile(
    "(?<![\u3100-\u312f])[\u3105-\u3129](?![\u3100-\u312f])"
    "|(?<![\u2500-\u257f])[\u2500-\u257f](?![\u2500-\u257f])"
    "|(?<![\u3040-\u30ff])[\u3041-\u30fa](?![\u3040-\u30ff])"
    "|[\ue000-\uf8ff\u2170-\u2179]"
)
# The 3,755 common characters of GB 2312 (level 1: first bytes B0 to D7).
_COMMON = b"".join(bytes((a, b)) for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF))
_UNCOMMON = re.compile(f"[^\0-\u33ff\ua000-\U0010ffff{_COMMON.decode('gb2312', 'ignore')}]")
_RARE_RUN, _RARE_WINDOW = 3, 20  # so many uncommon characters among so many
_SURPRISE = 0.7  # mean cost of a character where something is wrong; in prose it is below 0


def realign(text: str, *, traditional: bool, scraped: bool) -> str:
    """The text with its shifted runs paired rightly.

    `traditional` says that the text is, `scraped` that readings in brackets were found in it:
    then readings that straddle characters are taken out too, and a lone letter is a suspect. A
    line in which nothing is more plausible than what stands there comes back as it is; so does
    all that comes after `SEARCHED_AT_MOST` characters have been searched.
    """
    room = SEARCHED_AT_MOST
    lines = text.split("\n")
    for number, line in enumerate(lines):
        done, parts = 0, []
        for start, end in _windows(line, traditional, scraped):
            room -= end - start
            if room < 0:
                break
            parts += [line[done:start], _Search(line[start:end], traditional).run()]
            done = end
        lines[number] = "".join(parts) + line[done:]
    return "\n".join(lines)


def _windows(line: str, traditional: bool, scraped: bool) -> list[tuple[int, int]]:
    """Where to search: around the suspects, overlapping windows joined."""
    windows: list[tuple[int, int]] = []
    for suspect in sorted(_suspects(line, traditional, scraped)):
        start, end = max(0, suspect - _BEFORE), min(len(line), suspect + _AFTER)
        if windows and start <= windows[-1][1]:
            windows[-1] = windows[-1][0], end
        else:
            windows.append((start, end))
    return windows


def _suspects(line: str, traditional: bool, scraped: bool) -> set[int]:
    found = set()
    if _SIGN_RANGES.search(line):
        found |= {match.start() for match in _SIGNS.finditer(line)}
    if scraped:
        found |= {match.start() for match in _LONE_ASCII.finditer(line)}
        found |= {match.start() for match in BRACKET.finditer(line) if match.start() > 0}
    uncommon = [match.start() for match in _UNCOMMON.finditer(line)]
    for run in zip(*(uncommon[offset:] for offset in range(_RARE_RUN)), strict=False):
        stretch = line[max(0, run[0] - 4) : run[-1] + 4]
        if len(stretch) < _RARE_WINDOW and _surprise(stretch, traditional) > _SURPRISE:
            found |= set(run)
    return found


def _surprise(stretch: str, traditional: bool) -> float:
    """Mean cost of a character."""
    pairs = zip(" " + stretch, stretch, strict=False)
    costs = [
        observed_cost(second, traditional) + word_gain(first, second) for first, second in pairs
    ]
    return sum(costs) / len(costs)


@dataclass(frozen=True, slots=True)
class _State:
    """Where the search stands between two bytes.

    `pending` is a first byte that waits for its second, `last` the byte read last, `previous` the
    character written last; -1 and "" where there is none.
    """

    pending: int
    last: int
    previous: str
    bracket_open: bool
    quote_open: bool


@dataclass(slots=True)
class _Path:
    """What was written last and the way there; `known`: the bytes known of a lost character."""

    cost: float
    text: str
    before: "_Path | None"
    known: tuple[int, int] = (0, 0)

    def read(self, characters: int | None = None) -> str:
        """What was written along the path, or its last characters."""
        parts: list[str] = []
        path: _Path | None = self
        length = 0
        while path is not None and (characters is None or length < characters):
            parts.append(path.text)
            length += len(path.text)
            path = path.before
        text = "".join(reversed(parts))
        return text if characters is None else text[-characters:]

    def read_inferred(self) -> str:
        """All that was written, with lost characters inferred where their word is clear."""
        text = self.read()
        characters = list(text)
        position = len(text)
        path: _Path | None = self
        while path is not None:
            position -= len(path.text)
            if any(path.known):
                before = text[max(0, position - 4) : position]
                characters[position] = _inferred(before, path.known)
            path = path.before
        return "".join(characters)


_START = _State(-1, -1, "", False, False)
_Step = tuple[_State, _Path]
_Beam = dict[_State, _Path]


class _Search:
    """The cheapest reading of one stretch of a line."""

    def __init__(self, line: str, traditional: bool) -> None:
        self._line = line
        self._traditional = traditional
        self._lone = {match.start() for match in _LONE_ASCII.finditer(line)}
        self._character = ""
        self._ascii_cost = 0.0

    def run(self) -> str:
        beam = {_START: _Path(0.0, "", None)}
        position = 0
        while position < len(self._line):
            bracket = BRACKET.match(self._line, position)
            if bracket and position > 0:
                steps = self._after_bracket(beam, bracket)
                position = bracket.end()
            else:
                steps = self._after_character(beam, position)
                position += 1
            beam = _best(steps)
        ends = [end for state, path in beam.items() for end in self._finish(state, path)]
        best = min(ends, key=lambda path: path.cost)
        if best.cost + _MARGIN > self._literal_cost():
            return self._line
        return best.read_inferred()

    def _literal_cost(self) -> float:
        """What the line costs as it stands."""
        state, path = _START, _Path(0.0, "", None)
        for at, character in enumerate(self._line):
            cost = _LONE_LETTER if at in self._lone else observed_cost(character, self._traditional)
            state, path = self._write(state, path, character, cost, -1)
        brackets = sum(match.start() > 0 for match in BRACKET.finditer(self._line))
        return path.cost + brackets * _BRACKET_UNEXPLAINED + _UNCLOSED * state.bracket_open

    def _after_character(self, beam: _Beam, position: int) -> Iterator[_Step]:
        self._character = character = self._line[position]
        self._ascii_cost = _LONE_LETTER if position in self._lone else 0.0
        encoded = encode(character)
        for state, path in beam.items():
            if len(encoded) in (1, 2):
                yield from self._read_all(state, path, encoded)
            else:  # outside GBK: nothing is shifted across it
                for closed, closing in self._close(state, path):
                    yield self._write(closed, closing, character, 0.0, -1)
            if wide := full_width(character):
                path = _Path(path.cost + _WAS_FULL_WIDTH, "", path)
                for step in self._read_all(state, path, encode(wide)):
                    if step[0].previous != wide:  # else it is written as it stands
                        yield step

    def _read_all(self, state: _State, path: _Path, encoded: bytes) -> Iterator[_Step]:
        if len(encoded) == 1:
            yield from self._read(state, path, encoded[0])
            return
        for between, so_far in self._read(state, path, encoded[0]):
            yield from self._read(between, so_far, encoded[1])

    def _read(self, state: _State, path: _Path, byte: int) -> Iterator[_Step]:
        """All that one more byte can mean."""
        if state.pending < 0:
            yield from self._read_first(state, path, byte)
            return
        if character := decode(state.pending, byte):
            if character == self._character:
                cost = observed_cost(character, self._traditional)
            else:
                cost = cost_of(character, self._traditional) + _OUT_OF_STEP
            yield self._write(state, path, character, cost, byte)
        for closed, closing in self._close(state, path):
            yield from self._read_first(closed, closing, byte)
        if byte >= 0xA1:
            yield from self._read_after_hole(state, path, byte)

    def _read_first(self, state: _State, path: _Path, byte: int) -> Iterator[_Step]:
        if byte < 0x80:
            yield self._write(state, path, chr(byte), self._ascii_cost, byte)
            return
        yield replace(state, pending=byte, last=byte), _Path(path.cost, "", path)
        if byte < 0xA1:
            return
        for mark in _marks_ending(byte):
            if encode(mark)[0] != state.last:  # else nothing was lost
                cost = _LOST_IN_MARK.get(mark, _LOST_IN_RARER_MARK)
                yield self._write(state, path, mark, cost, byte)
        yield self._write(state, path, UNREADABLE, _LOST, byte, known=(0, byte))
        if byte == 0xA1:
            yield state, _Path(path.cost + _HALF_BLANK, "", path)

    def _read_after_hole(self, state: _State, path: _Path, byte: int) -> Iterator[_Step]:
        """Two bytes that make no character were dropped: the end of one, the start of the next."""
        lost = self._write(state, path, UNREADABLE, _HOLE, -1, known=(state.pending, 0))
        for mark in _marks_ending(byte):
            yield self._write(*lost, mark, _HOLE_IN_MARK, byte)
        yield self._write(*lost, UNREADABLE, _HOLE, byte, known=(0, byte))

    def _close(self, state: _State, path: _Path) -> Iterator[_Step]:
        """Give up the byte that waits for its second one."""
        if state.pending < 0:
            yield state, path
            return
        yield self._write(state, path, UNREADABLE, _LOST, -1, known=(state.pending, 0))
        if state.pending == 0xA1:
            yield replace(state, pending=-1), _Path(path.cost + _HALF_BLANK, "", path)

    def _finish(self, state: _State, path: _Path) -> Iterator[_Path]:
        for closed, closing in self._close(state, path):
            yield _Path(closing.cost + (_UNCLOSED if closed.bracket_open else 0.0), "", closing)

    def _after_bracket(self, beam: _Beam, bracket: re.Match[str]) -> Iterator[_Step]:
        """Take the bracket out where the bytes before it explain it."""
        literal, syllable = bracket[0], bracket[1]
        for state, path in beam.items():
            if literal[0] != "?":
                if state.pending < 0 and syllable in readings(state.previous or " "):
                    yield state, path
                elif syllable in _readings_across(path, state):
                    yield state, _Path(path.cost + _BRACKET_STRADDLES, "", path)
            # The byte before the bracket was lost, and the reading says which it was.
            byte = _byte_for_reading(state.last, syllable)
            if byte is not None:
                completed = _Path(path.cost + _BRACKET_COMPLETES, "", path)
                yield from self._read(state, completed, byte)
            for closed, closing in self._close(state, path):
                yield self._write(closed, closing, literal, _BRACKET_UNEXPLAINED, -1)

    def _write(
        self, state: _State, path: _Path, text: str, cost: float, byte: int,
        known: tuple[int, int] = (0, 0),
    ) -> _Step:  # fmt: skip
        cost += word_gain(state.previous, text)
        bracket_open, quote_open = state.bracket_open, state.quote_open
        if text in "(（":
            bracket_open = True
        elif text in ")）":
            bracket_open = False
        elif text in "“”":
            cost += _UNOPENED if text == "”" and not quote_open else 0.0
            quote_open = text == "“"
        elif text == "。" and bracket_open:
            cost, bracket_open = cost + _UNCLOSED, False
        reached = _State(-1, byte, text[-1:], bracket_open, quote_open)
        return reached, _Path(path.cost + cost, text, path, known)


def _inferred(before: str, known: tuple[int, int]) -> str:
    """The lost character, where its first byte and the character before leave one common word.

    That character must need a partner: the dictionary puts it into no word with those before it.
    """
    lead, _ = known
    if not lead or len(last_word(before)) != 1:
        return UNREADABLE
    pairs = (decode(lead, second) for second in range(0xA1, 0xFF))
    fits = sorted(((-word_gain(before[-1], fit), fit) for fit in pairs if fit), reverse=True)
    likely, next_likely = fits[0], fits[1]
    if likely[0] >= _INFERRED and likely[0] - next_likely[0] >= _DOMINANT:
        return likely[1] + INFERRED
    return UNREADABLE


def _best(steps: Iterable[_Step]) -> _Beam:
    """The cheapest path to each state, and of these the few that are near the best."""
    best: _Beam = {}
    for state, path in steps:
        if state not in best or path.cost < best[state].cost:
            best[state] = path
    ranked = sorted(best.items(), key=lambda item: item[1].cost)[:_BEAM]
    limit = ranked[0][1].cost + _BEAM_COST
    return {state: path for state, path in ranked if path.cost <= limit}


def _readings_across(path: _Path, state: _State) -> frozenset[str]:
    """Readings of the two bytes read last, where these belong to two characters."""
    encoded = b"".join(map(encode, path.read(2)))
    if state.pending >= 0:
        encoded += bytes((state.pending,))
    character = decode(encoded[-2], encoded[-1]) if len(encoded) >= 2 else ""
    return readings(character) if character else frozenset()


@lru_cache(maxsize=4096)
def _byte_for_reading(first: int, syllable: str) -> int | None:
    """The second byte of the traditional character with this first byte and main reading.

    None where there is none or more than one.
    """
    found = [
        second
        for second in range(0x40, 0xFF)
        if (character := decode(first, second))
        and is_traditional_character(character)
        and syllable == main_reading(character)
    ]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=256)
def _marks_ending(byte: int) -> tuple[str, ...]:
    """Punctuation whose second byte this is."""
    found = (decode(lead, byte) for lead in (0xA1, 0xA3))
    return tuple(mark for mark in found if mark in PUNCTUATION)
