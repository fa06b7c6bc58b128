"""An encoder that a reader can compute by hand, and documents to index."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.encoder import Vectors
from index.indexer import Indexer
from knowledge.document import Document

COUNTED = "路灯电梯"


class CountingEncoder:
    """Counts four characters: 路灯坏了 is (1, 1, 0, 0), and 1 for good measure, made unit length.

    `encoded` holds every text it was given, so that a test sees what was encoded again.
    """

    dim = len(COUNTED) + 1

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.encoded: list[str] = []

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        counts = [[*(text.count(character) for character in COUNTED), 1] for text in texts]
        vectors = np.array(counts, np.float32).reshape(-1, self.dim)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return self.encode_query(texts)


@pytest.fixture(scope="session")
def counting_encoder() -> type[CountingEncoder]:
    return CountingEncoder


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def document() -> Callable[..., Document]:
    def build(document_id: str, text: str = "", **fields: object) -> Document:
        return Document(
            document_id, f"标题{document_id}", text or f"{document_id}的路灯归街道管。", **fields
        )  # type: ignore[arg-type]

    return build


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def indexer(root: Path, encoder: CountingEncoder) -> Indexer:
    return Indexer(root, encoder)
