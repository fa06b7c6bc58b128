"""One SQLite file, safe against every kind of end: connections, transactions, errors.

Write-ahead log, foreign keys on. A connection belongs to one thread. A unit of work is our own
BEGIN IMMEDIATE … COMMIT, short and all or nothing; it survives the death of the process, and,
unless told that it need not, a power cut.
"""

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database as SqliteDatabase

from bot.clock import Clock
from bot.storage.conversations import Conversations
from bot.storage.errors import DatabaseTooNew, StorageError, translate, translate_os
from bot.storage.inbox import Inbox
from bot.storage.migrations import migrations, unknown_migrations
from bot.storage.outbox import Outbox
from bot.storage.people import People
from bot.storage.proposals import Proposals
from bot.storage.questions import Questions
from bot.storage.tickets import Tickets

BUSY_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """The repositories of one transaction, and its moment (`now`, aware UTC)."""

    now: datetime
    time_zone: ZoneInfo
    inbox: Inbox
    outbox: Outbox
    conversations: Conversations
    people: People
    proposals: Proposals
    questions: Questions
    tickets: Tickets


class Database:
    """The database file of a home folder, shared by threads and processes."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        time_zone: str,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        """Open `path`, creating folder, file and tables as needed.

        `time_zone` (IANA name) dates the codes of proposals. Raises StorageError.
        """
        self.path = path
        self.clock = clock
        self.time_zone = ZoneInfo(time_zone)
        self._busy_timeout_seconds = busy_timeout_seconds
        self._local = threading.local()
        self._open: weakref.WeakSet[SqliteDatabase] = weakref.WeakSet()
        self._open_lock = threading.Lock()
        with self._translated(), self._alone():
            self._create_file()
            self._migrate(self._rows())

    @contextmanager
    def unit_of_work(self, *, durable: bool = True) -> Iterator[UnitOfWork]:
        """A transaction that writes: everything in the block, or, when it raises, nothing.

        It holds the only write lock, so keep it to milliseconds: understand and search before.
        A commit that is not `durable` does not wait for the disk (3 to 10 ms): a power cut may undo
        it, with all that came after it, until the next durable one. That is enough where the
        message stands durably in the inbox and would be handled again (an answered question), or
        where it would only be sent again (a reply marked as sent). Raises StorageError when storage
        fails.
        """
        rows = self._rows()
        if not rows.conn.in_transaction:
            rows.conn.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        with self._transaction("BEGIN IMMEDIATE") as unit:
            yield unit

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A transaction that only reads: one consistent view, however long it takes.

        Others may write meanwhile. An attempt to write in it raises StorageError.
        """
        rows = self._rows()
        with self._translated():
            rows.conn.execute("PRAGMA query_only = ON")
        try:
            with self._transaction("BEGIN") as unit:
                yield unit
        finally:
            rows.conn.execute("PRAGMA query_only = OFF")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._open_lock:
            for rows in list(self._open):
                rows.close()
            self._open.clear()
        self._local = threading.local()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[UnitOfWork]:
        rows = self._rows()
        if rows.conn.in_transaction:
            raise RuntimeError("a transaction within a transaction of the same thread")
        with self._translated():
            rows.conn.execute(begin)
            try:
                yield self._unit(rows)
                rows.conn.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if rows.conn.in_transaction:
                    rows.conn.execute("ROLLBACK")
                raise

    def _unit(self, rows: SqliteDatabase) -> UnitOfWork:
        now = self.clock.now()
        return UnitOfWork(
            now=now,
            time_zone=self.time_zone,
            inbox=Inbox(rows, now),
            outbox=Outbox(rows, now),
            conversations=Conversations(rows, now),
            people=People(rows, now),
            proposals=Proposals(rows, now),
            questions=Questions(rows, now),
            tickets=Tickets(rows, now),
        )

    def _rows(self) -> SqliteDatabase:
        """This thread's connection."""
        rows: SqliteDatabase | None = getattr(self._local, "rows", None)
        if rows is None:
            with self._translated():
                rows = self._local.rows = self._connect()
        return rows

    def _connect(self) -> SqliteDatabase:
        connection = sqlite3.connect(
            self.path,
            timeout=self._busy_timeout_seconds,
            isolation_level=None,  # we begin and commit ourselves
            check_same_thread=False,  # so that close() may close it from another thread
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten leaves the file
        rows = SqliteDatabase(connection)
        with self._open_lock:
            self._open.add(rows)
        weakref.finalize(rows, connection.close)  # when its thread ends
        return rows

    def _create_file(self) -> None:
        """The file, readable by its owner alone: it holds contact details."""
        try:
            # Only where there is none: to close a file ends all locks that its process holds on it.
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise translate_os(error, self.path) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time of all that open databases in this folder: SQLite does not wait for
        others where it turns to the write-ahead log.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise translate_os(error, self.path) from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _migrate(self, rows: SqliteDatabase) -> None:
        """Bring the tables up to date, one process at a time; most often there is nothing to do."""
        connection = rows.conn
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        if unknown := unknown_migrations(rows):
            raise DatabaseTooNew(
                f"这个数据库由更新版本的程序建立（{unknown[-1]}），请升级后再用：{self.path}"
            )
        if not migrations.pending(rows):
            return
        connection.execute("BEGIN EXCLUSIVE")
        try:
            migrations.apply(rows)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except StorageError:
            raise
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
