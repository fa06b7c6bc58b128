"""The same matter in the same place: open proposals that mean what a new one means.

Both must agree, because neither says enough alone: every broken lamp means the same, and much
goes wrong at one gate.

- Meaning: cosine of the encoded descriptions, after the mean of everyday matters and of all open
  proposals was taken away from both. Encoders of the E5 family put all texts into a narrow cone
  (cosines of 0.85 and more between any two); without what all have in common, unrelated ones come
  out near 0, also where everybody writes about one river.
- Place: the numbers that tell places of one name apart (building, entrance, house number, gate)
  must not contradict each other, and the names must be shared.

Measured with `benchmarks/similar.py`; see `docs/proposals.md`.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.proposals.places import PlaceName, likeness, read_place
from bot.storage.database import Database
from bot.storage.database import UnitOfWork as Rows
from bot.storage.proposals import OPEN_STAGES, Filter
from bot.storage.records import Proposal
from index.encoder import Encoder, Vectors
from index.text_cache import cached_query_vectors

MIN_MEANING = 0.3
"""Centred cosine of the same kind of matter: two in a hundred pairs of any matters reach it."""

MIN_PLACE = 0.5
"""More than half of a place's name must be shared, see `places.likeness`."""
BACKGROUND = (
    "路灯坏了，晚上看不见路", "水管漏水，楼下都湿了", "电梯又停了，老人下不了楼",
    "垃圾好几天没人收", "楼上半夜装修，吵得睡不着", "消防通道停满了车",
    "井盖没了，怕有人掉下去", "绿化带的树倒了", "下水道堵了，味道很大", "遛狗不牵绳，吓到孩子",
    "想加装一个充电桩", "健身器材断了一根", "物业收费不透明", "外墙掉瓷砖，差点砸到人",
    "门禁坏了，陌生人随便进", "希望办一个老年食堂", "停电一晚上了", "暖气不热",
    "小广告贴得到处都是", "快递柜挡住了单元门", "路面有个大坑，骑车摔了", "河道有臭味，水发黑",
    "工地夜里施工", "建议设一个图书角",
)  # fmt: skip
"""Everyday matters of many kinds, our own: what they have in common tells nothing."""


def similarity(meaning: float, near: float) -> float:
    """How far two proposals are the same matter, from 0 to 1; 0 when either is not enough.

    `meaning` is the centred cosine of their descriptions, `near` the likeness of their places.
    """
    return min(1.0, meaning) * near if meaning >= MIN_MEANING and near > MIN_PLACE else 0.0


@dataclass(frozen=True)
class Similar:
    """An open proposal like the new one; `score` is from 0 to 1."""

    proposal: Proposal
    score: float


@dataclass
class _Open:
    """The open proposals in memory: row `n` of `vectors` belongs to the n-th of `codes`.

    `seen` is the last event that it knows of, `total` the sum of the vectors.
    """

    seen: int = -1
    codes: list[str] = field(default_factory=list)
    places: list[PlaceName] = field(default_factory=list)
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    total: Vectors | float = 0.0
    rows: dict[str, int] = field(default_factory=dict)

    def put(self, code: str, place: PlaceName, vector: Vectors) -> None:
        """Add a proposal, or change it."""
        row = self.rows.setdefault(code, len(self.codes))
        if row == len(self.codes):
            self.codes.append(code)
            self.places.append(place)
            if row >= len(self.vectors):
                grown = np.zeros((max(64, 2 * row), len(vector)), np.float32)
                if row:
                    grown[:row] = self.vectors[:row]
                self.vectors = grown
        self.places[row] = place
        self.total = self.total + vector - self.vectors[row]
        self.vectors[row] = vector

    def drop(self, code: str) -> None:
        """Leave out a proposal; the last one takes its row."""
        row = self.rows.pop(code, None)
        if row is None:
            return
        self.total = self.total - self.vectors[row]
        last_code, last_place = self.codes.pop(), self.places.pop()
        if last_code != code:
            self.codes[row], self.places[row] = last_code, last_place
            self.vectors[row] = self.vectors[len(self.codes)]
            self.rows[last_code] = row
        self.vectors[len(self.codes)] = 0.0


