import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import checked_document, document_from_line, document_to_line
from index.encoder import Encoder
from index.errors import DamagedIndexError, MissingIndexError, OutdatedIndexError, RetrievalError
from index.indexer import Indexer
from index.publishing import remove_unused
from index.snapshot import Manifest, Snapshot, SnapshotHandle, current_name, snapshot_name
from knowledge.document import Document, Gap, Responsibility, Section, Status
from knowledge.splitter import sentences, split

Build = Callable[..., Document]

TEXT = "一、路灯\n路灯由街道管。坏了请打电话。\n二、电梯\n电梯由业主管。困人先按报警键。\n" * 12


@pytest.fixture
def documents(document: Build) -> list[Document]:
    return [document("a"), document("b", TEXT, gaps=(Gap(3, "缺一段"),)), document("c", "。")]


@pytest.fixture
def snapshot(indexer: Indexer, root: Path, documents: list[Document]) -> Snapshot:
    indexer.add(reversed(documents))
    return Snapshot.open_current(root)


def test_documents_and_chunks_come_back(snapshot: Snapshot, documents: list[Document]) -> None:
    assert dict(snapshot.documents) == {document.id: document for document in documents}
    assert list(snapshot.chunks) == [chunk for document in documents for chunk in split(document)]
    assert snapshot.chunks[-1] == split(documents[-1])[-1]
    assert snapshot.chunks[1:3] == split(documents[1])[:2]
    with pytest.raises(IndexError):
        snapshot.chunks[len(snapshot.chunks)]
    with pytest.raises(KeyError):
        snapshot.documents["d"]


def test_rows_lead_to_documents_and_back(snapshot: Snapshot) -> None:
    for document_id in snapshot.documents:
        for row in snapshot.document_rows(document_id):
            assert snapshot.document_of(row).id == document_id
            assert snapshot.chunks[row].document_id == document_id
    assert sum(len(snapshot.document_rows(name)) for name in "abc") == len(snapshot.chunks)


def test_sentences_stand_in_their_chunks(snapshot: Snapshot) -> None:
    seen = 0
    for row, chunk in enumerate(snapshot.chunks):
        places = snapshot.sentences(row)
        assert places.start == seen
        seen = places.stop
        ranges = snapshot.sentence_ranges[places]
        text = snapshot.documents[chunk.document_id].text
        expected = [chunk.text[start:end] for start, end in sentences(chunk.text)]
        assert [text[start:end] for start, end in ranges] == [s for s in expected if s.strip()]
    assert seen == len(snapshot.sentence_ranges) == len(snapshot.sentence_vectors)


def test_vectors_are_those_of_the_texts(snapshot: Snapshot, encoder: Encoder) -> None:
    row = snapshot.document_rows("a")[0]
    (expected,) = encoder.encode_document([f"标题a\n{snapshot.chunks[row].text}"])
    assert snapshot.vectors.similarities(expected, np.array([row])) == pytest.approx(1, abs=1e-3)
    (sentence,) = encoder.encode_document([snapshot.chunks[row].text])
    assert snapshot.sentence_vectors[snapshot.sentences(row)][0] == pytest.approx(
        sentence, abs=1e-3
    )


def test_title_and_headings_are_found_by_their_words(snapshot: Snapshot) -> None:
    rows, _ = snapshot.lexical.top("标题b 电梯", 3)
    assert {snapshot.chunks[int(row)].document_id for row in rows} == {"b"}


def test_without_sentence_vectors(root: Path, encoder: Encoder, document: Build) -> None:
    Indexer(root, encoder, sentence_vectors=False).add([document("a")])
    snapshot = Snapshot.open_current(root)
    assert snapshot.sentence_vectors.shape == (0, encoder.dim)
    assert len(snapshot.sentence_ranges) == 1


def files_of(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file())


