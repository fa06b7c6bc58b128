"""One question outside of any conversation, as `linli ask` and evaluations need it.

It goes the same way as a message, but leaves no trace: its unit of work is rolled back.
"""

import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass

from bot.actions.action import Scope, Turn
from bot.actions.knowledge import Knowledge
from bot.actions.policy_lookup import Looked
from bot.assistant import Assistant, handled
from bot.clock import Clock
from bot.conversation import Conversation
from bot.messages import Message
from bot.storage.database import Database
from index.retriever import Passage
from index.service_finder import ServiceFinder, ServiceHit

KINDS = ("policy", "service")
CHANNEL = "ask"


class _LeaveNoTrace(Exception):
    """Ends the unit of work of a question, so that nothing of it is kept."""


@dataclass(frozen=True)
class Asked:
    """A question with everything that was found for it."""

    question: str
    intent: str
    confidence: float
    found: bool
    answer: str
    replies: list[str]
    passages: Sequence[Passage]
    services: Sequence[ServiceHit]


class Asker:
    """Asks the assistant, and gathers what retrieval found beside the reply."""

    def __init__(
        self,
        assistant: Assistant,
        knowledge: Knowledge,
        finder: ServiceFinder,
        database: Database,
        clock: Clock,
    ) -> None:
        self._assistant = assistant
        self._knowledge = knowledge
        self._finder = finder
        self._database = database
        self._clock = clock

    def ask(
        self, question: str, kind: str = "auto", limit: int = 5, only: Set[str] = frozenset()
    ) -> Asked:
        """Answer `question` as `kind` (auto, policy or service), in documents `only` if given."""
        act = kind if kind in KINDS else ""
        scope = Scope(limit, frozenset(only))
        understanding = self._assistant.understand(
            self._message(question), Conversation(welcomed=True), act, scope
        )
        turn, prepared = understanding.turn, understanding.prepared
        meant = handled(turn, [])
        if isinstance(prepared, Looked):
            passages = prepared.passages
        else:
            passages = self._passages(turn) if kind == "auto" else []
        services = self._services(turn) if turn.act == "service" else []
        try:
            with self._database.unit_of_work() as work:
                outcome = self._assistant.act(understanding, work)
                raise _LeaveNoTrace
        except _LeaveNoTrace:
            replies = [reply.text for reply in outcome.replies]
        return Asked(
            question,
            meant.intent,
            meant.confidence,
            bool(outcome.found) and turn.act in KINDS,
            outcome.answer or "\n\n".join(replies),
            replies,
            passages,
            services,
        )

    def _passages(self, turn: Turn) -> list[Passage]:
        if turn.vector is None:
            return []
        return self._knowledge.reading().retriever.search(
            turn.text, limit=turn.scope.limit, vector=turn.vector, only=turn.scope.only or None
        )

    def _services(self, turn: Turn) -> list[ServiceHit]:
        return self._finder.search(turn.text, limit=turn.scope.limit, vector=turn.vector)

    def _message(self, question: str) -> Message:
        unique = uuid.uuid4().hex
        return Message(unique, CHANNEL, unique, unique, "", question, self._clock.now())


def answer_json(asked: Asked, milliseconds: float) -> dict[str, object]:
    """The object that `linli ask --json` prints; other programs rely on its keys."""
    return {
        "question": asked.question,
        "intent": {"name": asked.intent, "confidence": round(asked.confidence, 4)},
        "found": asked.found,
        "answer": asked.answer,
        "passages": [passage_json(rank, passage) for rank, passage in enumerate(asked.passages, 1)],
        "services": [service_json(hit) for hit in asked.services],
        "milliseconds": round(milliseconds, 3),
    }


def passage_json(rank: int, passage: Passage) -> dict[str, object]:
    """One passage with the document that it stands in."""
    document = passage.document
    return {
        "rank": rank,
        "score": round(passage.score, 4),
        "text": passage.chunk.text,
        "section": passage.chunk.section,
        "document": {
            "id": document.id,
            "title": document.title,
            "issuer": document.issuer,
            "document_number": document.document_number,
            "issued_on": document.issued_on,
            "source": document.source,
        },
    }


def service_json(hit: ServiceHit) -> dict[str, object]:
    """One service, its first office standing for place and time."""
    service = hit.service
    office = service.offices[0] if service.offices else None
    return {
        "name": service.name,
        "department": service.department,
        "phone": (office.phone if office and office.phone else "")
        or (service.phones[0] if service.phones else ""),
        "hours": office.hours if office else "",
        "address": office.address if office else "",
        "materials": list(service.materials),
        "score": round(hit.score, 4),
    }
