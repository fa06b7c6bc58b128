"""转人工: a ticket that reaches a worker and comes back with an answer."""

from dataclasses import replace

from bot.actions.action import Outcome, Turn
from bot.actions.notices import tell_workers
from bot.clock import local
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.communities import Communities
from bot.proposals.privacy import mask_contacts, mask_name
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.records import Resident, Ticket, TicketKind

BARE = 12
"""A request for a person this short says nothing yet about the matter."""


class HandoffAction:
    """Opens a ticket, tells the workers, and collects what the resident wants to say."""

    def __init__(self, responses: Responses, communities: Communities, hotline: str) -> None:
        self._responses = responses
        self._communities = communities
        self._hotline = hotline

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: None, state: Conversation, work: UnitOfWork) -> Outcome:
        """Queue the resident; the next message is added to the ticket if nothing was said yet."""
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        awaited = turn.argument.startswith("awaited:")
        if awaited:
            code = turn.argument.removeprefix("awaited:")
            work.tickets.add_text(code, turn.text)
            if (ticket := work.tickets.get(code)) is not None:
                self._tell(ticket, resident, work)
            text = self._text("noted", state, code=code)
            return Outcome(replace(state, awaiting=""), (Reply(text),))
        waiting = work.tickets.waiting(resident.id, TicketKind.TALK)
        if waiting:
            code = waiting[-1].code
            asked = replace(state, awaiting=f"handoff:{code}")
            return Outcome(asked, (Reply(self._text("waiting", state, code=code)),))
        day = local(work.now, work.time_zone).date()
        ticket = work.tickets.open(TicketKind.TALK, turn.text, resident, day)
        queued = Reply(self._text("queued", state, code=ticket.code, hotline=self._hotline))
        if len(turn.text) <= BARE:
            asked = replace(state, awaiting=f"handoff:{ticket.code}")
            return Outcome(asked, (queued, Reply(self._text("ask", state))))
        self._tell(ticket, resident, work)
        return Outcome(state, (queued,))

    def _tell(self, ticket: Ticket, resident: Resident, work: UnitOfWork) -> None:
        somebody = self._responses.text("worker.somebody")
        text = self._responses.text(
            "worker.ticket",
            code=ticket.code,
            name=mask_name(resident.name) or somebody,
            text=mask_contacts(ticket.text),
        )
        label = self._responses.text("worker.buttons.answer_ticket", code=ticket.code)
        notice = Reply(text, (Button(label, f"worker:take:{ticket.code}"),))
        tell_workers(work, self._communities, ticket.community, notice)

    def _text(self, key: str, state: Conversation, **slots: object) -> str:
        return self._responses.text(f"handoff.{key}", state.traditional, **slots)
