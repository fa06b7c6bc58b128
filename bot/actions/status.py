"""How far a proposal is, for who raised it; judging it; withdrawing it."""

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions.action import Outcome, Turn
from bot.actions.casework import Casework, judgement_buttons
from bot.actions.notices import open_button, tell_workers
from bot.actions.policy_replies import chinese_date
from bot.clock import local
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.communities import Communities
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.privacy import mask_contacts
from bot.proposals.proposal import ProposalError, UnknownProposal
from bot.responses import Responses
from bot.slash_commands import CODE
from bot.storage.database import UnitOfWork
from bot.storage.proposals import OPEN_STAGES, Filter
from bot.storage.records import Event, EventKind, Person, Proposal, Resident, Stage

SHOWN = 5
RATINGS = (5, 4, 3, 2, 1)
SATISFACTIONS = tuple(str(rating) for rating in RATINGS)
TOLD = (EventKind.MOVED, EventKind.ASSIGNED, EventKind.REPLIED)
NO_WORDS = re.compile(
    r"^(不用|不要|不说|不想说|没有|没了|没|无|算了|跳过|谢谢|感谢|多谢|好|再见|拜拜|唔使|唔该)(了|啦|吧|您|你|说|啊|呀|的)*[。.!！~]*$"
)
"""A polite no instead of words; praise is words, also where it sounds like thanks."""


