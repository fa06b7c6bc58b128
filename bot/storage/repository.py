"""What all repositories share: the connection, the moment, and short SQL helpers."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database as SqliteDatabase

from bot.storage.encoding import column


class Repository:
    """A group of tables within one transaction; `now` is the moment of the transaction."""

    def __init__(self, rows: SqliteDatabase, now: datetime) -> None:
        self._rows = rows
        self.now = now

    def _query(self, sql: str, **values: object) -> Iterator[dict[str, Any]]:
        rows: Iterator[dict[str, Any]] = self._rows.query(
            sql, {name: column(value) for name, value in values.items()}
        )
        return rows

    def _one(self, sql: str, **values: object) -> dict[str, Any] | None:
        return next(iter(list(self._query(sql, **values))), None)

    def _execute(self, sql: str, **values: object) -> int:
        """Run a statement; the number of rows that it changed."""
        cursor = self._rows.execute(sql, {name: column(value) for name, value in values.items()})
        return int(cursor.rowcount)

    def _insert(self, table: str, row: Mapping[str, object]) -> int:
        """Insert a row; its rowid."""
        inserted = self._rows.table(table).insert({k: column(v) for k, v in row.items()})
        return int(inserted.last_rowid or 0)
