"""The composition root: the only place that builds the parts and joins them.

Each part is built when it is first needed, so that `linli proposals list` does not load the
encoder.
"""

import sys
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.clock import SystemClock, local
from bot.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.actions.action import Action
    from bot.actions.casework import Casework
    from bot.actions.knowledge import Knowledge, Reading
    from bot.actions.worker_files import Learned, WorkerFiles
    from bot.assistant import Assistant
    from bot.proposals.communities import Communities
    from bot.proposals.deadlines import Deadlines
    from bot.proposals.similar import SimilarFinder
    from bot.responses import Responses
    from bot.storage.attachments import AttachmentStore
    from bot.storage.database import Database, UnitOfWork
    from index.cross_encoder import CrossEncoder
    from index.encoder import Encoder
    from index.indexer import Indexer
    from index.service_finder import ServiceFinder
    from index.snapshot import Snapshot, SnapshotHandle
    from intents.categories import CategoryClassifier
    from intents.classifier import EmbeddedClassifier
    from intents.parse import IntentClassifier
    from knowledge.directory import Directory


def _tell(text: str) -> None:
    """Say on stderr what takes time, and why."""
    print(text, file=sys.stderr)


class Parts:
    """All parts of one process. Use it as a context: it closes the database at the end."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()
        self.clock = SystemClock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if "database" in self.__dict__:
            self.database.close()

    # -- storage and proposals

    @cached_property
    def database(self) -> "Database":
        from bot.storage.database import Database

        return Database(self.settings.database_path, self.clock, self.settings.time_zone)

    @cached_property
    def files(self) -> "AttachmentStore":
        from bot.storage.attachments import AttachmentStore

        limit = self.settings.attachment_limit_megabytes
        return AttachmentStore(self.settings.attachments_path, limit)

    @cached_property
    def deadlines(self) -> "Deadlines":
        from bot.proposals.deadlines import Deadlines

        try:
            return Deadlines.from_text(self.settings.zone, self.settings.deadlines)
        except ValueError as error:
            raise SettingsError(f"设置有误，请改正 LINLI_DEADLINES：{error}") from error

    @cached_property
    def communities(self) -> "Communities":
        """The tree of places in the home folder; empty where none was imported."""
        from bot.proposals.communities import Communities
        from bot.storage.home import COMMUNITIES_FILE

        path = self.settings.home / COMMUNITIES_FILE
        return Communities.load(path) if path.exists() else Communities(())

    @cached_property
    def similar(self) -> "SimilarFinder":
        from bot.proposals.similar import SimilarFinder

        return SimilarFinder(self.database, self.encoder, self.settings.cache)

    @cached_property
    def worker_files(self) -> "WorkerFiles":
        from bot.actions.worker_files import WorkerFiles

        return WorkerFiles(self.settings.home, self.database, self.communities, self._learn)

    def _learn(self, path: "Path") -> "Learned":
        """Add the documents of a file to the knowledge base."""
        from bot.actions.worker_files import Learned
        from knowledge.loaders import load_paths

        loaded = load_paths([path])
        titles = {document.id: document.title for document in loaded.documents}
        report = self.indexer.add(loaded.documents)
        return Learned(
            tuple(titles[each] for each in (*report.added, *report.changed)),
            tuple(titles[each] for each in report.unchanged),
            tuple(failure.reason for failure in loaded.failures),
        )

    def casework(self, work: "UnitOfWork") -> "Casework":
        """What workers may do, within this unit of work."""
        from bot.actions.casework import Casework

        return Casework(work, self.deadlines, self.responses)

    # -- understanding

    @cached_property
    def encoder(self) -> "Encoder":
        from index.encoders import create_encoder

        return create_encoder(self.settings.encoder)

    @cached_property
    def embedded(self) -> "EmbeddedClassifier":
        from intents.classifier import load_or_train

        return load_or_train(self.settings.cache, self.encoder)

    @cached_property
    def classifier(self) -> "IntentClassifier":
        if self.settings.nlu == "embedded":
            return self.embedded
        from bot.router import ACT_OF_INTENT
        from intents.rasa_nlu import RasaClassifier

        url, seconds = self.settings.rasa_url, self.settings.rasa_timeout_seconds
        return RasaClassifier(url, self.embedded, seconds, intents=tuple(ACT_OF_INTENT))

    @cached_property
    def categories(self) -> "CategoryClassifier":
        from bot.storage.home import CATEGORIES_FOLDER
        from intents.categories import CategoryClassifier
        from intents.parse import UnderstandingError

        shipped = CategoryClassifier.shipped(self.encoder, self.settings.cache)
        learned = self.settings.home / CATEGORIES_FOLDER
        if not learned.exists():
            return shipped
        try:
            return CategoryClassifier.load(learned, self.encoder, shipped)
        except UnderstandingError as error:  # of an older Linli or another encoder: talk goes on
            _tell(
                f"学到的分派用不了，先用随附的类别；请重新运行 linli train categories。（{error}）"
            )
            return shipped

    # -- knowledge

    @cached_property
    def shipped_root(self) -> "Path":
        """The index of the shipped documents, outside of the home; made when it is not there."""
        from bot.commands.progress import progress_bar
        from index.shipped import prepare_shipped

        with progress_bar("整理随附资料") as progress:
            return prepare_shipped(self.settings.cache, self.encoder, progress)

    @cached_property
    def indexer(self) -> "Indexer":
        from index.indexer import Indexer

        return Indexer(self.settings.index_root, self.encoder, base=self.shipped_root, notice=_tell)

    @cached_property
    def snapshots(self) -> "SnapshotHandle":
        from bot.commands.progress import progress_bar
        from index.snapshot import SnapshotHandle

        base = self.shipped_root
        if (self.settings.index_root / "current").exists() and self.indexer.is_stale():
            with progress_bar("资料库按新的设置重做") as progress:
                self.indexer.refresh(progress)
        return SnapshotHandle(self.settings.index_root, base, self.encoder.name)

    def snapshot(self) -> "Snapshot":
        """The snapshot of the index that is in use now."""
        return self.snapshots.snapshot()

    @cached_property
    def knowledge(self) -> "Knowledge":
        from bot.actions.knowledge import Knowledge

        return Knowledge(self.snapshot, self._read)

    def _read(self, snapshot: "Snapshot") -> "Reading":
        from bot.actions.knowledge import Reading
        from index.reader import Reader
        from index.responsibility_finder import ResponsibilityFinder
        from index.retriever import Retriever

        retriever = Retriever(
            snapshot,
            self.encoder,
            region=self.settings.region,
            today=lambda: local(self.clock.now(), self.settings.zone).date(),
        )
        return Reading(
            snapshot.documents,
            retriever,
            Reader(snapshot, self.encoder, verifier=self.cross_encoder),
            ResponsibilityFinder(snapshot, retriever),
        )

    @cached_property
    def cross_encoder(self) -> "CrossEncoder":
        from index.cross_encoder import CrossEncoder

        return CrossEncoder(self.settings.cache)

    @cached_property
    def directory(self) -> "Directory":
        from knowledge.directory import Directory

        return Directory.load(self.settings.home)

    @cached_property
    def finder(self) -> "ServiceFinder":
        from index.service_finder import ServiceFinder

        return ServiceFinder.build(list(self.directory), self.encoder, self.settings.cache)

    # -- talking

    @cached_property
    def responses(self) -> "Responses":
        from bot.responses import Responses

        return Responses.load()

    @cached_property
    def actions(self) -> "dict[str, Action]":
        from bot.actions.choose import ChooseAction
        from bot.actions.emergency import EmergencyAction
        from bot.actions.handoff import HandoffAction
        from bot.actions.policy import PolicyAction
        from bot.actions.privacy import PrivacyAction
        from bot.actions.proposal import CancelAction, ProposalAction
        from bot.actions.service import ServiceAction
        from bot.actions.service_card import ServiceCard
        from bot.actions.smalltalk import SmalltalkAction
        from bot.actions.status import StatusAction
        from bot.actions.worker import WorkerAction

        settings, responses = self.settings, self.responses
        card = ServiceCard(responses, self.clock, settings.zone, settings.hotline)
        return {
            "proposal": ProposalAction(
                responses,
                self.categories,
                self.similar,
                self.files,
                self.deadlines,
                self.communities,
            ),
            "service": ServiceAction(
                responses, self.directory, self.finder, card, self.communities, settings.hotline
            ),
            "policy": PolicyAction(responses, self.knowledge, settings.hotline, settings.region),
            "status": StatusAction(responses, self.deadlines, self.communities),
            "handoff": HandoffAction(responses, self.communities, settings.hotline),
            "emergency": EmergencyAction(responses),
            "worker": WorkerAction(
                responses,
                self.deadlines,
                self.communities,
                self.files,
                self.worker_files,
                self.similar,
            ),
            "privacy": PrivacyAction(responses, self.files),
            "cancel": CancelAction(responses),
            "choose": ChooseAction(responses),
            "smalltalk": SmalltalkAction(responses, settings.neighbourhood),
        }

    @cached_property
    def assistant(self) -> "Assistant":
        from bot.assistant import Assistant

        return Assistant(
            database=self.database,
            encoder=self.encoder,
            classifier=self.classifier,
            actions=self.actions,
            responses=self.responses,
            hotline=self.settings.hotline,
        )
