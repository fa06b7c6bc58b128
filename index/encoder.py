"""Text to vectors: the interface that the index and the classifier share.

Kept compatible with Python 3.10, because Rasa loads it.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class EncoderError(Exception):
    """The encoder cannot be had; the message says what is missing and how to mend it."""


class Encoder(Protocol):
    """Encodes texts into unit vectors whose inner product is their likeness in meaning."""

    @property
    def name(self) -> str:
        """Identifies the model; vectors of different names are never mixed."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Encode questions and messages: `(n, dim) float32`, each row of unit length."""

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Encode chunks of documents: `(n, dim) float32`, each row of unit length."""
