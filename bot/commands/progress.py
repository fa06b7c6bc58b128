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

_STEP = 100


class Bar:
    """A bar that is moved by calling it with what is done, what there is in all, and the rate.

    Before that, `counted` shows that something is being gathered whose amount is not known yet.
    """

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._task = progress.add_task(title, total=None, rate=0.0)

    def __call__(self, done: int, total: int, rate: float) -> None:
        self._progress.start()  # only now: where there is nothing to do, nothing is shown
        self._progress.update(
            self._task, description=self._title, completed=done, total=total, rate=rate
        )

    def counted(self, count: int) -> None:
        """So many have been gathered."""
        if count % _STEP == 0:
            self._progress.start()
            self._progress.update(self._task, description=f"{self._title}：已读 {count} 份")


@contextmanager
def progress_bar(title: str) -> Iterator[Bar]:
    """A bar on stderr, shown as soon as there is something to do."""
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:,.0f} 字/秒"),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=Console(stderr=True))
    try:
        yield Bar(progress, title)
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
