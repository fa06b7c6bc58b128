"""Vectors of texts that are encoded but not yet part of a snapshot: an interrupted run goes on."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors

Keys = NDArray[np.int64]
Stored = NDArray[np.float16]

_VALUES_A_QUERY = 500  # SQLite's oldest limit is 999


def text_key(text: str) -> int:
    """Identify an encoded text by 64 bits of its BLAKE2b hash.

    Two of ten million different texts share a key with a probability of 3 in a million.
    """
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


@dataclass(frozen=True)
class KnownVectors:
    """Vectors `(n, dim) float16` that exist already, and the `(n,)` keys of their texts."""

    keys: Keys
    vectors: Stored

    def sorted(self) -> tuple[Keys, NDArray[np.int64]]:
        """The keys in ascending order, and the row of each."""
        order = np.argsort(self.keys, kind="stable")
        return self.keys[order], order


class EncodedStore:
    """Vectors by text key and encoder in one SQLite file; every `put` is durable by itself.

    A damaged file is replaced by an empty one: its content can be computed again. Every method
    raises sqlite3.OperationalError where the disk is full.
    """

    def __init__(self, path: Path, encoder_name: str, dim: int) -> None:
        self._encoder_name = encoder_name
        self._dim = dim
        try:
            self._connection = _connect(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            path.unlink()
            self._connection = _connect(path)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def keys(self) -> Keys:
        """All keys there are for this encoder, ascending."""
        rows = self._connection.execute(
            "SELECT key FROM vectors WHERE encoder = ? AND length(vector) = ? ORDER BY key",
            (self._encoder_name, 2 * self._dim),
        )
        return np.fromiter((key for (key,) in rows), np.int64)

    def put(self, keys: Keys, vectors: Vectors) -> None:
        """Keep `(n, dim)` vectors under `(n,)` keys, in float16."""
        rows = zip(keys.tolist(), vectors.astype(np.float16), strict=True)
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                ((self._encoder_name, key, vector.tobytes()) for key, vector in rows),
            )

    def get(self, keys: Keys) -> Stored:
        """`(n, dim) float16` vectors of keys; raises KeyError for one that is not there."""
        found: dict[int, bytes] = {}
        for some in _parts(np.unique(keys)):
            marks = ",".join("?" * len(some))
            found.update(
                self._connection.execute(
                    f"SELECT key, vector FROM vectors WHERE encoder = ? AND key IN ({marks})",
                    (self._encoder_name, *some),
                )
            )
        data = b"".join(found[key] for key in keys.tolist())
        return np.frombuffer(data, np.float16).reshape(-1, self._dim)

    def remove(self, keys: Keys) -> None:
        """Forget these keys: a snapshot holds them now."""
        with self._connection:
            for some in _parts(keys):
                marks = ",".join("?" * len(some))
                self._connection.execute(
                    f"DELETE FROM vectors WHERE encoder = ? AND key IN ({marks})",
                    (self._encoder_name, *some),
                )
        self._connection.execute("PRAGMA incremental_vacuum")


def _parts(keys: Keys) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(keys), _VALUES_A_QUERY):
        yield tuple(keys[start : start + _VALUES_A_QUERY].tolist())


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors"
            " (encoder TEXT, key INTEGER, vector BLOB, PRIMARY KEY (encoder, key)) WITHOUT ROWID"
        )
        connection.execute("SELECT count(*) FROM vectors WHERE encoder = ''").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
