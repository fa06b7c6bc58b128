"""Needs and resources brought together: who in the community could help with what is asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from index.encoder import Encoder, Vectors
from index.lexical import tokens
from knowledge.resources import Resource

# Everyday texts of many topics: with few needs and resources, what all texts have in common could
# not be told from what these few are about.
_BACKGROUND = (
    "路灯坏了", "想学书法", "水管漏水", "量血压", "怎么办低保", "电梯停了", "孩子上学", "打疫苗",
    "租房子", "垃圾没人收", "老人吃饭", "开会的场地", "请律师", "狗叫扰民", "停车难", "办身份证",
    "找工作", "物业收费", "搬旧家具", "心里难受",
)  # fmt: skip
_MIN_SCORE = 0.25
_WORD_WEIGHT = 0.15
# Whoever mends sockets does not mend zithers: short texts with the same verb look alike. So what
# something is done to must be like, too, all but this much.
_THING_SLACK = 0.10
# Wishes and the verbs that go with everything.
_ACT = re.compile(
    r"^(?:有没有人|有谁|谁能|谁会|能不能|哪里能|想要|帮忙|帮我|上门|维修|修理|学习|借用"
    r"|[想请找人帮会能教学修借换])+(?=.)"
)
_SAME_COMMUNITY = 0.03
# Centred cosine distance up to which two wordings are one need; average linkage.
_SAME_NEED = 0.55


@dataclass(frozen=True)
class Need:
    """What residents ask for: one wording that stands for all, and every wording there was."""

    text: str
    wordings: tuple[str, ...] = ()
    community: str = ""

    @property
    def count(self) -> int:
        """How many times it was said."""
        return max(1, len(self.wordings))


@dataclass(frozen=True)
class Match:
    """A resource proposed for a need. `score` is about 0 to 1, `why` the skill that fits."""

    need: Need
    resource: Resource
    score: float
    why: str


def group_needs(texts: Sequence[str], encoder: Encoder, community: str = "") -> list[Need]:
    """Put wordings of one need together, most often asked first.

    Average-linkage clustering of the texts' query vectors; the text nearest to the middle of its
    group stands for it.
    """
    if not texts:
        return []
    unique = list(dict.fromkeys(texts))
    vectors = _centred(unique, encoder)
    labels = np.zeros(len(unique), int)
    if len(unique) > 1:
        clustering = AgglomerativeClustering(
            n_clusters=None, metric="cosine", linkage="average", distance_threshold=_SAME_NEED
        )
        labels = clustering.fit_predict(vectors)
    needs = []
    for label in dict.fromkeys(labels.tolist()):
        rows = np.flatnonzero(labels == label)
        middle = rows[np.argmax(vectors[rows] @ vectors[rows].mean(axis=0))]
        members = {unique[row] for row in rows}
        wordings = tuple(text for text in texts if text in members)
        needs.append(Need(unique[middle], wordings, community))
    return sorted(needs, key=lambda need: -need.count)


def match(
    needs: Sequence[Need], resources: Sequence[Resource], encoder: Encoder, limit: int = 3
) -> list[Match]:
    """For each need, in order, up to `limit` resources that could meet it, best first.

    A resource's best skill counts: likeness in meaning, and words in common, but no more than the
    thing that it is about allows. Needs that nothing fits have no match.
    """
    skills = [(number, skill) for number, each in enumerate(resources) for skill in each.skills]
    if not needs or not skills:
        return []
    wanted, texts = [need.text for need in needs], [skill for _, skill in skills]
    likeness = _likeness(wanted, texts, encoder) + _WORD_WEIGHT * _shared_words(wanted, texts)
    things = _likeness(_things(wanted), _things(texts), encoder)
    likeness = np.minimum(likeness, things + _THING_SLACK)
    owners = np.array([number for number, _ in skills])
    matches: list[Match] = []
    for row, need in enumerate(needs):
        matches += _best(need, likeness[row], owners, texts, resources, limit)
    return matches


def _best(
    need: Need,
    likeness: Vectors,
    owners: NDArray[np.int64],
    texts: Sequence[str],
    resources: Sequence[Resource],
    limit: int,
) -> list[Match]:
    found: dict[int, Match] = {}
    for column in np.argsort(-likeness, kind="stable"):
        owner = int(owners[column])
        resource = resources[owner]
        is_near = need.community and resource.community == need.community
        score = float(likeness[column]) + (_SAME_COMMUNITY if is_near else 0.0)
        if owner not in found and score >= _MIN_SCORE:
            found[owner] = Match(need, resource, min(1.0, score), texts[column])
    return sorted(found.values(), key=lambda each: -each.score)[:limit]


def _things(texts: Sequence[str]) -> list[str]:
    """What each text is about, without what is to be done to it."""
    return [_ACT.sub("", text) for text in texts]


def _likeness(needs: Sequence[str], skills: Sequence[str], encoder: Encoder) -> Vectors:
    """Centred cosine of every need with every skill, `(needs, skills) float32`."""
    vectors = _centred([*needs, *skills], encoder)
    likeness: Vectors = vectors[: len(needs)] @ vectors[len(needs) :].T
    return likeness


def _shared_words(needs: Sequence[str], skills: Sequence[str]) -> Vectors:
    """Share of a skill's rare words that stand in the need, `(needs, skills) float32`, 0 to 1."""
    skill_words = [set(tokens(skill).words) for skill in skills]
    counts: dict[str, int] = {}
    for words in skill_words:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    weight = {word: np.log1p(len(skills) / count) for word, count in counts.items()}
    shared = np.zeros((len(needs), len(skills)), np.float32)
    for row, need in enumerate(needs):
        said = set(tokens(need).words)
        for column, words in enumerate(skill_words):
            total = sum(weight[word] for word in words)
            shared[row, column] = sum(weight[word] for word in words & said) / total if total else 0
    return shared


def _centred(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """Query vectors without what all texts have in common, which hides the differences."""
    vectors = encoder.encode_query([*texts, *_BACKGROUND])
    moved = vectors[: len(texts)] - vectors.mean(axis=0)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    unit: Vectors = (moved / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