class SimilarFinder:
    """Looks among the open proposals; safe to use from several threads.

    They are kept in memory, and only what the history says has changed is read again: a search
    among 10,000 costs milliseconds beside the encoding of the new one.
    """

    def __init__(self, database: Database, encoder: Encoder, cache: Path | None = None) -> None:
        self._database = database
        self._encoder = encoder
        self._cache = cache
        self._background: Vectors | None = None
        self._open = _Open()
        self._lock = threading.Lock()

    @property
    def encoder_name(self) -> str:
        """Name of the encoder that `encode` uses."""
        return self._encoder.name

    def encode(self, description: str) -> Vectors:
        """What a description means: `(dim,) float32`, to be kept with the proposal."""
        row: Vectors = self._encoder.encode_query([description])[0]
        return row

    def find(
        self, description: str, place: str, community: str = "", limit: int = 3
    ) -> list[Similar]:
        """Up to `limit` open proposals that mean the same in the same place, best first."""
        return self.search(self.encode(description), read_place(place, description), limit)

    def search(self, vector: Vectors, place: PlaceName, limit: int = 3) -> list[Similar]:
        """Like `find`, for what `encode` gave and a place that was read."""
        with self._database.read() as rows:
            return self._search(rows, vector, place, limit)

    def like(self, code: str, limit: int = 3) -> list[Similar]:
        """Other open proposals like one that stands in the ledger, best first."""
        with self._database.read() as rows:
            proposal = rows.proposals.get(code)
            if proposal is None:
                return []
            (vector,) = self.vectors([proposal], rows)
            place = read_place(proposal.place, proposal.description)
            found = self._search(rows, vector, place, limit + 1)
        return [each for each in found if each.proposal.code != proposal.code][:limit]

    def centred(self, vectors: Vectors, others: Vectors | None = None) -> Vectors:
        """`(n, dim)` encodings of unit length, without what they and everyday matters share.

        With `others`, `(m, dim)`, without what those and everyday matters share.
        """
        known = vectors if others is None else others
        middle = (self._everyday() + known.sum(axis=0)) / (len(BACKGROUND) + len(known))
        moved = vectors - middle
        lengths: Vectors = np.linalg.norm(moved, axis=1, keepdims=True)
        centred: Vectors = (moved / np.maximum(lengths, 1e-9)).astype(np.float32)
        return centred

    def _everyday(self) -> Vectors:
        """The sum of the background's encodings."""
        if self._background is None:
            encoded = cached_query_vectors(BACKGROUND, self._encoder, self._cache)
            self._background = encoded.sum(axis=0)
        return self._background

    def _search(self, rows: Rows, vector: Vectors, place: PlaceName, limit: int) -> list[Similar]:
        with self._lock:
            self._refresh(rows)
            scored = sorted(self._scored(vector, place), reverse=True)[:limit]
        found = []
        for score, code in scored:
            if (proposal := rows.proposals.get(code)) is not None:
                found.append(Similar(proposal, score))
        return found

    def _scored(self, vector: Vectors, place: PlaceName) -> Iterable[tuple[float, str]]:
        opened = self._open
        if not opened.codes:
            return
        meanings = self._meanings(vector)
        for row in np.flatnonzero(meanings >= MIN_MEANING):
            score = similarity(float(meanings[row]), likeness(place, opened.places[row]))
            if score:
                yield score, opened.codes[row]

    def _meanings(self, vector: Vectors) -> Vectors:
        """`(n,)` centred cosines of all open proposals with one encoding, in one pass over them."""
        count = len(self._open.codes)
        middle = (self._everyday() + self._open.total) / (len(BACKGROUND) + count)
        with_vector, with_middle = (
            self._open.vectors[:count] @ np.stack([vector, middle]).T.astype(np.float32)
        ).T
        shift = float(middle @ middle)
        dots = with_vector - with_middle - float(vector @ middle) + shift
        lengths = np.sqrt(np.maximum(1.0 - 2.0 * with_middle + shift, 1e-9))
        found: Vectors = dots / (lengths * max(1e-9, float(np.linalg.norm(vector - middle))))
        return found

    def _refresh(self, rows: Rows) -> None:
        """Read what has changed since the last look; everything at first, or after a restore."""
        last = rows.proposals.last_event_id()
        if last == self._open.seen:
            return
        if last < self._open.seen or self._open.seen < 0:
            self._open = _Open()
            changed = list(rows.proposals.find(Filter(stages=OPEN_STAGES)))
        else:
            changed = rows.proposals.changed_since(self._open.seen)
        opened = [each for each in changed if each.stage in OPEN_STAGES]
        vectors = self.vectors(opened, rows)
        for proposal, vector in zip(opened, vectors, strict=True):
            place = read_place(proposal.place, proposal.description)
            self._open.put(proposal.code, place, vector)
        for proposal in changed:
            if proposal.stage not in OPEN_STAGES:
                self._open.drop(proposal.code)
        self._open.seen = last

    def vectors(self, proposals: Sequence[Proposal], rows: Rows) -> Vectors:
        """`(n, dim)` encodings of proposals: kept ones, and new descriptions encoded now."""
        if not proposals:
            return np.empty((0, self._encoder.dim), np.float32)
        known = rows.proposals.vectors(self._encoder.name, [each.code for each in proposals])
        missing = [each for each in proposals if each.code not in known]
        if missing:
            encoded = self._encoder.encode_query([each.description for each in missing])
            known |= {each.code: row for each, row in zip(missing, encoded, strict=True)}
        return np.stack([known[each.code] for each in proposals])
