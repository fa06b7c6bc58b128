"""Tickets on the worker's desk: talks with residents (转人工), and faults in the directory."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.actions.action import Outcome
from bot.actions.worker_views import WorkerViews
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.privacy import mask_contacts
from bot.storage.database import UnitOfWork
from bot.storage.records import Resident, Ticket, TicketKind, Worker

SHOWN = 8


@dataclass
class TicketDesk:
    """One worker's command about tickets in one unit of work."""

    views: WorkerViews
    work: UnitOfWork
    worker: Worker
    state: Conversation

    def tickets(self, words: str) -> Outcome:
        """Residents who wait for a person."""
        return self._list(TicketKind.TALK)

    def corrections(self, words: str) -> Outcome:
        """Faults in the service directory that residents told."""
        return self._list(TicketKind.CORRECTION)

    def _list(self, kind: TicketKind) -> Outcome:
        waiting = [each for each in self.work.tickets.waiting(kind=kind) if self._is_mine(each)]
        shown = waiting[:SHOWN]
        owners = [self.work.people.get(each.resident_id) for each in shown]
        names = [owner.name if owner else "" for owner in owners]
        return self._reply(self.views.tickets(kind, shown, names, len(waiting)))

    def take(self, words: str) -> Outcome:
        """Take a ticket, so that nobody else answers it as well, and ask for the answer."""
        return self._with_ticket(words, self._take)

    def answer(self, words: str) -> Outcome:
        """Answer a ticket; the answer reaches the resident through the outbox."""
        return self._with_ticket(words, self._answer)

    def _with_ticket(self, words: str, do: Callable[[Ticket, str], Outcome]) -> Outcome:
        code, answer = (*words.split(maxsplit=1), "", "")[:2]
        ticket = self.work.tickets.get(code) if code else None
        if ticket is None or not self._is_mine(ticket):
            return self._reply(self.views.say("tickets.unknown", code=code))
        if ticket.answered_at is not None:
            return self._reply(self.views.say("tickets.answered_already", code=ticket.code))
        return do(ticket, answer.strip())

    def _take(self, ticket: Ticket, words: str) -> Outcome:
        if not self.work.tickets.take(ticket.code, self.worker.person):
            return self._reply(self.views.say("tickets.taken_by_other", code=ticket.code))
        """Who takes a ticket sees it as it was written; where it holds contacts, that is logged."""
        waiting = replace(self.state, awaiting=f"worker:answer:{ticket.code}")
        asked = self.views.ask("answer", ticket.code)
        lines = [ticket.text, "", asked.text]
        if mask_contacts(ticket.text) != ticket.text:
            self.work.people.log_access(self.worker.person, "contacts", ticket.code, "ticket")
            lines.insert(1, self.views.text("look_logged"))
        return Outcome(waiting, (replace(asked, text="\n".join(lines)),))

    def _answer(self, ticket: Ticket, answer: str) -> Outcome:
        if not answer:
            return self._take(ticket, "")
        self.work.tickets.answer(ticket.code, self.worker.person, answer)
        resident = self.work.people.get(ticket.resident_id)
        if resident is None or resident.blocked_at or resident.forgotten_at:
            return self._reply(self.views.say("tickets.unreached", code=ticket.code))
        self._tell(ticket, resident, answer)
        return self._reply(self.views.say("tickets.answered", code=ticket.code))

    def _tell(self, ticket: Ticket, resident: Resident, answer: str) -> None:
        responses = self.views.responses
        kind = "answered" if ticket.kind is TicketKind.TALK else "corrected"
        text = responses.text(f"handoff.{kind}", text=answer)
        again = Button(responses.text("handoff.buttons.again"), "handoff:again")
        self.work.outbox.add(resident.channel, resident.external_id, Reply(text, (again,)))

    def _is_mine(self, ticket: Ticket) -> bool:
        return self.views.communities.covers(self.worker.community, ticket.community)

    def _reply(self, reply: Reply) -> Outcome:
        return Outcome(self.state, (reply,))
