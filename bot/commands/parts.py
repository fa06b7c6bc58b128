"""The composition root: the only place that builds the parts and joins them.

Each part is built when it is first needed, so that `linli proposals list` does not load the
encoder.
"""

from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.clock import SystemClock
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.actions.action import Action
    from bot.actions.casework import Casework
    from bot.actions.knowledge import Knowledge, Reading
    from bot.assistant import Assistant
    from bot.proposals.deadlines import Deadlines
    from bot.responses import Responses
    from bot.storage.attachments import AttachmentStore
    from bot.storage.database import Database, UnitOfWork
    from index.encoder import Encoder
    from index.indexer import Indexer
    from index.service_finder import ServiceFinder
    from index.snapshot import Snapshot, SnapshotHandle
    from intents.categories import CategoryClassifier
    from intents.classifier import EmbeddedClassifier
    from intents.parse import IntentClassifier
