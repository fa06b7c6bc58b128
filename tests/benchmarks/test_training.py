"""The network that is trained computes what the engine computes, before and after it is packed."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.nn import functional

from benchmarks.e5_network import Tokens, network, padded
from benchmarks.pairs import Asked, Candidate
from benchmarks.training import trained
from index.bundled import BundledEncoder
from index.cross_encoder import BASE, BIAS, HEAD, pair
from index.model_file import ModelFile

pytestmark = pytest.mark.encoders

TEXTS = ("物业费怎么定", "ＡＢＣ１２３  两个空格", "《装修须知》晚上八点以后不得施工。", "😀")


@pytest.fixture(scope="module")
def file() -> ModelFile:
    return ModelFile.read(BASE)


@pytest.fixture(scope="module")
def tokens(file: ModelFile) -> Tokens:
    return Tokens(file)


def test_tokens_are_as_many_as_the_engine_counts(tokens: Tokens) -> None:
    engine = BundledEncoder(threads=1)._model
    for text in TEXTS:
        assert len(tokens(f"query: {text}", 500)) == engine.token_count(text, True)


def test_vectors_are_those_of_the_engine(file: ModelFile, tokens: Tokens) -> None:
    ids, mask = padded([tokens(f"query: {text}", 500) for text in TEXTS])
    with torch.no_grad():
        hidden = network(file).eval()(input_ids=ids, attention_mask=mask.long()).last_hidden_state
    vectors = functional.normalize((hidden * mask[..., None]).sum(1), dim=-1).numpy()
    engine = BundledEncoder(threads=1).encode_query(TEXTS)
    assert (vectors * engine).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_what_was_learned_is_still_there_in_four_bits(file: ModelFile, tmp_path: Path) -> None:
    """After a few steps the passages that answer score higher, in the engine too."""
    things = ("停车费", "水费", "电费", "燃气费", "物业费", "供暖费", "垃圾费", "网费")
    asked = [
        Asked(
            f"{thing}在哪里交",
            "clusters",
            thing,
            0.5,
            [
                Candidate(f"《{thing}》{thing}在社区服务大厅交。", 1.0),
                Candidate(f"《{thing}》{thing}每月十五日以前交清。", 0.0),
            ],
        )
        for thing in things
    ]
    weights = trained(ModelFile(bytes(file.content)), asked, epochs=12)
    changed = ModelFile(bytes(file.content))
    changed.change({name: weights[name] for name in weights.keys() - {HEAD, BIAS}})
    (tmp_path / "model.bin").write_bytes(changed.content)
    encoder = BundledEncoder(threads=1, model=tmp_path / "model.bin")

    def score(question: str, passage: str) -> float:
        vector = encoder.encode_query([pair(question, passage)])[0]
        return float(vector @ weights[HEAD] + weights[BIAS])

    margins = [
        score(one.question, one.candidates[0].excerpt)
        - score(one.question, one.candidates[1].excerpt)
        for one in asked
    ]
    assert np.mean(margins) > 0.5
    assert all(abs(steps).max() < 16 for name, steps in weights.items() if steps.dtype == np.int8)
