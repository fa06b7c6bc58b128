"""Changing what the index holds: documents in, a new snapshot out."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from inspect import getsource
from pathlib import Path

import knowledge.outline
import knowledge.splitter
from index import lexical
from index.assembly import Assembly
from index.assembly import Progress as Progress
from index.documents import FileLines
from index.encoded import EncodedStore, KnownVectors
from index.encoder import Encoder
from index.errors import MissingIndexError, RetrievalError
from index.holdings import Holdings
from index.plan import Plan
from index.publishing import publish, remove_unused, workspace, writer_lock
from index.snapshot import Manifest, current_name, read_manifest
from knowledge.document import Document

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """What a change did, as document ids. `encoded` counts the texts that had to be encoded.

    `unknown` are ids to remove that were not there; `lost` those that a damaged index held and that
    must be added again; `reasons` say in words why more was done than asked for.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    encoded: int = 0


def no_progress(done: int, total: int, rate: float) -> None:
    """Nobody is watching."""


class Indexer:
    """Adds, changes and removes documents of the index under `root`, a folder that it may create.

    `base` is the root of a shipped index. Its documents are part of this one until they are removed
    here, and follow it when it changes; a document added here goes before a shipped one of the same
    id. As long as nothing is added or removed, `root` stays empty and the base is read itself.

    Every change makes a new snapshot and then switches to it: readers see the old one or the new
    one, and a crash, a full disk or an interruption leaves the old one. One process at a time
    changes an index; others wait. Vectors of texts that were encoded before are taken over: from
    the last snapshot, the base, and an earlier run that was interrupted. If the encoder or the
    splitter is another than before, everything is made anew; `notice` is told so in words.

    All methods raise RetrievalError when the index cannot be written.
    """

    def __init__(
        self,
        root: Path,
        encoder: Encoder,
        *,
        base: Path | None = None,
        sentence_vectors: bool = True,
        notice: Callable[[str], None] = _log.info,
    ) -> None:
        self._root = root
        self._encoder = encoder
        self._base = base
        self._sentence_vectors = sentence_vectors
        self._notice = notice

    def add(self, documents: Iterable[Document], progress: Progress = no_progress) -> Report:
        """Add new documents and change those that have another content than before.

        `documents` may be a stream of any length: one at a time is held in memory. Of two with the
        same id, the later counts.
        """
        return self._change(documents, (), progress)

    def remove(self, ids: Iterable[str], progress: Progress = no_progress) -> Report:
        """Remove documents; a shipped one stays away also when the base changes."""
        return self._change((), ids, progress)

    def refresh(self, progress: Progress = no_progress) -> Report:
        """Bring the index up to date with base, encoder and splitter, and mend it if damaged.

        Every file is read and checked; `is_stale` tells in a millisecond whether an intact index
        needs it.
        """
        return self._change((), (), progress)

    def is_stale(self) -> bool:
        """Whether the index was made from another base, encoder or splitter, or cannot be read.

        Looks at manifests alone: damage in another file shows when the snapshot is opened.
        """
        try:
            previous = _current_manifest(self._root)
            base = _current_manifest(self._base) if self._base else None
        except RetrievalError:
            return True
        made = previous or base
        if made is None:
            return False
        wanted = (self._encoder.name, self._encoder.dim, splitter_version())
        if (made[1].encoder, made[1].dim, made[1].splitter) != wanted:
            return True
        if made[1].sentence_vectors != self._sentence_vectors:
            return True
        return bool(previous and base and previous[1].base != base[0])

    def replace(self, documents: Iterable[Document], progress: Progress = no_progress) -> Report:
        """Make these the only documents: add, change, and remove all others."""
        return self._change(documents, (), progress, only=True)

    def rebuild(self, progress: Progress = no_progress) -> Report:
        """Encode everything again from the documents in the index."""
        return self._change((), (), progress, anew=True)

    def _change(
        self,
        documents: Iterable[Document],
        ids: Iterable[str],
        progress: Progress,
        anew: bool = False,
        only: bool = False,
    ) -> Report:
        with _clear_errors(self._root), writer_lock(self._root, self._notice):
            previous = Holdings.below(self._root)
            base = self._shipped(previous)
            with closing(previous), closing(base), workspace(self._root) as folder:
                plan = Plan(previous, base)
                with closing(FileLines(folder / "staged.jsonl")) as staged:
                    for document in documents:
                        plan.add(document, staged)
                    plan.remove(plan.unnamed() if only else ids)
                    manifest = self._manifest(plan, previous, base)
                    report = _report(plan, self._reasons(previous, base, manifest), previous)
                    if anew or not _is_up_to_date(manifest, previous, base):
                        for reason in report.reasons:
                            self._notice(reason)
                        known = (
                            ()
                            if anew
                            else (*previous.vectors_of(manifest), *base.vectors_of(manifest))
                        )
                        encoded = self._publish(
                            folder / "snapshot", plan, manifest, known, progress
                        )
                        report = replace(report, encoded=encoded)
            remove_unused(self._root)
        return report

    def _shipped(self, previous: Holdings) -> Holdings:
        base = Holdings.below(self._base) if self._base else Holdings()
        if base.trouble and previous.manifest:
            self._notice(f"自带的资料用不了：{base.trouble}")
            return Holdings()
        return base

    def _manifest(self, plan: Plan, previous: Holdings, base: Holdings) -> Manifest:
        """The manifest of what is planned, its files still left out."""
        merged = base.snapshot.name if base.snapshot else ""
        if not merged and previous.manifest:
            merged = previous.manifest.base
        return Manifest(
            encoder=self._encoder.name,
            dim=self._encoder.dim,
            splitter=splitter_version(),
            sentence_vectors=self._sentence_vectors,
            documents=plan.documents,
            shipped=plan.shipped,
            hidden=plan.hidden,
            base=merged,
        )

    def _reasons(self, previous: Holdings, base: Holdings, manifest: Manifest) -> tuple[str, ...]:
        reasons = [f"资料库坏了（{previous.trouble}），现在重做"] if previous.trouble else []
        before = previous.manifest or base.manifest
        if before and before.encoder != manifest.encoder:
            reasons.append(
                f"编码器换了：原来是 {before.encoder}，现在是 {manifest.encoder}。"
                "资料要全部重新编码一次，新旧向量不会混用；中途停下也不要紧，再运行会接着做"
            )
        if before and before.splitter != manifest.splitter:
            reasons.append("分段的办法更新了，资料要重新整理一次")
        # With another encoder the shipped index is another one, whatever it holds.
        last = previous.manifest
        same_encoder = last is not None and last.encoder == manifest.encoder
        if last and same_encoder and base.snapshot and last.base != base.snapshot.name:
            reasons.append("自带的资料更新了")
        return tuple(reasons)

    def _publish(
        self,
        folder: Path,
        plan: Plan,
        manifest: Manifest,
        known: Sequence[KnownVectors],
        progress: Progress,
    ) -> int:
        """Make the files of the snapshot that is planned, and switch to it."""
        folder.mkdir()
        store_path = self._root / "encoded.sqlite"
        with closing(EncodedStore(store_path, manifest.encoder, manifest.dim)) as store:
            assembly = Assembly(folder, self._encoder, known, store, self._sentence_vectors)
            encoded = assembly.write(plan.holdings(), progress)
            publish(self._root, folder, manifest)
            assembly.forget_stored()
        return encoded


