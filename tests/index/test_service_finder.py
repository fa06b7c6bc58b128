"""On a small directory with the real encoder, and on the shipped one with labelled questions."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.commands.parts import Parts
from index.bundled import BundledEncoder
from index.places import Place
from index.service_evaluation import evaluate_services
from index.service_finder import ServiceFinder
from knowledge.service import Kind, Office, Scope, Service

OLD_TOWN = Office(name="老城大厅", community="老城", latitude=30.0, longitude=114.0,
                  hours="周一至周五 9:00-17:00")  # fmt: skip
NEW_TOWN = Office(name="新城大厅", community="新城", latitude=30.1, longitude=114.0,
                  hours="每天 9:00-21:00")  # fmt: skip

SERVICES = [
    Service(id="id-lost", name="身份证补领", aliases=("补身份证",), fee="40元", steps=("去派出所",),
            situations=("身份证丢了", "身份证被偷了怎么补", "证件找不到了")),
    Service(id="id-renew", name="身份证换领", aliases=("换身份证",), fee="20元", steps=("办",),
            situations=("身份证快到期了", "身份证过期怎么换")),
    Service(id="id-temporary", name="临时身份证", aliases=("临时证",), fee="10元",
            steps=("去派出所",), situations=("着急坐车没有身份证", "等新证的时候用什么")),
    Service(id="social-card", name="社会保障卡补办", aliases=("社保卡补办",), fee="免费",
            steps=("去银行",), situations=("社保卡丢了", "社保卡坏了刷不出来")),
    Service(id="elder-check", name="老年人免费体检", min_age=65, aliases=("老人体检",), fee="免费",
            situations=("哪里能免费体检", "老人查身体"), steps=("预约",),
            offices=(OLD_TOWN, NEW_TOWN), scope=Scope.COMMUNITY),
    Service(id="women-check", name="妇女两癌筛查", min_age=35, max_age=64, aliases=("两癌筛查",),
            situations=("妇女免费体检", "免费查宫颈"), fee="免费", steps=("预约",)),
    Service(id="noise", name="广场舞噪声", kind=Kind.NUISANCE, aliases=("跳舞扰民",), fee="免费",
            situations=("楼下跳舞太吵", "音响吵得睡不着"), steps=("打110",), phones=("110",)),
    Service(id="hotline-12333", name="社会保障热线12333", kind=Kind.HOTLINE, phones=("12333",),
            aliases=("12333", "社保电话"), situations=("社保卡的事打哪问",), steps=("拨打",)),
    Service(id="hotline-12345", name="便民热线12345", kind=Kind.HOTLINE, phones=("12345",),
            aliases=("12345",), situations=("不知道找谁",), steps=("拨打",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    return BundledEncoder()


@pytest.fixture(scope="module")
def finder(encoder: BundledEncoder) -> ServiceFinder:
    return ServiceFinder.build(SERVICES, encoder)


def ids(finder: ServiceFinder, question: str, **given: object) -> list[str]:
    return [hit.service.id for hit in finder.search(question, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("钱包没了里面的身份证咋补", "id-lost"),
        ("我那证件下个月就过期", "id-renew"),
        ("明天坐火车急用证件", "id-temporary"),
        ("设保卡不见了", "social-card"),  # a slip of sound
        ("大妈们放音乐吵死人", "noise"),
        ("身份证换领", "id-renew"),
        ("社保卡的问题打什么电话", "hotline-12333"),
        ("社保卡丢失", "social-card"),  # not its hotline
    ],
)
def test_the_right_service_comes_first(finder: ServiceFinder, question: str, expected: str) -> None:
    assert ids(finder, question)[0] == expected


def test_scores_fall_and_stay_between_0_and_1(finder: ServiceFinder) -> None:
    scores = [hit.score for hit in finder.search("身份证丢了", limit=9)]
    assert len(scores) == 9
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert scores[0] > 0.9


@pytest.mark.parametrize(
    ("question", "kind"),
    [("身份证丢了怎么补办", "one"), ("身份证怎么办", "several"), ("怎么做红烧肉", "none")],
)
def test_one_several_or_none(finder: ServiceFinder, question: str, kind: str) -> None:
    finding = finder.best(question)
    assert finding.kind == kind
    assert len(finding.hits) in {"one": (1,), "several": (2, 3), "none": (0,)}[kind]
    assert (finding.hotline is not None) == (kind == "none")


def test_with_none_a_hotline_would_know(finder: ServiceFinder) -> None:
    assert finder.best("怎么做红烧肉").hotline == SERVICES[-1]


def test_age_decides_between_rivals(finder: ServiceFinder) -> None:
    assert ids(finder, "免费体检", audience_age=70)[0] == "elder-check"
    assert ids(finder, "免费体检", audience_age=40)[0] == "women-check"
    assert ids(finder, "我70岁了想免费体检")[0] == "elder-check"
    assert ids(finder, "我40岁想免费体检")[0] == "women-check"


def test_the_nearest_office_and_its_distance(finder: ServiceFinder) -> None:
    (hit,) = finder.search("老人体检", limit=1, place=Place(30.09, 114.0))
    assert hit.office == NEW_TOWN
    assert hit.distance_metres == pytest.approx(1112, rel=0.01)


def test_the_office_of_the_own_community_wins(finder: ServiceFinder) -> None:
    (hit,) = finder.search("老人体检", limit=1, place=Place(30.09, 114.0, "老城"))
    assert hit.office == OLD_TOWN


def test_an_open_office_is_preferred_when_a_time_is_given(finder: ServiceFinder) -> None:
    evening = datetime(2026, 9, 16, 19, tzinfo=ZoneInfo("Asia/Shanghai"))
    (hit,) = finder.search("老人体检", limit=1, place=Place(30.0, 114.0), at=evening)
    assert (hit.office, hit.is_open) == (NEW_TOWN, True)
    night = evening.replace(hour=23)
    (hit,) = finder.search("老人体检", limit=1, place=Place(30.0, 114.0), at=night)
    assert (hit.office, hit.is_open) == (OLD_TOWN, False)


def test_what_only_another_community_keeps_comes_later(encoder: BundledEncoder) -> None:
    def canteen(name: str, community: str) -> Service:
        office = Office(name="食堂", community=community)
        return Service(id=name, name="老年食堂", offices=(office,), situations=("老人吃饭",))

    finder = ServiceFinder.build([canteen("a", "老城"), canteen("b", "新城")], encoder)
    assert ids(finder, "老人吃饭", place=Place(community="新城")) == ["b", "a"]
    assert ids(finder, "老人吃饭", place=Place(community="老城")) == ["a", "b"]


def test_the_callers_vector_is_used(finder: ServiceFinder, encoder: BundledEncoder) -> None:
    question = "楼下跳舞吵"
    vector = encoder.encode_query([question])
    given = finder.search(question, vector=vector)
    assert given == finder.search(question) == finder.search(question, vector=vector[0])


def test_a_vector_of_the_wrong_spelling_is_not(
    finder: ServiceFinder, encoder: BundledEncoder
) -> None:
    given = finder.search("设保卡丢了", vector=encoder.encode_query(["设保卡丢了"]))
    assert given == finder.search("社保卡丢了")


def test_a_bare_name_does_not_push_a_full_entry_aside(encoder: BundledEncoder) -> None:
    bare = [Service(id="item", name="居民身份证补领", department="公安分局")]
    assert ids(ServiceFinder.build([*bare, *SERVICES], encoder), "身份证丢了")[0] == "id-lost"


@pytest.mark.parametrize("services", [[], SERVICES[:1]])
def test_few_services_are_enough(encoder: BundledEncoder, services: Sequence[Service]) -> None:
    finder = ServiceFinder.build(services, encoder)
    assert len(finder.search("身份证丢了")) == len(services)
    assert finder.best("怎么做红烧肉").kind in ("none", "one", "several")


@pytest.mark.parametrize("question", ["", " ", "😀😀", "啊" * 5000, "\x00\ud800", "a'; DROP TABLE"])
def test_any_question_is_taken(finder: ServiceFinder, question: str) -> None:
    assert len(finder.search(question)) == 3


def test_a_second_start_encodes_nothing(tmp_path: Path, encoder: BundledEncoder) -> None:
    class Refusing(BundledEncoder):
        def encode_query(self, texts: Sequence[str]) -> np.ndarray:  # type: ignore[type-arg]
            raise AssertionError(texts)

    first = ServiceFinder.build(SERVICES, encoder, tmp_path)
    second = ServiceFinder.build(SERVICES, Refusing(), tmp_path)
    vector = encoder.encode_query(["身份证丢了"])
    found, again = (each.search("身份证丢了", vector=vector) for each in (first, second))
    assert [hit.service for hit in found] == [hit.service for hit in again]


LABELLED = Path(__file__).parents[1] / "data" / "services.jsonl"


def test_quality_on_labelled_questions(parts: Parts) -> None:
    """The floors lie 0.02 below what docs/services.md says was measured."""
    measured = evaluate_services(LABELLED, parts.finder)
    assert measured["questions"] >= 300
    assert measured["hit@1"] >= 0.90
    assert measured["hit@3"] >= 0.945
