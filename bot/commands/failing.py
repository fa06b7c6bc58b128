"""Which errors a command explains in one line, and how."""

import sqlite3


def explain(error: Exception) -> str | None:
    """The line for stderr; None for an error that nobody foresaw, which shows its traceback."""
    names = {kind.__name__ for kind in type(error).__mro__}
    foreseen = {
        "StorageError",
        "RetrievalError",
        "KnowledgeError",
        "UnderstandingError",
        "EncoderError",
        "SettingsError",
        "ProposalError",
        "CommunityError",
        "ServiceImportError",
        "ChannelError",
    }
    if names & foreseen:
        return str(error)
    if isinstance(error, OSError):
        return f"读写文件失败：{error.strerror or error}（{error.filename or ''}）"
    if isinstance(error, sqlite3.Error):
        return f"数据库操作失败：{error}"
    if isinstance(error, BrokenPipeError):
        return ""
    return None