def test_damage_to_any_file_is_noticed(snapshot: Snapshot, root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / snapshot.name
    files = [file.relative_to(snapshot.path) for file in files_of(snapshot.path)]
    assert {"manifest.json", "documents.jsonl", "vectors.npy"} <= {file.name for file in files}
    for file in files:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(snapshot.path, copy)
        Snapshot.open(copy).close()
        data = bytearray((copy / file).read_bytes())
        data[len(data) // 2] ^= 1
        (copy / file).write_bytes(data)
        with pytest.raises(DamagedIndexError, match=file.name):
            Snapshot.open(copy)
        (copy / file).write_bytes(data[:-1])
        with pytest.raises(DamagedIndexError, match=file.name):
            Snapshot.open(copy)
        (copy / file).unlink()
        with pytest.raises(RetrievalError):
            Snapshot.open(copy)


@pytest.mark.parametrize("content", [b"", b"../../etc", b"\xff\xfe", b"0" * 31])
def test_a_current_file_that_names_nothing_is_noticed(
    snapshot: Snapshot, root: Path, content: bytes
) -> None:
    (root / "current").write_bytes(content)
    with pytest.raises(DamagedIndexError, match="current"):
        Snapshot.open_current(root)


def test_a_current_file_that_names_what_is_gone(snapshot: Snapshot, root: Path) -> None:
    (root / "current").write_text("0" * 32)
    with pytest.raises(MissingIndexError):
        Snapshot.open_current(root)


def test_no_index_yet(root: Path) -> None:
    with pytest.raises(MissingIndexError, match="no index"):
        SnapshotHandle(root).snapshot()


def test_vectors_of_another_encoder_are_not_used(snapshot: Snapshot, root: Path) -> None:
    with pytest.raises(OutdatedIndexError, match=r"counting.*another"):
        Snapshot.open_current(root, "another")
    Snapshot.open_current(root, "counting")


def test_another_format_is_not_used(snapshot: Snapshot, root: Path) -> None:
    fields = json.loads(snapshot.manifest.to_json())
    data = json.dumps(fields | {"format": 99}).encode()
    path = snapshot.path.rename(root / snapshot_name(data))
    (path / "manifest.json").write_bytes(data)
    with pytest.raises(OutdatedIndexError, match="99"):
        Snapshot.open(path)


def test_the_manifest_comes_back(snapshot: Snapshot) -> None:
    assert Manifest.from_json(snapshot.manifest.to_json()) == snapshot.manifest
    assert list(snapshot.manifest.documents) == ["a", "b", "c"]


def test_a_handle_moves_to_the_next_snapshot(indexer: Indexer, root: Path, document: Build) -> None:
    indexer.add([document("a")])
    handle = SnapshotHandle(root)
    first = handle.snapshot()
    assert handle.snapshot() is first
    indexer.add([document("b")])
    assert set(handle.snapshot().documents) == {"a", "b"}
    assert set(first.documents) == {"a"}
    assert first.chunks[0].text == "a的路灯归街道管。"


def test_a_handle_keeps_what_it_has_when_the_next_is_damaged(
    indexer: Indexer, root: Path, document: Build, caplog: pytest.LogCaptureFixture
) -> None:
    indexer.add([document("a")])
    handle = SnapshotHandle(root)
    first = handle.snapshot()
    indexer.add([document("b")])
    (root / current_name(root) / "vectors.npy").write_bytes(b"")
    assert handle.snapshot() is handle.snapshot() is first
    assert caplog.text.count("vectors.npy") == 1
    indexer.refresh()
    assert set(handle.snapshot().documents) == {"a", "b"}


def test_a_handle_reads_the_base_while_there_is_nothing_else(
    root: Path, tmp_path: Path, encoder: Encoder, document: Build
) -> None:
    base = tmp_path / "base"
    Indexer(base, encoder).add([document("a")])
    handle = SnapshotHandle(root, base, encoder.name)
    assert set(handle.snapshot().documents) == {"a"}
    Indexer(root, encoder, base=base).add([document("b")])
    assert set(handle.snapshot().documents) == {"a", "b"}


def test_a_snapshot_stays_as_long_as_somebody_reads_it(
    indexer: Indexer, root: Path, document: Build
) -> None:
    indexer.add([document("a")])
    reader = Snapshot.open_current(root)
    indexer.add([document("b")])
    assert reader.path.exists()
    Snapshot.open(reader.path).close()
    reader.close()
    remove_unused(root)
    assert not reader.path.exists()
    assert Snapshot.open_current(root).path.exists()


@pytest.mark.parametrize("left", ["whole", "without manifest", "empty"])
def test_what_an_interrupted_removal_left_goes_too(
    indexer: Indexer, root: Path, document: Build, left: str
) -> None:
    indexer.add([document("a")])
    old = root / ("0" * 32)
    if left == "empty":
        old.mkdir()
    else:
        shutil.copytree(root / current_name(root), old)
    if left == "without manifest":
        (old / "manifest.json").unlink()
    remove_unused(root)
    assert not old.exists()


def test_an_empty_index_can_be_read(indexer: Indexer, root: Path, document: Build) -> None:
    indexer.add([document("a")])
    indexer.remove(["a"])
    snapshot = Snapshot.open_current(root)
    assert (len(snapshot.documents), len(snapshot.chunks), len(snapshot.vectors)) == (0, 0, 0)
    assert snapshot.lexical.top("路灯", 3)[0].tolist() == []


names = st.lists(st.text(max_size=5), max_size=3).map(tuple)
numbers = st.integers(0, 99)
any_document = st.builds(
    Document,
    id=st.text(),
    title=st.text(),
    text=st.text(st.characters(exclude_categories=())),  # lone surrogates too
    status=st.sampled_from(Status),
    gaps=st.lists(st.builds(Gap, numbers, st.text()), max_size=2).map(tuple),
    sections=st.lists(st.builds(Section, names, numbers, numbers), max_size=2).map(tuple),
    responsibilities=st.lists(
        st.builds(Responsibility, st.text(), names, names, st.text(), names, numbers, numbers),
        max_size=2,
    ).map(tuple),
    aliases=names,
)


@given(any_document)
def test_any_document_comes_back_from_its_line(document: Document) -> None:
    content_hash, line = document_to_line(document)
    assert line.count(b"\n") == 1
    assert document_from_line(line) == document
    assert checked_document(line) == (content_hash, document)


@given(any_document, any_document)
def test_equal_hashes_are_equal_documents(one: Document, other: Document) -> None:
    assert (document_to_line(one)[0] == document_to_line(other)[0]) == (one == other)


@given(any_document, st.data())
def test_a_damaged_line_is_no_document(document: Document, data: st.DataObject) -> None:
    line = bytearray(document_to_line(document)[1])
    line[data.draw(st.integers(0, len(line) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert checked_document(bytes(line)) is None
