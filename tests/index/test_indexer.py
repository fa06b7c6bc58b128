import resource
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakSet

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.bundled import BundledEncoder
from index.encoder import Encoder, Vectors
from index.errors import RetrievalError
from index.indexer import Indexer, Report
from index.snapshot import Snapshot, current_name
from knowledge.document import Document
from tests.index.homes import Build, NewEncoder, held, names_below

# -- add, change, remove


def test_the_report_says_what_happened(indexer: Indexer, document: Build) -> None:
    first = indexer.add([document("b"), document("a")])
    assert (first.added, first.changed, first.unchanged) == (("b", "a"), (), ())
    second = indexer.add([document("a"), document("b", "改了。"), document("c")])
    assert (second.added, second.changed, second.unchanged) == (("c",), ("b",), ("a",))
    third = indexer.remove(["a", "z"])
    assert (third.removed, third.unknown) == (("a",), ("z",))


def test_only_new_texts_are_encoded(indexer: Indexer, encoder: Any, document: Build) -> None:
    indexer.add([document("a", "路灯亮。电梯停。")])
    assert encoder.encoded == ["标题a\n路灯亮。电梯停。", "路灯亮。", "电梯停。"]
    encoder.encoded.clear()
    report = indexer.add([document("a", "路灯亮。电梯开。")])
    assert encoder.encoded == ["标题a\n路灯亮。电梯开。", "电梯开。"]
    assert report.encoded == 2


def test_adding_again_encodes_and_writes_nothing(
    indexer: Indexer, root: Path, encoder: Encoder, document: Build
) -> None:
    indexer.add([document("a"), document("b")])
    before = current_name(root), (root / "current").stat().st_mtime_ns
    encoder.encoded.clear()
    assert indexer.add([document("a"), document("b")]).unchanged == ("a", "b")
    assert encoder.encoded == []
    assert (current_name(root), (root / "current").stat().st_mtime_ns) == before


def test_equal_texts_are_encoded_once(indexer: Indexer, encoder: Encoder) -> None:
    indexer.add([Document(name, "同一标题", "路灯亮。") for name in "abc"])
    assert sorted(encoder.encoded) == sorted(["同一标题\n路灯亮。", "路灯亮。"])


def test_a_change_beside_the_text_counts_too(
    indexer: Indexer, root: Path, encoder: Encoder, document: Build
) -> None:
    indexer.add([document("a")])
    encoder.encoded.clear()
    assert indexer.add([document("a", issuer="街道办")]).changed == ("a",)
    assert Snapshot.open_current(root).documents["a"].issuer == "街道办"
    assert encoder.encoded == []


def test_of_two_with_one_id_the_later_counts(indexer: Indexer, root: Path, document: Build) -> None:
    report = indexer.add([document("a", "一。"), document("a", "二。")])
    assert report.added == ("a",)
    assert held(root) == {"a": "二。"}


def test_replace_leaves_only_what_it_is_given(
    indexer: Indexer, root: Path, document: Build
) -> None:
    indexer.add([document("a"), document("b")])
    report = indexer.replace([document("b"), document("c")])
    assert (report.added, report.unchanged, report.removed) == (("c",), ("b",), ("a",))
    assert set(held(root)) == {"b", "c"}


def test_nothing_in_nothing_out(indexer: Indexer, root: Path) -> None:
    assert indexer.add([]) == indexer.refresh() == Report()
    assert indexer.remove(["a"]).unknown == ("a",)
    assert "current" not in names_below(root)


def test_rebuild_encodes_everything_again(
    indexer: Indexer, root: Path, encoder: Encoder, document: Build
) -> None:
    indexer.add([document("a"), document("b")])
    name, before = current_name(root), sorted(encoder.encoded)
    encoder.encoded.clear()
    assert indexer.rebuild().encoded == len(before)
    assert sorted(encoder.encoded) == before
    assert current_name(root) == name


def test_nothing_is_left_lying_about(indexer: Indexer, root: Path, document: Build) -> None:
    indexer.add([document("a")])
    indexer.add([document("b")])
    expected = {current_name(root), "current", "lock", "encoded.sqlite"}
    assert names_below(root) == expected


