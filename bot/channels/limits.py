"""How much one person may send: so many messages a minute, and not the same one again and again.

It counts by the time at which messages were written, so that what piled up while we were away is
no flood. It lives in memory: a restart begins anew.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

WINDOW = timedelta(minutes=1)
MAX_REPEATS = 3
"""The same words more often than this within a minute are junk."""

FORGET_AFTER = 10_000
"""People to remember before those who have been quiet are forgotten."""


class Verdict(Enum):
    """What to do with a message: take it, drop it and say why (once a minute), or only drop it."""

    TAKE = auto()
    SLOW_DOWN = auto()
    REPEATED = auto()
    DROP = auto()


@dataclass
class _Record:
    sent: deque[tuple[datetime, str]] = field(default_factory=deque)
    told_at: datetime | None = None


class RateLimiter:
    """Judges the messages of each person."""

    def __init__(self, messages_per_minute: int) -> None:
        self._most = messages_per_minute
        self._records: dict[str, _Record] = {}

    def judge(self, sender_id: str, words: str, sent_at: datetime) -> Verdict:
        """Count a message and say what is to become of it; `words` empty: it repeats nothing.

        What is dropped counts too, so that who goes on flooding stays limited until a quiet
        minute.
        """
        if len(self._records) > FORGET_AFTER:
            self._forget(sent_at)
        record = self._records.setdefault(sender_id, _Record())
        while record.sent and record.sent[0][0] <= sent_at - WINDOW:
            record.sent.popleft()
        repeats = sum(earlier == words for _, earlier in record.sent) if words else 0
        record.sent.append((sent_at, words[:200]))
        while len(record.sent) > 2 * self._most:
            record.sent.popleft()
        if len(record.sent) > self._most:
            return self._refuse(record, Verdict.SLOW_DOWN, sent_at)
        if repeats >= MAX_REPEATS:
            return self._refuse(record, Verdict.REPEATED, sent_at)
        return Verdict.TAKE

    def _refuse(self, record: _Record, reason: Verdict, at: datetime) -> Verdict:
        if record.told_at is not None and at - record.told_at < WINDOW:
            return Verdict.DROP
        record.told_at = at
        return reason

    def _forget(self, now: datetime) -> None:
        self._records = {
            sender: record
            for sender, record in self._records.items()
            if record.sent and record.sent[-1][0] > now - WINDOW
        }
