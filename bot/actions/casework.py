"""What workers do to proposals, from chat or command line: the ledger, and telling the residents.

Replies go to the outbox in the same unit of work, so nobody hears of a move that did not happen.
"""

from bot.messages import Button, Reply
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.records import Event, Person, Proposal, Resident, Stage

QUIET = (Stage.RAISED, Stage.EVALUATED)
"""Stages that residents are not told of: they did it themselves."""


class Casework:
    """The ledger as it stands in one unit of work, with notices to those who follow a proposal."""

    def __init__(self, work: UnitOfWork, deadlines: Deadlines, responses: Responses) -> None:
        self._work = work
        self.ledger = Ledger(work, deadlines)
        self._responses = responses

    def move(self, code: str, to: Stage, by: Person, note: str = "", target: str = "") -> Event:
        """Move a proposal and tell its followers. Raises ProposalError."""
        followers = self.ledger.followers(code)
        event = self.ledger.move(code, to, by, note, target)
        proposal = self.ledger.proposal(code)
        if to not in QUIET:
            for resident in followers:
                self._tell(resident, self._moved(proposal, resident, note, target))
        return event

    def assign(self, code: str, department: str, by: Person, note: str = "") -> Event:
        """Give a proposal to a department and tell its followers."""
        event = self.ledger.assign(code, department, by, note)
        proposal = self.ledger.proposal(code)
        text = self._responses.text(
            "status.assigned", title=proposal.title, code=proposal.code, department=department
        )
        for resident in self.ledger.followers(code):
            self._tell(resident, Reply(text))
        return event

    def reply(self, code: str, by: Person, words: str) -> Event:
        """Answer the resident about a proposal."""
        event = self.ledger.reply(code, by, words)
        text = self._responses.text("status.reply", code=code.upper(), text=words)
        for resident in self.ledger.followers(code)[:1]:
            self._tell(resident, Reply(text))
        return event

    def _moved(self, proposal: Proposal, resident: Resident, note: str, target: str) -> Reply:
        slots = {"title": proposal.title, "code": proposal.code}
        if proposal.stage is Stage.MERGED:
            return Reply(self._responses.text("status.merged", target=target, **slots))
        is_judge = resident.id == proposal.resident_id
        if proposal.stage is Stage.EXECUTED and is_judge:
            text = self._responses.text("status.ask_solved", note=note, **slots)
            return Reply(text.strip(), judgement_buttons(self._responses, proposal.code))
        stage = self._responses.text(f"stage.{proposal.stage.value}")
        return Reply(self._responses.text("status.moved", stage=stage, note=note, **slots).strip())

    def _tell(self, resident: Resident, reply: Reply) -> None:
        self._work.outbox.add(resident.channel, resident.external_id, reply)


def judgement_buttons(
    responses: Responses, code: str, traditional: bool = False
) -> tuple[Button, ...]:
    """Solved or not, to ask of who raised it."""
    return tuple(
        Button(responses.text(f"status.buttons.{verb}", traditional), f"status:{verb}:{code}")
        for verb in ("solved", "unsolved")
    )
