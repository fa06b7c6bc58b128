"""What workers do to proposals, from chat or command line: the ledger, and telling the residents.

Replies go to the outbox in the same unit of work, so nobody hears of a move that did not happen.
"""

from bot.actions.notices import open_button, tell_workers
from bot.messages import Button, Reply
from bot.proposals.communities import Communities
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.privacy import mask_contacts
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.records import Event, Person, Proposal, Resident, Stage, Worker


class Casework:
    """The ledger as it stands in one unit of work, with notices to those who follow a proposal."""

    def __init__(self, work: UnitOfWork, deadlines: Deadlines, responses: Responses) -> None:
        self._work = work
        self.ledger = Ledger(work, deadlines)
        self._responses = responses

    def move(self, code: str, to: Stage, by: Person, note: str = "", target: str = "") -> Event:
        """Move a proposal and tell its followers, but not who did it. Raises ProposalError."""
        followers = self.ledger.followers(code)
        event = self.ledger.move(code, to, by, note, target)
        proposal = self.ledger.proposal(code)
        for resident in followers:
            if resident.person != by:
                self._tell(resident, self._moved(proposal, resident, note, target))
        return event

    def reopen(self, code: str, by: Person) -> Proposal:
        """Put what was executed back to work, since it is not solved; supporters hear of it."""
        proposal = self.ledger.rate(code, by, solved=False)
        for resident in self.ledger.followers(code):
            if resident.person != by:
                slots = self._slots(proposal, resident)
                self._tell(resident, Reply(self._responses.text("status.not_solved", **slots)))
        return proposal

    def assign(self, code: str, department: str, by: Person, note: str = "") -> Event:
        """Give a proposal to a department and tell its followers."""
        event = self.ledger.assign(code, department, by, note)
        proposal = self.ledger.proposal(code)
        for resident in self.ledger.followers(code):
            slots = self._slots(proposal, resident) | {"department": department}
            self._tell(resident, Reply(self._responses.text("status.assigned", **slots)))
        return event

    def reply(self, code: str, by: Person, words: str) -> bool:
        """Answer who raised a proposal; False when they cannot be reached any more.

        It concerns nobody else: supporters hear of moves, not of answers.
        """
        self.ledger.reply(code, by, words)
        proposal = self.ledger.proposal(code)
        owner = [each for each in self.ledger.followers(code) if each.id == proposal.resident_id]
        text = self._responses.text("status.reply", code=proposal.code, text=words)
        for resident in owner:
            self._tell(resident, Reply(text))
        return bool(owner)

    def tell_workers_of(
        self, proposal: Proposal, communities: Communities, but: Worker | None = None
    ) -> None:
        """Tell the workers of its place that a proposal is theirs now."""
        text = self._responses.text(
            "worker.new_proposal",
            code=proposal.code,
            title=mask_contacts(proposal.title),
            place=mask_contacts(proposal.place),
            category=self._responses.text(f"category.{proposal.category}"),
            urgency=self._responses.text(f"urgency.{proposal.urgency.value}"),
        )
        notice = Reply(text, (open_button(proposal, self._responses),))
        known = str(but.resident_id) if but else ""
        tell_workers(self._work, communities, proposal.community, notice, but=known)

    def _moved(self, proposal: Proposal, resident: Resident, note: str, target: str) -> Reply:
        slots = self._slots(proposal, resident)
        if proposal.stage is Stage.MERGED:
            return Reply(self._responses.text("status.merged", target=target, **slots))
        is_judge = resident.id == proposal.resident_id
        note = note if is_judge else mask_contacts(note)
        if proposal.stage is Stage.EXECUTED and is_judge:
            text = self._responses.text("status.ask_solved", note=note, **slots)
            return Reply(text.strip(), judgement_buttons(self._responses, proposal.code))
        special = f"status.moved_{proposal.stage.value}"
        key = special if special in self._responses else "status.moved"
        stage = self._responses.text(f"stage.{proposal.stage.value}")
        return Reply(self._responses.text(key, stage=stage, note=note, **slots).strip())

    def _slots(self, proposal: Proposal, resident: Resident) -> dict[str, str]:
        """What every notice names; who supports a proposal did not raise it, and sees it masked."""
        is_owner = resident.id == proposal.resident_id
        whose = self._responses.text("status.yours" if is_owner else "status.supported")
        return {"whose": whose, "title": mask_contacts(proposal.title), "code": proposal.code}

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
