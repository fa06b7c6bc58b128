"""Which documents the next snapshot holds, and where each comes from."""

from collections.abc import Iterable

from index.documents import FileLines, document_to_line
from index.holdings import Holding, Holdings
from knowledge.document import Document


class Plan:
    """Documents of the next snapshot: those before, brought up to date with the base, then changed.

    `added` and so on are ids, in the order in which they were named.
    """

    def __init__(self, previous: Holdings, base: Holdings) -> None:
        self._base = base.documents
        if previous.manifest is not None:
            self._shipped = set(previous.manifest.shipped)
            self._hidden = set(previous.manifest.hidden)
        else:
            # Without a manifest, what equals a shipped document is taken for it.
            self._shipped = {
                document_id
                for document_id, holding in previous.documents.items()
                if document_id in self._base
                and self._base[document_id].content_hash == holding.content_hash
            }
            self._hidden = set()
        self._documents = dict(previous.documents)
        if base.manifest is not None:
            self._follow_base()
        self._before = {
            document_id: holding.content_hash for document_id, holding in self._documents.items()
        }
        self._named: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._unknown: dict[str, None] = {}

    def _follow_base(self) -> None:
        for document_id in self._shipped:
            self._documents.pop(document_id, None)
        self._shipped = set(self._base) - set(self._documents) - self._hidden
        for document_id in self._shipped:
            self._documents[document_id] = self._base[document_id]

    def add(self, document: Document, staged: FileLines) -> None:
        """Take a document in; if it is new or changed, its content goes to `staged`."""
        content_hash, line = document_to_line(document)
        self._named[document.id] = None
        current = self._documents.get(document.id)
        if current is None or current.content_hash != content_hash:
            self._documents[document.id] = Holding(content_hash, staged, staged.append(line))
            self._shipped.discard(document.id)
            self._hidden.discard(document.id)

    def remove(self, ids: Iterable[str]) -> None:
        """Leave documents out."""
        for document_id in ids:
            if self._documents.pop(document_id, None) is None:
                self._unknown[document_id] = None
                continue
            self._removed[document_id] = None
            self._shipped.discard(document_id)
            if document_id in self._base:
                self._hidden.add(document_id)

    def unnamed(self) -> list[str]:
        """Ids of the documents that were not named by `add`."""
        return [document_id for document_id in self._documents if document_id not in self._named]

    def holdings(self) -> list[Holding]:
        """Where each document comes from, in order of id."""
        return [self._documents[document_id] for document_id in sorted(self._documents)]

    @property
    def documents(self) -> dict[str, str]:
        """Content hashes by id, in order of id."""
        return {
            document_id: self._documents[document_id].content_hash
            for document_id in sorted(self._documents)
        }

    @property
    def shipped(self) -> tuple[str, ...]:
        """Ids of the documents that are there because the base has them."""
        return tuple(sorted(self._shipped))

    @property
    def hidden(self) -> tuple[str, ...]:
        """Ids of shipped documents that were removed."""
        return tuple(sorted(self._hidden))

    @property
    def added(self) -> tuple[str, ...]:
        """Ids that were not there before."""
        return tuple(name for name in self._named if name not in self._before)

    @property
    def changed(self) -> tuple[str, ...]:
        """Ids whose content is another than before."""
        return tuple(
            name
            for name in self._named
            if name in self._before and self._documents[name].content_hash != self._before[name]
        )

    @property
    def unchanged(self) -> tuple[str, ...]:
        """Ids whose content is the same as before."""
        return tuple(
            name
            for name in self._named
            if self._documents[name].content_hash == self._before.get(name)
        )

    @property
    def removed(self) -> tuple[str, ...]:
        """Ids that were left out."""
        return tuple(self._removed)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Ids that could not be left out, because they were not there."""
        return tuple(self._unknown)
