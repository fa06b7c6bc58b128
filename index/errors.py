"""What can go wrong with an index."""


class RetrievalError(Exception):
    """The index cannot be used or written; the message says why and how to mend it."""


class MissingIndexError(RetrievalError):
    """There is no index yet."""


class DamagedIndexError(RetrievalError):
    """A file of the index is not as it was written."""


class OutdatedIndexError(RetrievalError):
    """The index was made by another encoder or another version of this program."""
