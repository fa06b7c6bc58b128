"""What lies in the home of an index, for tests of several files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from index.snapshot import Snapshot
from knowledge.document import Document

Build = Callable[..., Document]
"""Makes a document: id and text."""

NewEncoder = Callable[..., Any]


def held(root: Path) -> dict[str, str]:
    """The texts of the current snapshot by id."""
    snapshot = Snapshot.open_current(root)
    return {name: document.text for name, document in snapshot.documents.items()}


def names_below(root: Path) -> set[str]:
    """What a folder holds."""
    return {path.name for path in root.iterdir()}
