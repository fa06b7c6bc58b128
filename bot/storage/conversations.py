"""Where each conversation stands, with a version that shows whether it changed meanwhile."""

from datetime import datetime

from bot.storage.errors import StaleConversation
from bot.storage.repository import Repository


class Conversations(Repository):
    """The state of each conversation, as JSON that this module does not look into."""

    def load(self, channel: str, conversation_id: str) -> tuple[str, int]:
        """The state and its version; `("", 0)` for a conversation that is new.

        The state is also empty when its resident was forgotten.
        """
        row = self._one(
            "SELECT state, version FROM conversations"
            " WHERE channel = :channel AND conversation_id = :conversation_id",
            channel=channel,
            conversation_id=conversation_id,
        )
        return ("", 0) if row is None else (row["state"], row["version"])

    def save(
        self, channel: str, conversation_id: str, state_json: str, expected_version: int
    ) -> int:
        """Keep the new state; its version.

        Raises StaleConversation when the stored version is not `expected_version`: the message
        was understood against a state that is no longer true.
        """
        changed = self._execute(
            "INSERT INTO conversations (channel, conversation_id, state, version, updated_at)"
            " VALUES (:channel, :conversation_id, :state, 1, :now) ON CONFLICT DO NOTHING"
            if expected_version == 0
            else "UPDATE conversations SET state = :state, version = version + 1,"
            " updated_at = :now WHERE channel = :channel AND conversation_id = :conversation_id"
            " AND version = :expected",
            channel=channel,
            conversation_id=conversation_id,
            state=state_json,
            expected=expected_version,
            now=self.now,
        )
        if not changed:
            raise StaleConversation(f"会话 {channel}/{conversation_id} 在处理期间有变化，请重试。")
        return expected_version + 1

    def mention(self, text: str) -> bool:
        """Whether the state of any conversation contains `text` (the path of a draft's file)."""
        row = self._one("SELECT 1 FROM conversations WHERE instr(state, :text) LIMIT 1", text=text)
        return row is not None

    def trim(self, before: datetime) -> int:
        """Forget conversations that have been still since before then; how many."""
        return self._execute("DELETE FROM conversations WHERE updated_at < :before", before=before)
