"""The index of a home over the one that is shipped."""

from pathlib import Path
from typing import Any

import pytest

from index.encoder import Encoder
from index.indexer import Indexer, Report
from index.snapshot import SnapshotHandle, current_name
from tests.index.homes import Build, NewEncoder, held, names_below


@pytest.fixture
def base(tmp_path: Path, encoder: Encoder, document: Build) -> Path:
    Indexer(tmp_path / "base", encoder).add([document("s1"), document("s2")])
    return tmp_path / "base"


@pytest.fixture
def user(root: Path, base: Path, encoder: Any) -> Indexer:
    encoder.encoded.clear()
    return Indexer(root, encoder, base=base)


def test_an_empty_home_uses_the_base_itself(
    user: Indexer, root: Path, encoder: Any, document: Build
) -> None:
    assert not user.is_stale()
    assert user.refresh() == Report()
    assert user.add([document("s1")]).unchanged == ("s1",)
    assert "current" not in names_below(root)
    assert encoder.encoded == []


def test_added_documents_stand_beside_shipped_ones(
    user: Indexer, root: Path, encoder: Any, document: Build
) -> None:
    user.add([document("a")])
    assert set(held(root)) == {"a", "s1", "s2"}
    assert all("a" in text for text in encoder.encoded)


def test_new_shipped_knowledge_is_merged(
    user: Indexer, root: Path, base: Path, encoder: Any, document: Build
) -> None:
    user.add([document("a")])
    Indexer(base, encoder).replace([document("s2", "新的路灯规定。"), document("s3")])
    encoder.encoded.clear()
    assert user.is_stale()
    report = user.refresh()
    assert report.reasons == ("自带的资料更新了",)
    assert set(held(root)) == {"a", "s2", "s3"}
    assert held(root)["s2"] == "新的路灯规定。"
    assert encoder.encoded == []  # the base had encoded it already
    assert not user.is_stale()
    assert user.refresh() == Report()


def test_own_documents_go_before_shipped_ones(
    user: Indexer, root: Path, base: Path, encoder: Encoder, document: Build
) -> None:
    assert user.add([document("s1", "我们小区的规定。")]).changed == ("s1",)
    Indexer(base, encoder).add([document("s1", "新的路灯规定。")])
    user.refresh()
    assert held(root)["s1"] == "我们小区的规定。"


def test_a_removed_shipped_document_stays_away(
    user: Indexer, root: Path, base: Path, encoder: Encoder, document: Build
) -> None:
    assert user.remove(["s1"]).removed == ("s1",)
    Indexer(base, encoder).add([document("s1", "新的路灯规定。")])
    user.refresh()
    assert set(held(root)) == {"s2"}
    user.add([document("s1", "又要了。")])
    assert held(root)["s1"] == "又要了。"


def test_a_base_of_another_encoder_is_encoded_again(
    root: Path, base: Path, counting_encoder: NewEncoder
) -> None:
    user = Indexer(root, counting_encoder("another"), base=base)
    assert user.is_stale()
    assert user.refresh().encoded == 4
    assert set(held(root)) == {"s1", "s2"}
    assert SnapshotHandle(root, base, "another").snapshot().manifest.encoder == "another"


def test_a_damaged_base_does_not_take_documents_away(
    user: Indexer, root: Path, base: Path, document: Build
) -> None:
    user.add([document("a")])
    (base / current_name(base) / "documents.jsonl").write_bytes(b"")
    user.add([document("b")])
    assert set(held(root)) == {"a", "b", "s1", "s2"}
