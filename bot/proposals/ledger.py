"""Everything that may happen to a proposal, each with its event, inside one unit of work.

Nothing is sent from here: methods return what happened, and the caller tells `followers`.
"""

from dataclasses import replace

from bot.clock import local
from bot.proposals.deadlines import Deadlines
from bot.proposals.privacy import mask_contacts, mask_name
from bot.proposals.proposal import (
    Draft,
    InvalidMove,
    NotYours,
    ProposalError,
    UnknownProposal,
    allowed_moves,
    check_move,
    say,
)
from bot.storage.database import UnitOfWork
from bot.storage.proposals import OPEN_STAGES
from bot.storage.records import (
    Event,
    EventKind,
    Person,
    PersonKind,
    Proposal,
    Resident,
    Stage,
    StoredFile,
    Urgency,
)

_TITLE_CHARACTERS = 24
_EDITABLE = frozenset({
    "title", "description", "category", "urgency", "place", "community", "building", "latitude",
    "longitude", "contact_name", "contact_phone",
})  # fmt: skip
_CONTACTS = frozenset({"contact_name", "contact_phone"})


class Ledger:
    """The ledger of proposals (台账), as it stands in one unit of work."""

    def __init__(self, unit: UnitOfWork, deadlines: Deadlines) -> None:
        self._unit = unit
        self._rows = unit.proposals
        self._deadlines = deadlines

    # -- what a resident does

    def create(
        self, draft: Draft, resident: Resident, files: tuple[StoredFile, ...] = ()
    ) -> Proposal:
        """A new proposal by `resident`, with its code and deadlines."""
        now = self._unit.now
        response_due_at, resolution_due_at = self._deadlines.due(draft.urgency, now)
        proposal = Proposal(
            code=self._rows.next_code(local(now, self._unit.time_zone).date()),
            title=draft.title or shorten(draft.description),
            description=draft.description,
            category=draft.category,
            urgency=draft.urgency,
            place=draft.place,
            community=draft.community,
            building=draft.building,
            latitude=draft.latitude,
            longitude=draft.longitude,
            contact_name=draft.contact_name,
            contact_phone=draft.contact_phone,
            resident_id=resident.id,
            stage=Stage.RAISED,
            department=draft.department,
            channel=resident.channel,
            created_at=now,
            updated_at=now,
            response_due_at=response_due_at,
            resolution_due_at=resolution_due_at,
        )
        self._rows.add(proposal)
        for file in files:
            self._rows.attach(proposal.code, file)
        self._rows.add_event(
            proposal.code, resident.person, EventKind.CREATED, to_value=Stage.RAISED
        )
        return proposal

    def support(self, code: str, resident: Resident) -> bool:
        """Let a resident support an open proposal; False when they do already, or raised it."""
        proposal = self._open(code)
        if proposal.resident_id == resident.id:
            return False
        if not self._rows.add_supporter(proposal.code, resident.id):
            return False
        count = str(self._rows.supporter_count(proposal.code))
        self._rows.add_event(proposal.code, resident.person, EventKind.SUPPORTED, to_value=count)
        return True

    def rate(
        self,
        code: str,
        by: Person,
        *,
        solved: bool | None = None,
        satisfaction: int | None = None,
        words: str = "",
    ) -> Proposal:
        """The resident's judgement of what was executed, as the proposal stands afterwards.

        `solved` and `satisfaction` (1 to 5, with words) may come in one call or in two. Solved
        moves it to `evaluated`; not solved puts it back to work (`decided`) with a new deadline. A
        worker may pass on what a resident said on the phone. Raises InvalidMove for what was not
        executed, ValueError for a satisfaction outside 1 to 5.
        """
        proposal = self._mine(code, by)
        if satisfaction is not None and not 1 <= satisfaction <= 5:
            raise ValueError(f"satisfaction is 1 to 5, not {satisfaction}")
        judged = any(each.what is EventKind.JUDGED for each in self._rows.events(proposal.code))
        if proposal.stage not in (Stage.EXECUTED, Stage.EVALUATED) and (
            solved is not None or not judged
        ):
            raise InvalidMove(say("not_executed"), allowed_moves(proposal.stage, by.kind))
        if satisfaction is not None or words:
            self._rows.update(proposal.code, satisfaction=satisfaction or proposal.satisfaction)
            self._rows.add_event(
                proposal.code,
                by,
                EventKind.RATED,
                to_value=str(satisfaction or ""),
                note=words,
            )
        if solved is not None:
            answer = "solved" if solved else "unsolved"
            self._rows.add_event(
                proposal.code, by, EventKind.JUDGED, from_value=proposal.stage, to_value=answer
            )
            wanted = Stage.EVALUATED if solved else Stage.DECIDED
            if wanted is not proposal.stage:
                self.move(proposal.code, wanted, by, note=words)
        return self.proposal(proposal.code)

    # -- what a worker does

    def move(self, code: str, to: Stage, by: Person, note: str = "", target: str = "") -> Event:
        """Move a proposal to another stage; `target` is the one to merge into.

        Raises UnknownProposal, NotYours, InvalidMove.
        """
        proposal = self._mine(code, by)
        check_move(proposal.stage, to, by, note, target)
        if to is Stage.MERGED:
            self._merge(proposal, self.proposal(target), by)
        values: dict[str, object] = {"stage": to}
        if to is Stage.EXECUTED:
            values["resolved_at"] = self._unit.now
        elif to in OPEN_STAGES and proposal.stage not in OPEN_STAGES:
            _, resolution_due_at = self._deadlines.due(proposal.urgency, self._unit.now)
            values |= {"resolved_at": None, "resolution_due_at": resolution_due_at}
        self._rows.update(proposal.code, **values)
        self._respond(proposal, by)
        return self._rows.add_event(proposal.code, by, EventKind.MOVED, proposal.stage, to, note)

    def assign(self, code: str, department: str, by: Person, note: str = "") -> Event:
        """Give a proposal to a department; given on from another, it counts as a transfer."""
        proposal = self._open(code)
        if not department.strip() or department == proposal.department:
            raise ProposalError(
                say("already_assigned", department=department)
                if department.strip()
                else say("needs_department")
            )
        self._rows.update(proposal.code, department=department)
        self._respond(proposal, by)
        return self._rows.add_event(
            proposal.code, by, EventKind.ASSIGNED, proposal.department, department, note
        )

    def hand_back(self, code: str, by: Person, reason: str) -> Event:
        """Refuse an assignment (退单): the proposal has no department again. Needs a reason."""
        proposal = self._open(code)
        if not proposal.department:
            raise ProposalError(say("no_department"))
        if not reason.strip():
            raise ProposalError(say("needs_return_reason"))
        self._rows.update(proposal.code, department="")
        return self._rows.add_event(
            proposal.code, by, EventKind.RETURNED, proposal.department, "", reason
        )

    def transfers(self, code: str) -> int:
        """How often a proposal went on to another department, the first assignment not counted."""
        assigned = [e for e in self._rows.events(code) if e.what is EventKind.ASSIGNED]
        return max(0, len(assigned) - 1)

    def reply(self, code: str, by: Person, words: str) -> Event:
        """Note what a worker answers to the resident."""
        proposal = self.proposal(code)
        self._respond(proposal, by)
        return self._rows.add_event(proposal.code, by, EventKind.REPLIED, note=words)

    def note(self, code: str, by: Person, words: str) -> Event:
        """Note something for workers alone."""
        return self._rows.add_event(self.proposal(code).code, by, EventKind.NOTED, note=words)

    def edit(self, code: str, by: Person, **changes: object) -> Proposal:
        """Correct columns; each change is an event, with contact details masked in it.

        Another urgency sets the deadlines anew, counted from the day when it was raised. Raises
        ValueError for a column that may not be edited.
        """
        if unknown := set(changes) - _EDITABLE:
            raise ValueError(f"these columns cannot be edited: {', '.join(sorted(unknown))}")
        proposal = self._mine(code, by)
        for name, value in changes.items():
            before = getattr(proposal, name)
            if before == value:
                continue
            self._rows.update(proposal.code, **{name: value})
            shown = ("", "") if name in _CONTACTS else (_shown(before), _shown(value))
            self._rows.add_event(proposal.code, by, EventKind.EDITED, *shown, note=name)
        if "description" in changes:
            self._rows.drop_vector(proposal.code)
        if "urgency" in changes:
            due = self._deadlines.due(Urgency(str(changes["urgency"])), proposal.created_at)
            self._rows.update(proposal.code, response_due_at=due[0], resolution_due_at=due[1])
        return self.proposal(proposal.code)

    def attach(self, code: str, by: Person, file: StoredFile) -> None:
        """Add a stored file to a proposal."""
        self._rows.attach(self._mine(code, by).code, file)

    def contacts(self, code: str, by: Person, purpose: str) -> tuple[str, str]:
        """Name and phone of who raised it (empty when not given); the look is logged.

        Raises ProposalError without a purpose.
        """
        if not purpose.strip():
            raise ProposalError(say("needs_purpose"))
        proposal = self.proposal(code)
        self._rows.add_event(proposal.code, by, EventKind.VIEWED, note=purpose)
        self._unit.people.log_access(by, "contacts", proposal.code, purpose)
        return proposal.contact_name or "", proposal.contact_phone or ""

    # -- what anybody asks

    def proposal(self, code: str) -> Proposal:
        """The proposal with this code; raises UnknownProposal."""
        proposal = self._rows.get(code)
        if proposal is None:
            raise UnknownProposal(say("unknown", code=shorten(code)))
        return proposal

    def followers(self, code: str) -> list[Resident]:
        """Whom to tell what happens: who raised it, then its supporters, if they can be reached."""
        proposal = self.proposal(code)
        people = list(self._rows.supporters(proposal.code))
        if proposal.resident_id is not None:
            owner = self._unit.people.get(proposal.resident_id)
            people = [owner, *people] if owner else people
        return [each for each in people if each.blocked_at is None and each.forgotten_at is None]

    # -- inside

    def _mine(self, code: str, by: Person) -> Proposal:
        proposal = self.proposal(code)
        if by.kind is PersonKind.RESIDENT and by.id != str(proposal.resident_id):
            raise NotYours(say("not_yours"))
        return proposal

    def _open(self, code: str) -> Proposal:
        proposal = self.proposal(code)
        if proposal.stage not in OPEN_STAGES:
            raise InvalidMove(say("closed"), ())
        return proposal

    def _respond(self, proposal: Proposal, by: Person) -> None:
        if by.kind is PersonKind.WORKER and proposal.responded_at is None:
            self._rows.update(proposal.code, responded_at=self._unit.now)

    def _merge(self, source: Proposal, target: Proposal, by: Person) -> None:
        if target.code == source.code:
            raise InvalidMove(say("into_itself"), allowed_moves(source.stage, by.kind))
        if target.stage not in OPEN_STAGES:
            raise InvalidMove(
                say("target_closed", code=target.code), allowed_moves(source.stage, by.kind)
            )
        came = self._rows.copy_supporters(source.code, target.code)
        self._rows.add_event(source.code, by, EventKind.MERGED_INTO, to_value=target.code)
        self._rows.add_event(
            target.code, by, EventKind.ABSORBED, from_value=source.code, note=str(came)
        )


def shorten(text: str) -> str:
    """The first words of a text, as a title; contact details masked."""
    line = " ".join(mask_contacts(text).split())
    return line if len(line) <= _TITLE_CHARACTERS else line[: _TITLE_CHARACTERS - 1] + "…"


def masked(proposal: Proposal) -> Proposal:
    """A proposal as others than its own department may see it: contacts masked everywhere."""
    return replace(
        proposal,
        title=mask_contacts(proposal.title),
        description=mask_contacts(proposal.description),
        place=mask_contacts(proposal.place),
        contact_name=proposal.contact_name and mask_name(proposal.contact_name),
        contact_phone=proposal.contact_phone and mask_contacts(proposal.contact_phone),
    )


def _shown(value: object) -> str:
    return "" if value is None else mask_contacts(str(value))
