"""What came in: an update is acknowledged to its messenger only after it stands here."""

from datetime import datetime

from bot.messages import Message
from bot.storage.encoding import dump_message, record
from bot.storage.errors import AlreadyHandled
from bot.storage.records import Received
from bot.storage.repository import Repository

MAX_ATTEMPTS = 5


class Inbox(Repository):
    """Messages in the order of their arrival, each handled once."""

    def receive(self, message: Message) -> bool:
        """Keep the whole message; False when it already stood here (then nothing changes)."""
        return self._receive(
            message.channel,
            message.id,
            message.conversation_id,
            message.sender_id,
            dump_message(message),
            raw=False,
        )

    def receive_raw(
        self,
        channel: str,
        message_id: str,
        conversation_id: str,
        body: str,
        sender_id: str = "",
    ) -> bool:
        """Keep a messenger's update as it came (JSON); False when it already stood here."""
        return self._receive(channel, message_id, conversation_id, sender_id, body, raw=True)

    def _receive(
        self,
        channel: str,
        message_id: str,
        conversation_id: str,
        sender_id: str,
        body: str,
        *,
        raw: bool,
    ) -> bool:
        return bool(
            self._execute(
                "INSERT INTO inbox (channel, message_id, conversation_id, sender_id, raw, body,"
                " received_at) VALUES (:channel, :message_id, :conversation_id, :sender_id, :raw,"
                " :body, :now) ON CONFLICT DO NOTHING",
                channel=channel,
                message_id=message_id,
                conversation_id=conversation_id,
                sender_id=sender_id,
                raw=raw,
                body=body,
                now=self.now,
            )
        )

    def pending(self, channel: str, limit: int = 100) -> list[Received]:
        """The oldest unhandled message of each conversation, oldest first.

        Only the first of a conversation is ever given, so that order holds: while it waits for
        another attempt, the conversation waits.
        """
        rows = self._query(
            "SELECT * FROM inbox WHERE id IN (SELECT min(id) FROM inbox WHERE channel = :channel"
            " AND state = 'pending' GROUP BY conversation_id)"
            " AND (not_before IS NULL OR not_before <= :now) ORDER BY id LIMIT :limit",
            channel=channel,
            now=self.now,
            limit=limit,
        )
        return [record(Received, row) for row in rows]

    def pending_of(self, channel: str, conversation_id: str, limit: int = 20) -> list[Received]:
        """The unhandled messages of one conversation, oldest first.

        There are none while the oldest waits for another attempt.
        """
        rows = self._query(
            "SELECT * FROM inbox WHERE channel = :channel AND conversation_id = :conversation_id"
            " AND state = 'pending' ORDER BY id LIMIT :limit",
            channel=channel,
            conversation_id=conversation_id,
            limit=limit,
        )
        waiting = [record(Received, row) for row in rows]
        first = waiting[0].not_before if waiting else None
        return [] if first is not None and first > self.now else waiting

    def find(self, channel: str, message_id: str) -> Received | None:
        """The message with this id, in whatever state."""
        row = self._one(
            "SELECT * FROM inbox WHERE channel = :channel AND message_id = :message_id",
            channel=channel,
            message_id=message_id,
        )
        return None if row is None else record(Received, row)

    def is_done(self, channel: str, message_id: str) -> bool:
        """Whether the message was handled (or given up)."""
        return (
            self._one(
                "SELECT 1 FROM inbox WHERE channel = :channel AND message_id = :message_id"
                " AND state <> 'pending'",
                channel=channel,
                message_id=message_id,
            )
            is not None
        )

    def mark_done(self, channel: str, message_id: str) -> None:
        """Say, in the transaction of its effects, that the message is handled.

        Raises AlreadyHandled when it is no longer pending, which undoes those effects: two
        processes that take up the same message act once.
        """
        changed = self._execute(
            "UPDATE inbox SET state = 'done', handled_at = :now, error = ''"
            " WHERE channel = :channel AND message_id = :message_id AND state = 'pending'",
            channel=channel,
            message_id=message_id,
            now=self.now,
        )
        if not changed:
            raise AlreadyHandled(f"消息 {channel}/{message_id} 已处理过，本次不再重复。")

    def mark_failed(
        self,
        channel: str,
        message_id: str,
        error: type[BaseException],
        retry_at: datetime | None = None,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> bool:
        """Count a failed attempt; True when it was the last and the message is a dead letter now.

        Only the error's class is kept: its words may hold what the resident wrote. Call it in a
        unit of work of its own, after the failed one was rolled back.
        """
        self._execute(
            "UPDATE inbox SET attempts = attempts + 1, error = :error, not_before = :retry_at,"
            " state = iif(attempts + 1 >= :max_attempts, 'dead', 'pending'),"
            " handled_at = iif(attempts + 1 >= :max_attempts, :now, NULL)"
            " WHERE channel = :channel AND message_id = :message_id AND state = 'pending'",
            channel=channel,
            message_id=message_id,
            error=error.__name__,
            retry_at=retry_at,
            max_attempts=max_attempts,
            now=self.now,
        )
        return (
            self._one(
                "SELECT 1 FROM inbox WHERE channel = :channel AND message_id = :message_id"
                " AND state = 'dead'",
                channel=channel,
                message_id=message_id,
            )
            is not None
        )

    def dead(self, channel: str) -> list[Received]:
        """The dead letters, oldest first."""
        rows = self._query(
            "SELECT * FROM inbox WHERE channel = :channel AND state = 'dead' ORDER BY id",
            channel=channel,
        )
        return [record(Received, row) for row in rows]

    def revive(self, channel: str, message_id: str) -> bool:
        """Give a dead letter a fresh set of attempts; False when it is not one."""
        return bool(
            self._execute(
                "UPDATE inbox SET state = 'pending', attempts = 0, not_before = NULL,"
                " handled_at = NULL"
                " WHERE channel = :channel AND message_id = :message_id AND state = 'dead'",
                channel=channel,
                message_id=message_id,
            )
        )

    def depth(self, channel: str) -> dict[str, int]:
        """How many messages are `pending`, `done` and `dead`."""
        counts = dict.fromkeys(("pending", "done", "dead"), 0)
        for row in self._query(
            "SELECT state, count(*) AS n FROM inbox WHERE channel = :channel GROUP BY state",
            channel=channel,
        ):
            counts[row["state"]] = row["n"]
        return counts

    def trim(self, before: datetime) -> int:
        """Empty what was handled before then, words and people; ids stay, to know repeats."""
        return self._execute(
            "UPDATE inbox SET body = '', conversation_id = '', sender_id = ''"
            " WHERE state <> 'pending' AND handled_at < :before AND body <> ''",
            before=before,
        )
