"""The same matter in the same place: proposals that mean what a new one means.

Both must agree. Meaning is the inner product of the encoded descriptions; place is compared by
what addresses are made of: a building or house number that differs is another place, a name that
both share is the same one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bot.storage.database import Database
from bot.storage.proposals import OPEN_STAGES, Filter
from bot.storage.records import Proposal
from index.encoder import Encoder, Vectors

MIN_MEANING = 0.90
"""Below this, two descriptions are about different matters (inner product of the encoder)."""

MIN_PLACE = 0.5
NUMBER = re.compile(r"\d+|[一二三四五六七八九十]+(?=[号栋幢座楼单元])")
CHINESE_DIGITS = {digit: str(value) for value, digit in enumerate("一二三四五六七八九十", 1)}


@dataclass(frozen=True)
class Similar:
    """An open proposal like the new one; `score` is from 0 to 1."""

    proposal: Proposal
    score: float


class SimilarFinder:
    """Looks among the open proposals."""

    def __init__(self, database: Database, encoder: Encoder) -> None:
        self._database = database
        self._encoder = encoder

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
        with self._database.read() as rows:
            opened = [
                proposal
                for proposal in rows.proposals.find(Filter(stages=OPEN_STAGES))
                if place_likeness(place, proposal.place) >= MIN_PLACE
            ]
            vectors = rows.proposals.vectors(self._encoder.name)
        missing = [p for p in opened if p.code not in vectors]
        if missing:
            encoded = self._encoder.encode_query([p.description for p in missing])
            vectors |= {p.code: row for p, row in zip(missing, encoded, strict=True)}
        if not opened:
            return []
        return list(_best(opened, vectors, self.encode(description), place, limit))


    def like(self, code: str) -> list[Similar]:
        """Other open proposals like one that stands in the ledger."""
        return []


def _best(
    opened: list[Proposal], vectors: dict[str, Vectors], query: Vectors, place: str, limit: int
) -> Iterable[Similar]:
    meanings = np.stack([vectors[p.code] for p in opened]) @ query
    for row in np.argsort(-meanings)[:limit]:
        if meanings[row] >= MIN_MEANING:
            likeness = place_likeness(place, opened[row].place)
            yield Similar(opened[row], float(meanings[row]) * likeness)


def place_likeness(one: str, other: str) -> float:
    """How far two places are the same, from 0 to 1.

    Character-bigram overlap with the shorter one; 0 where both name numbers and none is shared.
    """
    numbers = [{CHINESE_DIGITS.get(n, n) for n in NUMBER.findall(text)} for text in (one, other)]
    if numbers[0] and numbers[1] and not numbers[0] & numbers[1]:
        return 0.0
    pairs = [{text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other)]
    shorter = min(len(pairs[0]), len(pairs[1]))
    return len(pairs[0] & pairs[1]) / shorter if shorter else float(one == other)