def _current_manifest(root: Path) -> tuple[str, Manifest] | None:
    try:
        name = current_name(root)
    except MissingIndexError:
        return None
    return name, read_manifest(root / name)


def _is_up_to_date(manifest: Manifest, previous: Holdings, base: Holdings) -> bool:
    if previous.trouble or base.trouble:
        return False
    if previous.manifest:
        return manifest == replace(previous.manifest, files={})
    if base.manifest:
        # The base itself will do, as long as nothing was added or removed.
        alone = replace(manifest, shipped=(), hidden=(), base="")
        return alone == replace(base.manifest, files={}, shipped=(), hidden=(), base="")
    return not manifest.documents


def _report(plan: Plan, reasons: tuple[str, ...], previous: Holdings) -> Report:
    return Report(
        added=plan.added,
        changed=plan.changed,
        unchanged=plan.unchanged,
        removed=plan.removed,
        unknown=plan.unknown,
        lost=tuple(name for name in previous.lost if name not in plan.documents),
        reasons=reasons,
    )


@cache
def splitter_version() -> str:
    """Identifies the code that makes chunks, sentences and words of a document.

    When it changes, an index is made anew; a vector is encoded again only where the text that is
    encoded has changed.
    """
    modules = (knowledge.splitter, knowledge.outline, lexical)
    return sha256("".join(map(getsource, modules)).encode()).hexdigest()[:16]


@contextmanager
def _clear_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        # numpy reports a file that could not be written in full without an error number.
        cut_short = isinstance(error, OSError) and error.errno is None
        reason = "no space left to write" if cut_short else str(error)
        raise RetrievalError(
            f"the index in {root} cannot be changed: {reason}; it is as it was before"
        ) from error
