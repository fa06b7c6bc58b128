"""Where the time comes from: injected everywhere, so that tests and replays choose it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved: for tests and for replaying the past."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was last set to, aware, in UTC."""
        return self._moment

    def advance(self, step: timedelta) -> None:
        """Move on by `step`."""
        self._moment += step


def local(moment: datetime, time_zone: str | ZoneInfo) -> datetime:
    """`moment` as the people of `time_zone` (IANA name) read it on the wall."""
    return moment.astimezone(ZoneInfo(time_zone) if isinstance(time_zone, str) else time_zone)
