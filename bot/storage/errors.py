"""What can go wrong with storage, in words for the person who runs the program.

StorageError
├── HomeUnwritable      the folder or file cannot be created or written
├── DiskFull            no room left, or a size limit is reached
├── DatabaseLocked      another program holds the database for too long
├── DatabaseDamaged     the file is not a database, or a broken one
├── DatabaseTooNew      a newer version of the program has written it
├── StaleConversation   the conversation was changed since it was read
├── AlreadyHandled      somebody else has handled this message meanwhile
├── InvalidInvite       an invite code is unknown, used or out of date
├── UnacceptableFile    a file from a resident has a wrong type or is too big
└── BackupError         a backup cannot be written, or is not fit to be restored
"""

import errno
import sqlite3
from pathlib import Path


class StorageError(Exception):
    """Storage cannot do what was asked; the message says what and how to mend it."""


class HomeUnwritable(StorageError):
    """The folder or the file cannot be created or written."""


class DiskFull(StorageError):
    """No room is left, or a size limit is reached."""


class DatabaseLocked(StorageError):
    """Another program holds the database for longer than we wait."""


class DatabaseDamaged(StorageError):
    """The file is not a database, or a broken one."""


class DatabaseTooNew(StorageError):
    """A newer version of the program has written this database."""


class StaleConversation(StorageError):
    """The conversation has changed since it was read: understand the message again."""


class AlreadyHandled(StorageError):
    """The message is no longer pending: somebody else has handled it, so do not do it twice."""


class InvalidInvite(StorageError):
    """An invite code is unknown, used up or out of date."""


class UnacceptableFile(StorageError):
    """A file from a resident is of a type that we do not take, too big, or unreadable.

    `reason` is the key of what to say, in the group `file` of the responses, with its `slots`.
    """

    def __init__(self, reason: str, **slots: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.slots = slots


class BackupError(StorageError):
    """A backup cannot be written, or is not fit to be restored."""


# The low byte of SQLite's extended result code is the primary one (sqlite.org/rescode.html).
_BY_CODE: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, "磁盘已满，数据没有写入。请腾出空间后重试：{path}"),
    sqlite3.SQLITE_IOERR: (DiskFull, "磁盘读写失败，数据没有写入。请检查磁盘空间和状态：{path}"),
    sqlite3.SQLITE_BUSY: (DatabaseLocked, "数据库正被其他程序占用，请稍后重试：{path}"),
    sqlite3.SQLITE_LOCKED: (DatabaseLocked, "数据库正被其他程序占用，请稍后重试：{path}"),
    sqlite3.SQLITE_READONLY: (HomeUnwritable, "数据库不可写，请检查文件和目录的权限：{path}"),
    sqlite3.SQLITE_CANTOPEN: (HomeUnwritable, "打不开数据库，请检查目录是否存在、能否写入：{path}"),
    sqlite3.SQLITE_PERM: (HomeUnwritable, "没有权限打开数据库：{path}"),
    sqlite3.SQLITE_CORRUPT: (DatabaseDamaged, "数据库已损坏，请用 linli restore 恢复备份：{path}"),
    sqlite3.SQLITE_NOTADB: (DatabaseDamaged, "这个文件不是邻里的数据库：{path}"),
}


def translate(error: sqlite3.Error, path: Path) -> StorageError:
    """The StorageError that says what `error` means for the database at `path`."""
    code = getattr(error, "sqlite_errorcode", None)
    kind, words = _BY_CODE.get(
        -1 if code is None else code & 0xFF, (StorageError, "数据库操作失败（{error}）：{path}")
    )
    return kind(words.format(path=path, error=error))


def translate_os(error: OSError, path: Path) -> StorageError:
    """The StorageError that says what `error` means for the file or folder at `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(f"磁盘已满，文件没有写入。请腾出空间后重试：{path}")
    return HomeUnwritable(f"无法写入（{error.strerror}）：{path}")
