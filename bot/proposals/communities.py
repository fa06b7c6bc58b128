"""The tree of places that a proposal can belong to: estate → community → street → district."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError


class CommunityError(Exception):
    """A file of communities cannot be used; the message says which entry, and why."""


class Level(StrEnum):
    """The four levels, from the widest to the narrowest."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    ESTATE = "estate"


_DEPTH = {level: depth for depth, level in enumerate(Level)}
# What people leave out when they name a place: 幸福里 for 幸福里小区.
_SUFFIXES = ("小区", "社区", "街道", "新村", "区")
_SHORTEST_SHORT_NAME = 3  # two characters (幸福) are part of too many other words


@dataclass(frozen=True, slots=True)
class Community:
    """One place of the tree; `parent` is the id of the next wider one, empty at the top.

    `departments` are the units of this level that take on matters.
    """

    id: str
    name: str
    level: Level
    parent: str = ""
    aliases: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every way in which people write it: name, aliases, and both without their suffix."""
        full = (self.name, *self.aliases)
        short = (
            name.removesuffix(suffix)
            for name in full
            for suffix in _SUFFIXES
            if name.endswith(suffix)
        )
        return (*full, *(name for name in short if len(name) >= _SHORTEST_SHORT_NAME))


class Communities:
    """The whole tree."""

    def __init__(self, places: tuple[Community, ...]) -> None:
        """Keep the tree of `places`; raises CommunityError when it is none."""
        self._by_id = {place.id: place for place in places}
        for community_id, times in Counter(place.id for place in places).items():
            if times > 1:
                raise CommunityError(f"编号 {community_id} 出现了 {times} 次。")
        for place in places:
            self._check_parent(place)

    @classmethod
    def load(cls, path: Path) -> "Communities":
        """From a YAML list of `{id, name, level, parent, aliases?, departments?}`.

        Raises CommunityError.
        """
        try:
            entries: Any = yaml.safe_load(path.read_text("utf-8")) or []
            places = TypeAdapter(tuple[Community, ...]).validate_python(entries)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CommunityError(f"读不了社区名册 {path}：{error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = " → ".join(str(part) for part in first["loc"])
            raise CommunityError(f"社区名册 {path} 第 {where} 项：{first['msg']}") from error
        return cls(places)

    def __iter__(self) -> Iterator[Community]:
        """All places, in the order of the file."""
        return iter(self._by_id.values())

    def get(self, community_id: str) -> Community | None:
        """The place with this id."""
        return self._by_id.get(community_id)

    def path(self, community_id: str) -> tuple[Community, ...]:
        """The place and what it lies in, widest first; empty for an unknown id."""
        chain: list[Community] = []
        place = self._by_id.get(community_id)
        while place is not None:
            chain.append(place)
            place = self._by_id.get(place.parent)
        return tuple(reversed(chain))

    def within(self, community_id: str) -> tuple[str, ...]:
        """The ids of a place and of everything inside it; empty for an unknown id."""
        return tuple(p.id for p in self if any(c.id == community_id for c in self.path(p.id)))

    def outside(self, worker_community: str) -> tuple[str, ...]:
        """The ids of the places for which a worker of one place is not responsible."""
        return tuple(place.id for place in self if not self.covers(worker_community, place.id))

    def departments(self, community_id: str) -> tuple[str, ...]:
        """The units that can take on a matter of a place: its own, then those of wider places."""
        path = reversed(self.path(community_id))
        return tuple(dict.fromkeys(unit for place in path for unit in place.departments))

    def name(self, community_id: str) -> str:
        """How people call the place; what is not in the tree is its own name."""
        place = self._by_id.get(community_id)
        return place.name if place else community_id

    def find(self, name: str) -> Community | None:
        """The place with this id, or the only one with this name or alias."""
        named = [place for place in self if name in (place.name, *place.aliases)]
        return self.get(name) or (named[0] if len(named) == 1 else None)

    def covers(self, worker_community: str, proposal_community: str) -> bool:
        """Whether a worker of one place is responsible for a proposal of another.

        So it is for the same place and all inside it. A worker of no place is responsible
        everywhere; a proposal of no known place is everybody's, so that none is left lying.
        """
        if not worker_community or proposal_community not in self._by_id:
            return True
        return any(place.id == worker_community for place in self.path(proposal_community))

    def resolve(self, text: str) -> Community | None:
        """The place that a text names, or None when it names none, or it is not clear which.

        The longest name wins, then the narrowest level; a wider place that is named too (街道 and
        小区 of one name) decides between places of the same name.
        """
        found = self.candidates(text)
        return found[0] if len(found) == 1 else None

    def candidates(self, text: str) -> tuple[Community, ...]:
        """All places that a text may mean, equally good; several only when it is not clear."""
        named = self._named(text)
        narrowest = [
            (sum(each.id in named for each in self.path(place)), length, place)
            for place, length in named.items()
            if not any(place != other and self._lies_in(other, place) for other in named)
        ]
        if not narrowest:
            return ()
        best = max((depth, length) for depth, length, _ in narrowest)
        return tuple(
            self._by_id[place] for depth, length, place in narrowest if (depth, length) == best
        )

    def _named(self, text: str) -> dict[str, int]:
        """The ids of the places that a text names, with the length of the longest name.

        A name inside a longer one does not count: 幸福里 in 幸福里社区 is not 幸福里小区.
        """
        spans = [
            (match.start(), match.end(), place.id)
            for place in self
            for name in place.names
            for match in re.finditer(re.escape(name), text)
        ]
        named: dict[str, int] = {}
        for start, end, place_id in spans:
            inside = any(
                from_ <= start and end <= to and to - from_ > end - start for from_, to, _ in spans
            )
            if not inside:
                named[place_id] = max(named.get(place_id, 0), end - start)
        return named

    def _lies_in(self, inner: str, outer: str) -> bool:
        return any(place.id == outer for place in self.path(inner))

    def _check_parent(self, place: Community) -> None:
        if not place.parent:
            return
        parent = self._by_id.get(place.parent)
        if parent is None:
            raise CommunityError(f"{place.name}（{place.id}）的上级 {place.parent} 不存在。")
        if _DEPTH[parent.level] >= _DEPTH[place.level]:
            raise CommunityError(
                f"{place.name}（{place.level}）不能归在 {parent.name}（{parent.level}）之下。"
            )
