"""What residents bring up again and again: groups of proposals by meaning and place, over time.

Leader clustering: in the order of their creation, each proposal joins the group that it is most
like, by the same rule that finds similar proposals, or opens a new one. A group is compared by the
mean of its meanings and the place of its first proposal, so that it does not drift from street to
street. The cost is one product of matrices a proposal, `O(proposals × groups)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from bot.proposals.places import PlaceName, likeness, read_place
from bot.proposals.similar import MIN_MEANING, similarity
from bot.storage.proposals import OPEN_STAGES
from bot.storage.records import Proposal
from index.encoder import Vectors

HALF_LIFE = timedelta(days=14)
"""A proposal counts half as much for how hot its topic is, each time that so long has passed."""

WEEK = timedelta(days=7)
SPARKS = "▁▂▃▄▅▆▇█"


@dataclass
class Topic:
    """Proposals about one matter in one place, oldest first.

    `counts` are the proposals of each of the last weeks, the present one last; `heat` is the number
    of proposals, each halved with every `HALF_LIFE` of its age.
    """

    proposals: list[Proposal] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    heat: float = 0.0

    @property
    def title(self) -> str:
        """The words of the latest proposal stand for all."""
        return self.proposals[-1].title

    @property
    def open(self) -> int:
        """How many are still open."""
        return sum(each.stage in OPEN_STAGES for each in self.proposals)

    def as_dict(self) -> dict[str, object]:
        """Everything as JSON can hold it; contacts are masked by the caller."""
        return {
            "title": self.title,
            "place": self.proposals[-1].place,
            "community": self.proposals[-1].community,
            "category": self.proposals[-1].category,
            "proposals": len(self.proposals),
            "open": self.open,
            "heat": round(self.heat, 3),
            "weeks": self.counts,
            "first": self.proposals[0].created_at.isoformat(),
            "last": self.proposals[-1].created_at.isoformat(),
            "codes": [each.code for each in self.proposals],
        }


def find_topics(
    proposals: Sequence[Proposal], meanings: Vectors, now: datetime, weeks: int = 8
) -> list[Topic]:
    """Group proposals, hot topics first; `meanings` are their centred `(n, dim)` encodings.

    `proposals` come oldest first. Raises ValueError when the two are not of one length.
    """
    if len(proposals) != len(meanings):
        raise ValueError(f"{len(proposals)} proposals, but {len(meanings)} meanings")
    groups = _group(proposals, meanings)
    topics = [_topic([proposals[row] for row in group], now, weeks) for group in groups]
    return sorted(topics, key=lambda topic: (-topic.heat, -len(topic.proposals), topic.title))


def spark(counts: Sequence[int]) -> str:
    """Counts as a line of small bars; nothing is the lowest bar."""
    top = max(counts, default=0)
    return "".join(SPARKS[round(count / top * (len(SPARKS) - 1)) if top else 0] for count in counts)


def _group(proposals: Sequence[Proposal], meanings: Vectors) -> list[list[int]]:
    groups: list[list[int]] = []
    places: list[PlaceName] = []
    sums = np.zeros_like(meanings)
    middles = np.zeros_like(meanings)
    for row, proposal in enumerate(proposals):
        place = read_place(proposal.place, proposal.description)
        best, best_score = -1, 0.0
        scores = middles[: len(groups)] @ meanings[row]
        for group in np.flatnonzero(scores >= MIN_MEANING):
            score = similarity(float(scores[group]), likeness(place, places[group]))
            if score > best_score:
                best, best_score = int(group), score
        if best < 0:
            best = len(groups)
            groups.append([])
            places.append(place)
        groups[best].append(row)
        sums[best] += meanings[row]
        middles[best] = sums[best] / max(1e-9, float(np.linalg.norm(sums[best])))
    return groups


def _topic(proposals: list[Proposal], now: datetime, weeks: int) -> Topic:
    topic = Topic(proposals, [0] * weeks)
    for each in proposals:
        age = max(timedelta(), now - each.created_at)
        topic.heat += 0.5 ** (age / HALF_LIFE)
        if (back := int(age / WEEK)) < weeks:
            topic.counts[weeks - 1 - back] += 1
    return topic
