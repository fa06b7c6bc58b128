"""How much one person may send: so many messages a minute, and not the same one again and again.

It counts by the time at which messages were written, so that what piled up while we were away is
no flood. It lives in memory: a restart begins anew.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto

WINDOW = timedelta(minutes=1)
MAX_REPEATS = 3
"""The same words more often than this within a minute are junk."""

COMPARED = 200
"""How many characters of a message are kept to know it again."""

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
    album: str = ""
    takes_album: bool = False

    def copy(self) -> "_Record":
        return replace(self, sent=deque(self.sent))


class RateLimiter:
    """Judges the messages of each person."""

    def __init__(self, messages_per_minute: int) -> None:
        self._most = messages_per_minute
        self._records: dict[str, _Record] = {}

    def judge(self, sender_id: str, words: str, sent_at: datetime, album: str = "") -> Verdict:
        """Count a message and say what is to become of it; `words` empty: it repeats nothing.

        What is dropped counts too, so that who goes on flooding stays limited until a quiet
        minute. All photos of an album are one message, and share its fate.
        """
        if len(self._records) > FORGET_AFTER:
            self._forget(sent_at)
        record = self._records.setdefault(sender_id, _Record())
        if album and album == record.album:
            return Verdict.TAKE if record.takes_album else Verdict.DROP
        verdict = self._count(record, words[:COMPARED], sent_at)
        record.album, record.takes_album = album, verdict is Verdict.TAKE
        return verdict

    def remember(self, sender_ids: Iterable[str]) -> dict[str, _Record]:
        """What is known of these people now, to be put back when their messages come again."""
        return {each: self._records.get(each, _Record()).copy() for each in sender_ids}

    def restore(self, remembered: dict[str, _Record]) -> None:
        """Forget what was counted since."""
        self._records.update(remembered)

    def _count(self, record: _Record, words: str, sent_at: datetime) -> Verdict:
        while record.sent and record.sent[0][0] <= sent_at - WINDOW:
            record.sent.popleft()
        repeats = sum(earlier == words for _, earlier in record.sent) if words else 0
        record.sent.append((sent_at, words))
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
