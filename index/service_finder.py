"""The right service for a question asked in everyday words.

Every service is known by several short texts (name, aliases, situations, materials). How well
each fits the question in meaning is pooled by a soft maximum, so that a service which several of
its texts speak for beats one that a single text resembles by chance; BM25 over words and pairs of
characters is added. What each step gains is measured in docs/services.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder, Vectors
from index.lexical import LexicalIndex
from index.places import Place, nearest_office, office_distance
from index.service_decision import NO_SERVICE, Decision, Scores
from index.service_texts import dense_texts, read_age, word_text
from index.spelling import SpellingCorrector
from index.text_cache import Progress, cached_query_vectors, cached_words
from knowledge.service import Kind, Office, Scope, Service

# The soft maximum over a service's texts is log(sum(exp(sharpness * cosine)) / n**share) /
# sharpness: sharper is nearer the maximum; share 0 favours services with many texts, 1 the mean.
_SHARPNESS = 7.5
_SHARE = 0.5
_WORD_WEIGHT = 0.02
# A hotline answers a little of everything; the service itself is the better answer, unless the
# question asks for a number.
_HOTLINE_HANDICAP = 0.04
_ASKS_NUMBER = re.compile(r"电话|热线|号码|打(哪|什么|啥|几|多少)|拨|专线|客服|\d{5}")
# An entry of which nothing but the name is known must be clearly better than a full one.
_BARE_HANDICAP = 0.05
_BARE_FULLNESS = 1
_RIGHT_AGE = 0.05
_WRONG_AGE = 0.20
# Who is nearly old enough asks about the same service.
_AGE_SLACK = 5
_OWN_COMMUNITY = 0.03
_OTHER_COMMUNITY = 0.10


# A hotline that is not near enough as an answer may still be the right one to refer to.
_REFERRAL_SLACK = 0.10
# What is asked stands in the first sentences.
_MAX_QUESTION = 500


@dataclass(frozen=True)
class ServiceHit:
    """A service found. `score` is 0 to 1: how likely it is that the service is meant at all.

    `office` is the one to go to: of the person's community, else the nearest, preferring those
    open at the time asked about; `distance_metres` and `is_open` are None where unknown.
    """

    service: Service
    score: float
    office: Office | None = None
    distance_metres: float | None = None
    is_open: bool | None = None


@dataclass(frozen=True)
class Finding:
    """One clear answer, several to choose from (two or three), or none that is near enough.

    With none, `hits` is empty and `hotline` is the number that would know, if there is one.
    """

    kind: Literal["one", "several", "none"]
    hits: tuple[ServiceHit, ...]
    hotline: Service | None = None


class ServiceFinder:
    """Ranks services for questions. Immutable and safe to use from several threads."""

    def __init__(
        self,
        services: Sequence[Service],
        encoder: Encoder,
        vectors: Vectors,
        starts: NDArray[np.intp],
        words: LexicalIndex,
        no_service: Vectors,
    ) -> None:
        """`vectors` is `(n, dim) float32`, the texts of service i from row `starts[i]` on;
        `no_service` are those of `NO_SERVICE`.
        """
        self.services = tuple(services)
        self._encoder = encoder
        self._no_service = no_service.copy()  # a view would keep all that it was cut from
        count = len(vectors) + len(no_service)
        self._centre = (vectors.sum(axis=0) + no_service.sum(axis=0)) / np.float32(count)
        self._vectors = _unit(vectors - self._centre)
        self._starts = starts
        counts = np.diff(np.append(starts, len(vectors)))
        self._size_share = _SHARE * np.log(np.maximum(counts, 1)).astype(np.float32)
        self._words = words
        self._handicap = np.array([_standing_handicap(each) for each in services], np.float32)
        self._min_age = np.array([each.min_age or 0 for each in services], np.int64)
        self._max_age = np.array([each.max_age or 200 for each in services], np.int64)
        self._has_age = (self._min_age > 0) | (self._max_age < 200)
        self._is_hotline = np.array([each.kind is Kind.HOTLINE for each in services], bool)

    @classmethod
    def build(
        cls,
        services: Sequence[Service],
        encoder: Encoder,
        cache_dir: Path | None = None,
        progress: Progress | None = None,
    ) -> "ServiceFinder":
        """Index services; vectors of texts seen before come from `cache_dir`."""
        texts = [dense_texts(service) for service in services]
        lengths = np.array([len(each) for each in texts], np.intp)
        starts = (
            np.concatenate([np.zeros(1, np.intp), np.cumsum(lengths)[:-1]]) if texts else lengths
        )
        flat = [text for each in texts for text in each]
        vectors = cached_query_vectors([*flat, *NO_SERVICE], encoder, cache_dir, progress)
        words = cached_words([word_text(service) for service in services], cache_dir)
        count = len(flat)
        return cls(services, encoder, vectors[:count], starts, words, vectors[count:])

    @cached_property
    def _corrector(self) -> SpellingCorrector:
        return SpellingCorrector.of([each for each in self.services if each.situations])

    def search(
        self,
        question: str,
        limit: int = 3,
        vector: Vectors | None = None,
        place: Place | None = None,
        at: datetime | None = None,
        audience_age: int | None = None,
    ) -> list[ServiceHit]:
        """The best services, best first.

        `vector` is the question's `(dim,)` or `(1, dim) float32` query encoding where the caller
        has it already; `at` (aware) the time the person means to go; `audience_age` in years, by
        default read from the question.
        """
        scores = self._scores(question, vector, place, audience_age)
        order = np.argsort(-scores, kind="stable")[:limit]
        return [self._hit(int(row), float(scores[row]), place, at) for row in order]

    def best(
        self,
        question: str,
        vector: Vectors | None = None,
        place: Place | None = None,
        at: datetime | None = None,
        audience_age: int | None = None,
    ) -> Finding:
        """Decide between one clear answer, two or three to choose from, and none."""
        scores = self._scores(question, vector, place, audience_age)
        order = np.argsort(-scores, kind="stable")[:3]
        chosen = self._decision.count(scores[order])
        if not chosen:
            return Finding("none", (), self._referral(scores))
        hits = tuple(self._hit(int(row), float(scores[row]), place, at) for row in order[:chosen])
        return Finding("one" if chosen == 1 else "several", hits)

    def _scores(
        self, question: str, vector: Vectors | None, place: Place | None, age: int | None
    ) -> Scores:
        """Fit of every service to the question and the person, `(n,) float32`; see `Decision`."""
        question = question[:_MAX_QUESTION]
        corrected = self._corrector.correct(question)
        if vector is None or corrected != question:
            vector = self._encoder.encode_query([corrected])
        scores = self._fit(corrected, vector)
        return scores + self._personal(place, read_age(corrected) if age is None else age)

    def _fit(self, question: str, vector: Vectors) -> Scores:
        """Fit in meaning and words, `(n,) float32`, not bounded."""
        if not self.services:
            return np.zeros(0, np.float32)
        query = _unit(vector.reshape(1, -1) - self._centre)[0]
        sums = np.add.reduceat(np.exp(_SHARPNESS * (self._vectors @ query)), self._starts)
        scores: Scores = (np.log(sums) - self._size_share) / np.float32(_SHARPNESS)
        scores += _WORD_WEIGHT * self._words.scores(question, word_weight=0.5, bigram_weight=0.5)
        scores -= self._handicap
        if not _ASKS_NUMBER.search(question):
            scores -= _HOTLINE_HANDICAP * self._is_hotline
        return scores

    @cached_property
    def _decision(self) -> Decision:
        """What texts that ask for no service score by chance."""
        best = [
            self._fit(text, vector).max(initial=0.0)
            for text, vector in zip(NO_SERVICE, self._no_service, strict=True)
        ]
        return Decision.above_noise(np.array(best, np.float32))

    def _personal(self, place: Place | None, age: int | None) -> Scores:
        """What the person's age and community change, `(n,) float32`."""
        change = np.zeros(len(self.services), np.float32)
        if age is not None:
            years_off = np.maximum(self._min_age - age, age - self._max_age)
            fit = np.where(years_off <= 0, _RIGHT_AGE, -_WRONG_AGE * (years_off > _AGE_SLACK))
            change += self._has_age * fit
        if place and place.community:
            change += [_community_fit(each, place.community) for each in self.services]
        return change

    def _hit(self, row: int, score: float, place: Place | None, at: datetime | None) -> ServiceHit:
        service = self.services[row]
        offices = service.offices
        if at is not None:
            offices = tuple(each for each in offices if each.opening_hours.is_open(at)) or offices
        office = nearest_office(offices, place or Place())
        return ServiceHit(
            service,
            self._decision.probability(score),
            office,
            office_distance(office, place) if office and place else None,
            office.opening_hours.is_open(at) if office and at else None,
        )

    def _referral(self, scores: Scores) -> Service | None:
        """The hotline nearest to the question, where it is near at all, else the general one."""
        hotlines = np.flatnonzero(self._is_hotline)
        if not len(hotlines):
            return None
        nearest = int(hotlines[np.argmax(scores[hotlines])])
        if scores[nearest] >= self._decision.near - _REFERRAL_SLACK:
            return self.services[nearest]
        general = (each for each in self.services if each.phones[:1] == ("12345",))
        return next((each for each in general if each.kind is Kind.HOTLINE), None)


def _standing_handicap(service: Service) -> float:
    return _BARE_HANDICAP if service.fullness <= _BARE_FULLNESS else 0.0


def _community_fit(service: Service, community: str) -> float:
    """Favour what the person's own community keeps over what only another one does."""
    kept_by = {office.community for office in service.offices if office.community}
    if not kept_by or service.scope is Scope.NATIONAL:
        return 0.0
    return _OWN_COMMUNITY if community in kept_by else -_OTHER_COMMUNITY


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = np.divide(vectors, np.maximum(lengths, 1e-12), dtype=np.float32)
    return unit
