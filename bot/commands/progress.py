"""A progress bar with rate and time left, on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

Advance = Callable[[int, int, float], None]
"""Takes what is done, what there is in all, and how much is done a second."""


@contextmanager
def progress_bar(title: str) -> Iterator[Advance]:
    """A bar that the given function moves."""
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:,.0f} 字/秒"),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=Console(stderr=True))
    task = progress.add_task(title, total=None, rate=0.0)

    def advance(done: int, total: int, rate: float) -> None:
        progress.start()  # only now: where there is nothing to do, nothing is shown
        progress.update(task, completed=done, total=total, rate=rate)

    try:
        yield advance
    finally:
        progress.stop()


@contextmanager
def counting_bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar over a known number of rows."""
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)