TEXTS = ["路灯归街道管。", "电梯归业主管。坏了报修。", "垃圾分四类。\n每天两次。" * 20, "", "。"]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.dictionaries(st.sampled_from("abcd"), st.sampled_from(TEXTS))),
        st.tuples(st.just("remove"), st.lists(st.sampled_from("abcd"), max_size=3)),
    ),
    max_size=5,
)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_any_way_leads_to_the_same_index_as_the_direct_one(
    counting_encoder: NewEncoder, steps: list[tuple[str, Any]]
) -> None:
    with TemporaryDirectory() as folder:
        stepwise, direct = Path(folder, "stepwise"), Path(folder, "direct")
        indexer = Indexer(stepwise, counting_encoder())
        expected: dict[str, Document] = {}
        for step, what in steps:
            if step == "add":
                documents = [Document(name, "", text) for name, text in what.items()]
                indexer.add(documents)
                expected |= {document.id: document for document in documents}
            else:
                indexer.remove(what)
                expected = {name: kept for name, kept in expected.items() if name not in what}
        if not (stepwise / "current").exists():
            assert not expected
            return
        assert dict(Snapshot.open_current(stepwise).documents) == expected
        if expected:
            Indexer(direct, counting_encoder()).add(expected.values())
            assert current_name(stepwise) == current_name(direct)


# -- how it goes


def test_progress_counts_every_character_that_is_encoded(
    indexer: Indexer, encoder: Any, document: Build
) -> None:
    steps: list[tuple[int, int, float]] = []
    indexer.add(long_documents(document), lambda *step: steps.append(step))
    total = sum(map(len, encoder.encoded))
    assert steps[0] == (0, total, 0.0)
    assert steps[-1][:2] == (total, total)
    done = [step[0] for step in steps]
    assert len(done) > 3
    assert done == sorted(set(done))
    assert all(rate > 0 for _, _, rate in steps[1:])


def test_a_stream_is_not_held_in_memory(indexer: Indexer, document: Build) -> None:
    alive: WeakSet[Document] = WeakSet()
    most = 0

    def stream() -> Iterator[Document]:
        nonlocal most
        for number in range(300):
            one = document(f"{number:03}")
            alive.add(one)
            most = max(most, len(alive))
            yield one

    assert len(indexer.add(stream()).added) == 300
    assert most <= 3


def long_documents(document: Build, count: int = 80) -> list[Document]:
    """Enough for several batches."""
    return [
        document(f"{n:02}", "".join(f"{n}号楼{i}层的路灯归街道管。" for i in range(25)))
        for n in range(count)
    ]


def test_an_interrupted_run_goes_on_where_it_stopped(
    root: Path, counting_encoder: NewEncoder, document: Build
) -> None:
    documents = long_documents(document)
    whole = Indexer(root.with_name("whole"), counting_encoder()).add(documents).encoded
    encoder = counting_encoder()

    def interrupt(done: int, total: int, rate: float) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Indexer(root, encoder).add(documents, interrupt)
    assert names_below(root) == {"lock", "encoded.sqlite"}
    encoder.encoded.clear()
    report = Indexer(root, encoder).add(documents)
    assert report.encoded == len(encoder.encoded) < whole / 2
    assert current_name(root) == current_name(root.with_name("whole"))
    # What is in the snapshot is not kept twice.
    encoder.encoded.clear()
    Indexer(root, encoder).rebuild()
    assert len(encoder.encoded) == whole


