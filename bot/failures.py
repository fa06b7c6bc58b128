"""One table from error classes to what a resident is told; looked up along the class's ancestry."""

from bot.storage.errors import StorageError
from index.errors import RetrievalError
from intents.parse import UnderstandingError
from knowledge.document import KnowledgeError

FAILURES: dict[type[Exception], str] = {
    StorageError: "failure.storage",
    RetrievalError: "failure.index",
    KnowledgeError: "failure.index",
    UnderstandingError: "failure.understanding",
    Exception: "failure.internal",
}


def failure_key(error: Exception) -> str:
    """The key of the response for this error; the nearest ancestor in the table decides."""
    return next(FAILURES[kind] for kind in type(error).__mro__ if kind in FAILURES)
