"""The database for code that runs in an event loop: every call goes to a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.storage.database import Database, UnitOfWork

T = TypeVar("T")


class Storing:
    """Reads and writes without blocking the event loop, one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in a reading transaction. Raises StorageError."""

        def run() -> T:
            with self._database.read() as rows:
                return work(rows)

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    async def write(self, work: Callable[[UnitOfWork], T], *, durable: bool = True) -> T:
        """Run `work` in a unit of work (see `Database.unit_of_work`). Raises StorageError."""

        def run() -> T:
            with self._database.unit_of_work(durable=durable) as unit:
                return work(unit)

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    def close(self) -> None:
        """Finish what was begun."""
        self._thread.shutdown()
