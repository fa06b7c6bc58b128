from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.cross_encoder import BASE
from index.encoder import EncoderError
from index.model_file import ModelFile, _moved, _unpacked

# A matrix in 4 bits, and a bias in 32.
MATRIX, BIAS, COUNT = "l11.q.w", "l11.q.b", 384


@pytest.fixture(scope="module")
def content() -> bytes:
    return BASE.read_bytes()


@pytest.fixture
def file(content: bytes) -> ModelFile:
    return ModelFile(content)


def test_weights_are_those_of_a_network(file: ModelFile) -> None:
    matrix = file.weights(MATRIX)
    assert matrix.shape == (COUNT * COUNT,)
    assert 0.01 < matrix.std() < 1
    assert (file.weights("l11.aln.w") > 0).all()
    steps = matrix / file.steps(MATRIX)
    assert steps == pytest.approx(steps.round(), abs=1e-3)
    assert (np.abs(steps) < 8.5).all()


def test_no_change_leaves_the_file_as_it_was(file: ModelFile, content: bytes) -> None:
    file.change({BIAS: file.weights(BIAS), MATRIX: np.zeros((COUNT, COUNT), np.int8)})
    assert bytes(file.content) == content


def test_changed_weights_are_read_again(file: ModelFile, tmp_path: Path) -> None:
    before = file.weights(MATRIX)
    bias = np.linspace(-1, 1, COUNT, dtype=np.float32)
    steps = np.zeros(COUNT * COUNT, np.int8)
    steps[40] = 1 if before[40] <= 0 else -1
    file.change({BIAS: bias, MATRIX: steps})
    (tmp_path / "model.bin").write_bytes(file.content)
    again = ModelFile.read(tmp_path / "model.bin")
    assert again.weights(BIAS) == pytest.approx(bias)
    assert np.flatnonzero(again.weights(MATRIX) != before).tolist() == [40]
    assert (again.weights("l0.q.w") == file.weights("l0.q.w")).all()


def test_wrong_number_of_weights(file: ModelFile) -> None:
    with pytest.raises(EncoderError, match=r"l11\.q\.b has 384 weights, not 3"):
        file.change({BIAS: np.zeros(3, np.float32)})


def test_other_files(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF and so on")
    with pytest.raises(EncoderError, match="no model file"):
        ModelFile.read(tmp_path / "other.bin")
    with pytest.raises(EncoderError, match=r"missing\.bin cannot be read"):
        ModelFile.read(tmp_path / "missing.bin")


BLOCKS = 3
codes = arrays.arrays(np.uint8, BLOCKS * 18)
moves = arrays.arrays(np.int8, BLOCKS * 32, elements=st.integers(-20, 20))


@given(codes, moves)
def test_codes_move_by_whole_steps_within_four_bits(raw: np.ndarray, steps: np.ndarray) -> None:
    raw.reshape(BLOCKS, 18)[:, :2] = np.array([0.25], np.float16).view(np.uint8)
    before, after = _unpacked(raw.tobytes()) * 4, _unpacked(_moved(raw.tobytes(), steps)) * 4
    assert (after == np.clip(before + steps, -8, 7)).all()