def test_a_failing_encoder_leaves_the_old_index(
    indexer: Indexer, root: Path, encoder: Any, document: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add([document("a")])

    def fail(texts: Sequence[str]) -> Vectors:
        raise MemoryError

    monkeypatch.setattr(encoder, "encode_document", fail)
    with pytest.raises(MemoryError):
        indexer.add([document("b")])
    assert set(held(root)) == {"a"}
    assert names_below(root) == {current_name(root), "current", "lock", "encoded.sqlite"}


def test_a_failing_stream_leaves_the_old_index(
    indexer: Indexer, root: Path, document: Build
) -> None:
    indexer.add([document("a")])

    def stream() -> Iterator[Document]:
        yield document("b")
        raise ValueError("broken file")

    with pytest.raises(ValueError, match="broken file"):
        indexer.add(stream())
    assert set(held(root)) == {"a"}


def test_a_full_disk_leaves_the_old_index(
    indexer: Indexer, root: Path, encoder: Any, document: Build
) -> None:
    """A limit on file size fails every write beyond it, as a full disk does."""
    indexer.add([document("a")])
    documents = long_documents(document, 20)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    failures = 0
    for limit in (1, 500, 5_000, 14_000, 20_000, 40_000, 80_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            indexer.add(documents)
        except RetrievalError as error:
            failures += 1
            assert "as it was before" in str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        if failures and len(held(root)) > 1:
            break
        assert set(held(root)) == {"a"}
        assert names_below(root) <= {current_name(root), "current", "lock", "encoded.sqlite"}
    assert failures >= 4
    indexer.add(documents)
    assert len(held(root)) == 21


def test_a_folder_that_cannot_be_made_is_explained(
    tmp_path: Path, encoder: Encoder, document: Build
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RetrievalError, match="file"):
        Indexer(tmp_path / "file" / "index", encoder).add([document("a")])


# -- another encoder, another splitter


def test_another_encoder_encodes_everything_again(
    indexer: Indexer, root: Path, counting_encoder: NewEncoder, document: Build
) -> None:
    indexer.add([document("a"), document("b")])
    notices: list[str] = []
    other = counting_encoder("another")
    changed = Indexer(root, other, notice=notices.append)
    assert changed.is_stale()
    assert not indexer.is_stale()
    report = changed.add([document("a")])
    assert report.unchanged == ("a",)
    assert report.encoded == len(other.encoded) == 4
    assert "原来是 counting，现在是 another" in report.reasons[0]
    assert notices == list(report.reasons)
    assert Snapshot.open_current(root, "another").manifest.encoder == "another"
    assert not changed.is_stale()


def test_another_splitter_splits_everything_again(
    indexer: Indexer, root: Path, encoder: Any, document: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.add([document("a", "路灯亮。电梯停。")])
    encoder.encoded.clear()
    monkeypatch.setattr("index.indexer.splitter_version", lambda: "next")
    assert indexer.is_stale()
    report = indexer.refresh()
    assert report.reasons == ("分段的办法更新了，资料要重新整理一次",)
    assert encoder.encoded == []  # the texts happen to be the same
    assert not indexer.is_stale()
    assert indexer.refresh() == Report()


def test_sentence_vectors_can_be_had_later(root: Path, encoder: Any, document: Build) -> None:
    Indexer(root, encoder, sentence_vectors=False).add([document("a")])
    encoder.encoded.clear()
    indexer = Indexer(root, encoder)
    assert indexer.is_stale()
    indexer.refresh()
    assert encoder.encoded == ["a的路灯归街道管。"]


# -- with the real encoder


def test_a_real_question_finds_its_chunk(root: Path) -> None:
    encoder = BundledEncoder(threads=2)
    documents = [
        Document("lift", "加装电梯", "既有住宅加装电梯，由本单元业主协商，报街道备案。"),
        Document("lamp", "路灯", "路灯不亮的，由市政部门在三天内修好。"),
        Document("dog", "养犬", "犬只每年接种一次狂犬病疫苗。"),
    ]
    Indexer(root, encoder).add(documents)
    snapshot = Snapshot.open_current(root, encoder.name)
    (question,) = encoder.encode_query(["楼道外面的灯坏了找谁"])
    (row, *_), _ = snapshot.vectors.search(question, 3)
    assert snapshot.chunks[int(row)].document_id == "lamp"
    stored = snapshot.stored_vectors.astype(np.float32)
    assert np.linalg.norm(stored, axis=1) == pytest.approx(1, abs=1e-3)
