"""What goes out: replies are written with their effects, and sent afterwards, once at least."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.messages import Reply
from bot.storage.encoding import dump_reply, load_reply
from bot.storage.repository import Repository


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply that waits to be sent; `attempts` counts the failed ones.

    `in_reply_to` is the id of the message that it answers, if any; `error` the class of the last
    failure.
    """

    id: int
    channel: str
    conversation_id: str
    reply: Reply
    attempts: int
    in_reply_to: str = ""
    error: str = ""


class Outbox(Repository):
    """Replies in the order in which they were written."""

    def add(
        self,
        channel: str,
        conversation_id: str,
        reply: Reply,
        in_reply_to: str = "",
        not_before: datetime | None = None,
    ) -> int:
        """Queue a reply, to the message `in_reply_to` if any; its number."""
        return self._insert(
            "outbox",
            {
                "channel": channel,
                "conversation_id": conversation_id,
                "in_reply_to": in_reply_to,
                "body": dump_reply(reply),
                "key": reply.key,
                "created_at": self.now,
                "not_before": not_before or self.now,
            },
        )

    def due(self, channel: str, now: datetime, limit: int = 100) -> list[Outgoing]:
        """The next reply of each conversation that may go out now, oldest first.

        One a conversation, so that a later reply never overtakes an earlier one; a reply that
        waits for another attempt holds back its conversation, one that is scheduled for later
        does not.
        """
        rows = self._query(
            "SELECT * FROM outbox WHERE id IN (SELECT min(id) FROM outbox"
            " WHERE channel = :channel AND state = 'pending'"
            " AND (not_before <= :now OR attempts > 0) GROUP BY conversation_id)"
            " AND not_before <= :now ORDER BY id LIMIT :limit",
            channel=channel,
            now=now,
            limit=limit,
        )
        return [_outgoing(row) for row in rows]

    def mark_sent(self, outgoing_id: int, external_id: str = "") -> None:
        """The messenger took it and calls it `external_id`."""
        self._execute(
            "UPDATE outbox SET state = 'sent', external_id = :external_id, sent_at = :now,"
            " error = '' WHERE id = :id",
            id=outgoing_id,
            external_id=external_id,
            now=self.now,
        )

    def mark_retry(
        self, outgoing_id: int, not_before: datetime, error: type[BaseException]
    ) -> None:
        """It could not be sent; try again from `not_before` on."""
        self._execute(
            "UPDATE outbox SET attempts = attempts + 1, not_before = :not_before, error = :error"
            " WHERE id = :id AND state = 'pending'",
            id=outgoing_id,
            not_before=not_before,
            error=error.__name__,
        )

    def mark_dead(self, outgoing_id: int, error: type[BaseException]) -> None:
        """It can never be sent (the resident blocked us, say): give it up."""
        self._execute(
            "UPDATE outbox SET attempts = attempts + 1, state = 'dead', error = :error,"
            " sent_at = :now WHERE id = :id AND state = 'pending'",
            id=outgoing_id,
            error=error.__name__,
            now=self.now,
        )

    def find_by_key(self, channel: str, conversation_id: str, key: str) -> str | None:
        """The messenger's id of the latest sent reply that was named `key`, to edit in place."""
        row = self._one(
            "SELECT external_id FROM outbox WHERE channel = :channel AND key = :key"
            " AND conversation_id = :conversation_id AND state = 'sent' ORDER BY id DESC LIMIT 1",
            channel=channel,
            conversation_id=conversation_id,
            key=key,
        )
        return None if row is None else row["external_id"] or None

    def latest(self, channel: str, conversation_id: str) -> tuple[Reply, str] | None:
        """The reply that was sent last in a conversation, with the messenger's id of it."""
        row = self._one(
            "SELECT body, external_id FROM outbox WHERE channel = :channel"
            " AND conversation_id = :conversation_id AND state = 'sent' AND body <> ''"
            " ORDER BY id DESC LIMIT 1",
            channel=channel,
            conversation_id=conversation_id,
        )
        return None if row is None else (load_reply(row["body"]), row["external_id"] or "")

    def has_key(self, channel: str, conversation_id: str, key: str) -> bool:
        """Whether a reply named `key` was ever queued for this conversation."""
        row = self._one(
            "SELECT 1 FROM outbox WHERE channel = :channel AND key = :key"
            " AND conversation_id = :conversation_id LIMIT 1",
            channel=channel,
            conversation_id=conversation_id,
            key=key,
        )
        return row is not None

    def dead(self, channel: str) -> list[Outgoing]:
        """What was given up and still has its words, oldest first."""
        rows = self._query(
            "SELECT * FROM outbox WHERE channel = :channel AND state = 'dead' AND body <> ''"
            " ORDER BY id",
            channel=channel,
        )
        return [_outgoing(row) for row in rows]

    def revive(self, outgoing_id: int) -> bool:
        """Give a dead letter a fresh set of attempts; False when it is not one."""
        return bool(
            self._execute(
                "UPDATE outbox SET state = 'pending', attempts = 0, not_before = :now,"
                " sent_at = NULL WHERE id = :id AND state = 'dead' AND body <> ''",
                id=outgoing_id,
                now=self.now,
            )
        )

    def replies_for(self, channel: str, message_id: str) -> list[Reply]:
        """What was answered to a message, so that a repeated one gets the same again."""
        rows = self._query(
            "SELECT body FROM outbox WHERE channel = :channel AND in_reply_to = :message_id"
            " AND body <> '' ORDER BY id",
            channel=channel,
            message_id=message_id,
        )
        return [load_reply(row["body"]) for row in rows]

    def depth(self, channel: str) -> dict[str, int]:
        """How many replies are `pending`, of these `retrying`, and `sent` and `dead`."""
        counts = dict.fromkeys(("pending", "retrying", "sent", "dead"), 0)
        for row in self._query(
            "SELECT state, count(*) AS n, sum(attempts > 0) AS retrying FROM outbox"
            " WHERE channel = :channel GROUP BY state",
            channel=channel,
        ):
            counts[row["state"]] = row["n"]
            if row["state"] == "pending":
                counts["retrying"] = row["retrying"]
        return counts

    def trim(self, before: datetime) -> int:
        """Empty what was sent or given up before then, words and people."""
        return self._execute(
            "UPDATE outbox SET body = '', conversation_id = ''"
            " WHERE state <> 'pending' AND sent_at < :before AND body <> ''",
            before=before,
        )


def _outgoing(row: dict[str, Any]) -> Outgoing:
    return Outgoing(
        row["id"],
        row["channel"],
        row["conversation_id"],
        load_reply(row["body"]),
        row["attempts"],
        row["in_reply_to"],
        row["error"],
    )
