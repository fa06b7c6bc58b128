from dataclasses import replace as changed

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import index.retriever as module
from index.bundled import BundledEncoder
from index.indexer import Indexer
from index.query import EverydayWords
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.loaders import build_document


def first(retriever: Retriever, question: str) -> str:
    return retriever.search(question)[0].document.id


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("遛狗要不要拴绳", "dogs"),
        ("周末能不能用电钻", "noise"),
        ("老楼加装电梯要交什么材料", "lift"),
        ("客人来了车停哪里", "parking"),
        ("宠物出门要牵着吗", "dogs"),
    ],
)
def test_words_and_meaning_find_the_document(
    retriever: Retriever, question: str, document: str
) -> None:
    assert first(retriever, question) == document


def test_each_document_comes_once_while_there_are_others(retriever: Retriever) -> None:
    passages = retriever.search("高龄津贴怎么领", limit=8)
    assert len({passage.document.id for passage in passages}) == len(passages) == 8


def test_scores_are_probabilities_and_follow_the_rank(retriever: Retriever) -> None:
    scores = [passage.score for passage in retriever.search("遛狗要不要拴绳", limit=8)]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)


def test_a_vector_at_hand_changes_nothing(retriever: Retriever, bundled: BundledEncoder) -> None:
    question = "周末能不能用电钻"
    vector = bundled.encode_query([question])[0]
    assert retriever.search(question, vector=vector) == retriever.search(question)


def test_only_some_documents(retriever: Retriever) -> None:
    passages = retriever.search("遛狗要不要拴绳", only={"lift", "noise", "not-there"})
    assert {passage.document.id for passage in passages} == {"lift", "noise"}
    assert retriever.search("遛狗要不要拴绳", only={"not-there"}) == []
    assert retriever.search("遛狗要不要拴绳", only=set()) == []


def test_what_was_superseded_is_ranked_below(retriever: Retriever) -> None:
    found = [passage.document.id for passage in retriever.search("垃圾分几类，乱扔罚多少")]
    assert found.index("waste-new") < found.index("waste-old")


def test_the_place_in_the_question_decides(retriever: Retriever) -> None:
    assert first(retriever, "江畔市的高龄津贴多少钱") == "allowance-hankou"
    assert first(retriever, "山阳市的高龄津贴多少钱") == "allowance-hill"


def test_home_decides_where_no_place_is_named(
    neighbourhood: Snapshot, bundled: BundledEncoder
) -> None:
    for region, document in (("江畔市", "allowance-hankou"), ("山阳市", "allowance-hill")):
        assert first(Retriever(neighbourhood, bundled, region=region), "高龄津贴多少钱") == document


def test_everyday_words_reach_official_ones(
    neighbourhood: Snapshot, bundled: BundledEncoder
) -> None:
    table = EverydayWords({"汪星人": ["养狗", "遛狗"]})
    plain = Retriever(neighbourhood, bundled, everyday=EverydayWords({}))
    expanded = Retriever(neighbourhood, bundled, everyday=table)
    question = "汪星人"
    words = [
        {p.document.id: p.signals.words for p in one.search(question, limit=8)}["dogs"]
        for one in (plain, expanded)
    ]
    assert words[1] > words[0] == 0


def test_a_large_base_is_searched_from_both_sides(
    neighbourhood: Snapshot, bundled: BundledEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = [p.document.id for p in Retriever(neighbourhood, bundled).search("遛狗要不要拴绳")]
    monkeypatch.setattr(module, "FLAT_LIMIT", 0)
    large = [p.document.id for p in Retriever(neighbourhood, bundled).search("遛狗要不要拴绳")]
    assert large == exact


def test_an_empty_base_and_no_limit_give_nothing(
    tmp_path, bundled: BundledEncoder, retriever: Retriever
) -> None:  # type: ignore[no-untyped-def]
    indexer = Indexer(tmp_path, bundled)
    indexer.add([build_document("a", "晚上十点以后不跳广场舞。")])
    indexer.remove(["a"])
    assert Retriever(Snapshot.open_current(tmp_path), bundled).search("遛狗") == []
    assert retriever.search("遛狗要不要拴绳", limit=0) == []


def test_an_index_without_sentence_vectors_is_searched(tmp_path, bundled: BundledEncoder) -> None:  # type: ignore[no-untyped-def]
    documents = [
        build_document("a", "晚上十点以后不跳广场舞。"),
        build_document("b", "快递放在东门驿站。"),
    ]
    Indexer(tmp_path, bundled, sentence_vectors=False).add(documents)
    snapshot = Snapshot.open_current(tmp_path)
    assert first(Retriever(snapshot, bundled), "快递在哪里拿") == "b"


@pytest.fixture(scope="module")
def vector(bundled: BundledEncoder) -> np.ndarray:
    return bundled.encode_query(["随便问问"])[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=80), st.integers(1, 12))
def test_any_question_gives_sound_passages(
    retriever: Retriever, vector: np.ndarray, question: str, limit: int
) -> None:
    passages = retriever.search(question, limit=limit, vector=vector)
    assert 0 < len(passages) <= limit
    for passage in passages:
        chunk = passage.chunk
        assert chunk.text == passage.document.text[chunk.start : chunk.end]
        assert 0 <= passage.score <= 1
        assert np.isfinite(list(changed(passage.signals).__getstate__())).all()