class StatusAction:
    """Answers “我的事怎么样了”; takes the resident's judgement."""

    def __init__(
        self, responses: Responses, deadlines: Deadlines, communities: Communities
    ) -> None:
        self._responses = responses
        self._deadlines = deadlines
        self._communities = communities

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: None, state: Conversation, work: UnitOfWork) -> Outcome:
        """Show one proposal or all of the resident's; or do what a button says."""
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        code = CODE.search(f"{turn.argument} {turn.text}".upper())
        verb = turn.argument.split(":", 1)[0]
        if code is None:
            return self._all(resident, state, work)
        try:
            return self._one(verb, code[0], turn, resident, state, work)
        except UnknownProposal:
            text = self._text("not_found", state, code=code[0])
            return Outcome(state, (Reply(text),), found=False)
        except ProposalError as error:
            return Outcome(replace(state, awaiting=""), (Reply(str(error)),))

    def _one(
        self,
        verb: str,
        code: str,
        turn: Turn,
        resident: Resident,
        state: Conversation,
        work: UnitOfWork,
    ) -> Outcome:
        casework = Casework(work, self._deadlines, self._responses)
        ledger = casework.ledger
        who, value = resident.person, turn.argument.rsplit(":", 1)[-1]
        waiting = replace(state, awaiting=f"status:{code}")
        if verb == "solved":
            ledger.rate(code, who, solved=True)
            return Outcome(state, (self._ask_satisfaction(code, state),))
        if verb == "unsolved":
            proposal = casework.reopen(code, who)
            self._tell_workers("reopened", proposal, work)
            return Outcome(waiting, (Reply(self._text("reopened", state)),))
        if verb == "rate" and value in SATISFACTIONS:
            ledger.rate(code, who, satisfaction=int(value))
            return Outcome(waiting, (Reply(self._text("ask_words", state)),))
        if verb == "awaited":
            return self._words(code, turn, who, ledger, state, work)
        if verb == "withdraw":
            casework.move(code, Stage.WITHDRAWN, who)
            return Outcome(state, (Reply(self._text("withdrawn", state, code=code)),))
        proposal = ledger.proposal(code)
        return Outcome(state, (self._show(proposal, resident, state, work),), found=True)

    def _words(
        self,
        code: str,
        turn: Turn,
        who: Person,
        ledger: Ledger,
        state: Conversation,
        work: UnitOfWork,
    ) -> Outcome:
        """The words after a judgement; who reopened it helps those who go on with it."""
        state = replace(state, awaiting="")
        was_reopened = ledger.proposal(code).stage is Stage.DECIDED
        if not turn.text or NO_WORDS.match(turn.text):
            key = "reopened_noted" if was_reopened else "thanks_rated"
            return Outcome(state, (Reply(self._text(key, state)),))
        proposal = ledger.rate(code, who, words=turn.text)
        if was_reopened:
            self._tell_workers("reopened_words", proposal, work, mask_contacts(turn.text))
        key = "reopened_noted" if was_reopened else "thanks_rated"
        return Outcome(state, (Reply(self._text(key, state)),))

    def _tell_workers(
        self, key: str, proposal: Proposal, work: UnitOfWork, words: str = ""
    ) -> None:
        title = mask_contacts(proposal.title)
        text = self._responses.text(f"worker.{key}", code=proposal.code, title=title, text=words)
        notice = Reply(text, (open_button(proposal, self._responses),))
        tell_workers(work, self._communities, proposal.community, notice)

    def _all(self, resident: Resident, state: Conversation, work: UnitOfWork) -> Outcome:
        mine = list(
            work.proposals.find(Filter(supporter_id=resident.id), newest_first=True, limit=SHOWN)
        )
        state = replace(state, listed=tuple(proposal.code for proposal in mine))
        if not mine:
            return Outcome(state, (Reply(self._text("none", state)),), found=True)
        if len(mine) == 1:
            return Outcome(state, (self._show(mine[0], resident, state, work),), found=True)
        lines = [self._text("many", state)]
        buttons = []
        for proposal in mine:
            stage = self._stage("stage", proposal, state)
            lines.append(
                self._text("line", state, code=proposal.code, title=proposal.title, stage=stage)
            )
            label = self._text("buttons.show", state, code=proposal.code)
            buttons.append(Button(label, f"status:{proposal.code}"))
        return Outcome(state, (Reply("\n".join(lines), tuple(buttons)),), found=True)

    def _show(
        self, proposal: Proposal, resident: Resident, state: Conversation, work: UnitOfWork
    ) -> Reply:
        """All of it for who raised it; stage and department for supporters; else the stage."""
        is_owner = proposal.resident_id == resident.id
        supports = any(each.id == resident.id for each in work.proposals.supporters(proposal.code))
        slots = {
            "code": proposal.code,
            "title": mask_contacts(proposal.title),
            "stage": self._stage("stage", proposal, state),
            "stage_note": self._stage("stage_note" if is_owner else "others_note", proposal, state),
        }
        if is_owner:
            details = "\n".join(self._details(proposal, state, work))
            text = self._text("one", state, details=details, **slots)
            return Reply(text.rstrip(), self._buttons(proposal, state))
        if supports:
            details = "\n".join(self._summary(proposal, state, work))
            return Reply(self._text("one", state, details=details, **slots).rstrip())
        return Reply(self._text("one_public", state, **slots))

    def _summary(self, proposal: Proposal, state: Conversation, work: UnitOfWork) -> list[str]:
        """Where it has gone, who has it, until when."""
        lines = []
        for event in work.proposals.events(proposal.code):
            if event.what is EventKind.MERGED_INTO:
                into = work.proposals.get(event.to_value)
                stage = self._stage("stage", into, state) if into else ""
                lines.append(self._text("merged_into", state, code=event.to_value, stage=stage))
        if proposal.department:
            lines.append(self._text("department", state, department=proposal.department))
        if proposal.resolution_due_at and proposal.stage in OPEN_STAGES:
            due = local_date(proposal.resolution_due_at, work.time_zone)
            lines.append(self._text("due", state, date=due))
        return lines

    def _details(self, proposal: Proposal, state: Conversation, work: UnitOfWork) -> list[str]:
        """The same, and what has happened day by day."""
        lines = self._summary(proposal, state, work)
        for event in work.proposals.events(proposal.code):
            if event.what in TOLD and (said := self._said(event, state)):
                when = local_date(event.at, work.time_zone)
                lines.append(self._text("event", state, when=when, what=said))
        return lines

    def _said(self, event: Event, state: Conversation) -> str:
        if event.what is EventKind.MOVED:
            label = self._responses.text(f"stage.{event.to_value}", state.traditional)
            return f"{label}：{event.note}" if event.note else label
        if event.what is EventKind.ASSIGNED:
            return self._text("given_to", state, department=event.to_value)
        return self._text("answered", state, text=event.note)

    def _buttons(self, proposal: Proposal, state: Conversation) -> tuple[Button, ...]:
        if proposal.stage is Stage.EXECUTED:
            return judgement_buttons(self._responses, proposal.code, state.traditional)
        if proposal.stage in OPEN_STAGES:
            label = self._text("buttons.withdraw", state)
            return (Button(label, f"status:withdraw:{proposal.code}"),)
        return ()

    def _ask_satisfaction(self, code: str, state: Conversation) -> Reply:
        buttons = tuple(
            Button(
                self._responses.text(f"satisfaction.{rating}", state.traditional),
                f"status:rate:{code}:{rating}",
            )
            for rating in RATINGS
        )
        return Reply(self._text("ask_satisfaction", state), buttons)

    def _stage(self, group: str, proposal: Proposal, state: Conversation) -> str:
        return self._responses.text(f"{group}.{proposal.stage.value}", state.traditional)

    def _text(self, key: str, state: Conversation, **slots: object) -> str:
        return self._responses.text(f"status.{key}", state.traditional, **slots)


def local_date(moment: datetime, zone: ZoneInfo) -> str:
    """A moment's local day, as people write it."""
    return chinese_date(local(moment, zone).date().isoformat())
