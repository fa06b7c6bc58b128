"""Every question that was put to us: what was understood, what was found, what was missing."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.storage.encoding import record
from bot.storage.records import Question
from bot.storage.repository import Repository


class Questions(Repository):
    """The log of questions. The caller masks contact details in the text before."""

    def add(
        self,
        text: str,
        *,
        intent: str,
        confidence: float,
        engine: str = "",
        slots: Mapping[str, object] | None = None,
        found: bool = False,
        document_id: str = "",
        resident_id: int | None = None,
    ) -> int:
        """Log a question (`document_id`: the top document); its number, for feedback later."""
        return self._insert(
            "questions",
            {
                "at": self.now,
                "resident_id": resident_id,
                "text": text,
                "intent": intent,
                "confidence": confidence,
                "engine": engine,
                "slots": json.dumps(slots or {}, ensure_ascii=False),
                "found": found,
                "document_id": document_id,
            },
        )

    def settle(self, question_id: int, found: bool, document_id: str = "", text: str = "") -> None:
        """Note whether an answer was found, in which document, and the question in full."""
        self._execute(
            "UPDATE questions SET found = :found, document_id = :document_id,"
            " text = CASE WHEN :text = '' THEN text ELSE :text END WHERE id = :id",
            id=question_id,
            found=found,
            document_id=document_id,
            text=text,
        )

    def get(self, question_id: int) -> Question | None:
        """The question with this number."""
        row = self._one("SELECT * FROM questions WHERE id = :id", id=question_id)
        return None if row is None else record(Question, row)

    def give_feedback(self, question_id: int, feedback: str) -> bool:
        """Note what the resident thought of the answer; False when there is no such question."""
        return bool(
            self._execute(
                "UPDATE questions SET feedback = :feedback WHERE id = :id",
                id=question_id,
                feedback=feedback,
            )
        )

    def find(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        found: bool | None = None,
        intent: str = "",
    ) -> Iterator[Question]:
        """Questions of a period, oldest first; `found=False` for the gaps."""
        rows = self._query(
            "SELECT * FROM questions WHERE (:since IS NULL OR at >= :since)"
            " AND (:until IS NULL OR at < :until) AND (:found IS NULL OR found = :found)"
            " AND (:intent = '' OR intent = :intent) ORDER BY id",
            since=since,
            until=until,
            found=found,
            intent=intent,
        )
        return (record(Question, row) for row in rows)
