"""The knowledge base as the actions see it: one consistent reading at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from index.reader import Reader
from index.responsibility_finder import ResponsibilityFinder
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Document


@dataclass(frozen=True)
class Reading:
    """Retriever, reader and responsibilities over one snapshot, so that they never disagree."""

    documents: Mapping[str, Document]
    retriever: Retriever
    reader: Reader
    responsibilities: ResponsibilityFinder


class Knowledge:
    """Gives the reading of the current snapshot; moves to a new one between messages."""

    def __init__(
        self, snapshot: Callable[[], Snapshot], read: Callable[[Snapshot], Reading]
    ) -> None:
        self._snapshot = snapshot
        self._read = read
        self._current: tuple[Snapshot, Reading] | None = None

    def reading(self) -> Reading:
        """Parts over the snapshot that is current now. Raises RetrievalError when none is fit."""
        snapshot = self._snapshot()
        current = self._current
        if current is None or current[0] is not snapshot:
            current = (snapshot, self._read(snapshot))
            self._current = current
        return current[1]
