"""The worker's desk in chat: what each command or button does, inside the unit of work.

Every method takes the words after the verb. A proposal of another community is not the worker's:
it is neither shown nor changed, and the attempt is logged. What the ledger refuses, it explains.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from bot.actions.action import Outcome
from bot.actions.casework import Casework
from bot.actions.notices import due_line, open_button, tell_workers
from bot.actions.worker_edit import EditDesk
from bot.actions.worker_tickets import TicketDesk
from bot.actions.worker_views import WorkerViews
from bot.conversation import Conversation
from bot.messages import Attachment, Button, Reply
from bot.proposals.deadlines import Deadlines, Reminder
from bot.proposals.privacy import mask_contacts
from bot.proposals.proposal import ProposalError, stage_label
from bot.storage.attachments import AttachmentStore
from bot.storage.database import UnitOfWork
from bot.storage.proposals import OPEN_STAGES, Filter
from bot.storage.records import Proposal, Role, Stage, Worker

PAGE = 8
SOON = timedelta(hours=24)
NEEDS_REASON = (Stage.DECLINED, Stage.RAISED)
"""Moves that ask for a reason until there is one; `executed` asks once what was done."""

NO_WORDS = ("跳过", "不说", "无", "没有")
INVITE_DAYS = 7


@dataclass
class Desk:
    """One worker's command in one unit of work."""

    views: WorkerViews
    casework: Casework
    deadlines: Deadlines
    files: AttachmentStore
    work: UnitOfWork
    worker: Worker
    state: Conversation
    alike: tuple[Proposal, ...] = ()

    def do(self, verb: str, words: str) -> Outcome:
        """Carry out a command; an error of the ledger becomes the reply."""
        try:
            return self._verbs()[verb](words.strip())
        except ProposalError as error:
            return self._reply(Reply(str(error)))

    def knows(self, verb: str) -> bool:
        """Whether there is such a command."""
        return verb in self._verbs()

    def _verbs(self) -> dict[str, Callable[[str], Outcome]]:
        tickets = TicketDesk(self.views, self.work, self.worker, self.state)
        return {
            "list": self.list, "due": lambda _: self.list("due"),
            "new": lambda _: self.list("new"), "mine": lambda _: self.list("mine"),
            "find": self.find, "show": self.show,
            "move": self.move, "assign": self.assign, "return": self.hand_back,
            "reply": self.reply, "note": self.note, "merge": self.merge, "edit": self.edit,
            "contacts": self.contacts,
            "cancel": self.cancel, "invite": self.invite,
            "tickets": tickets.tickets, "corrections": tickets.corrections,
            "take": tickets.take, "answer": tickets.answer,
        }  # fmt: skip

    # -- seeing

    def list(self, words: str) -> Outcome:
        """`mine`, `due`, `new` or `all`, and a page; all that is open when nothing is said."""
        name, page = (*words.replace(":", " ").split(), "", "")[:2]
        if name not in ("mine", "due", "new"):
            name = "all"
        number = max(1, int(page)) if page.isdecimal() else 1
        first = (number - 1) * PAGE
        if name == "due":
            return self._due()
        wanted = Filter(
            stages=(Stage.RAISED,) if name == "new" else OPEN_STAGES,
            worker_id=str(self.worker.resident_id) if name == "mine" else "",
            other_communities=self.views.communities.outside(self.worker.community),
        )
        rows = self.work.proposals
        found = rows.find(wanted, newest_first=True, limit=first + PAGE)
        shown = [*islice(found, first, None)]
        reply = self.views.proposals(name, number, shown, rows.count(wanted), first)
        codes = ("",) * first + tuple(proposal.code for proposal in shown)  # as they are numbered
        return Outcome(replace(self.state, listed=codes), (reply,))

    def find(self, words: str) -> Outcome:
        """Those with these words in title or place: the card of one, a list of several."""
        if not words:
            return self.list("")
        rows = self.work.proposals
        wanted = Filter(
            words=words, other_communities=self.views.communities.outside(self.worker.community)
        )
        # Whose a phone is, is asked with a purpose, and on record: as words it finds nothing.
        limit = PAGE if mask_contacts(words) == words else 0
        found = list(rows.find(wanted, newest_first=True, limit=limit))
        if len(found) == 1:
            return self.show(found[0].code)
        reply = self.views.proposals("found", 1, found, len(found), 0)
        codes = tuple(proposal.code for proposal in found)
        return Outcome(replace(self.state, listed=codes), (reply,))

    def _due(self) -> Outcome:
        due = sorted(self._reminders(), key=lambda each: each.due_at)
        if not due:
            return self._reply(self.views.proposals("due", 1, (), 0, 0))
        responses = self.views.responses
        lines = [self.views.text("list.head_due", total=len(due))]
        lines += [due_line(each, self.work, responses) for each in due[:PAGE]]
        shown = {each.proposal.code: each.proposal for each in due[:PAGE]}
        buttons = tuple(open_button(each, responses) for each in shown.values())
        codes = tuple(each.proposal.code for each in due[:PAGE])
        return Outcome(replace(self.state, listed=codes), (Reply("\n".join(lines), buttons),))

    def _reminders(self) -> Iterator[Reminder]:
        for found in (self.deadlines.overdue(self.work), self.deadlines.due_soon(self.work, SOON)):
            for each in found:
                if self._is_mine(each.proposal):
                    yield each

    def show(self, words: str) -> Outcome:
        """One proposal with its history, its files and what can be done."""
        proposal = self._proposal(words.split(maxsplit=1)[0] if words else "")
        return Outcome(replace(self.state, opened=proposal.code), (self._card(proposal),))

    def _card(self, proposal: Proposal) -> Reply:
        rows = self.work.proposals
        attachments = [
            Attachment(str(self.files.path(file)), file.mime, file.name)
            for file in rows.attachments(proposal.code)
        ]
        return self.views.card(
            proposal,
            rows.supporter_count(proposal.code),
            self.casework.ledger.transfers(proposal.code),
            rows.events(proposal.code),
            attachments,
        )

    def contacts(self, words: str) -> Outcome:
        """Name and phone, and the description as it was written, for a stated purpose."""
        proposal, purpose = self._split(words)
        if not purpose:
            return self._ask("contacts", proposal.code)
        name, phone = self.casework.ledger.contacts(proposal.code, self.worker.person, purpose)
        text = self.views.text(
            "contacts" if phone else "contacts_none",
            code=proposal.code,
            name=name or self.views.text("somebody"),
            phone=phone,
            description=proposal.description,
        )
        return self._reply(Reply(text))

    # -- doing

    def move(self, words: str) -> Outcome:
        """To another stage, named in Chinese or English, with words for the resident."""
        proposal, rest = self._split(words)
        name, note = (*rest.split(maxsplit=1), "", "")[:2]
        if not name:
            return self._ask("move", proposal.code, self.views.stages(proposal))
        stage = stage_named(name)
        if stage is None:
            raise ProposalError(self.views.text("no_such_stage", name=name))
        if stage is Stage.MERGED:
            return self.merge(f"{proposal.code} {note}")
        says_nothing = not note or note.strip("。 ") in NO_WORDS
        if stage in NEEDS_REASON and says_nothing:
            asked = self.views.ask("reason", proposal.code)
            return self._ask("move", f"{proposal.code}:{stage.value}", asked)
        if stage is Stage.EXECUTED and not note:
            asked = self.views.ask("outcome", proposal.code)
            return self._ask("move", f"{proposal.code}:{stage.value}", asked)
        note = "" if says_nothing else note
        self.casework.move(proposal.code, stage, self.worker.person, note)
        return self._done("moved", proposal, stage=self.views.stage(stage))

    def assign(self, words: str) -> Outcome:
        """To a department: by name, or by the number of the button."""
        proposal, department = self._split(words)
        if not department:
            asked = self.views.ask("assign", proposal.code, self.views.departments(proposal))
            return self._ask("assign", proposal.code, asked)
        units = self.views.communities.departments(proposal.community)
        if department.isdecimal() and int(department) < len(units):
            department = units[int(department)]
        self.casework.assign(proposal.code, department, self.worker.person)
        return self._done("assigned", proposal, department=department)

    def hand_back(self, words: str) -> Outcome:
        """退单: refuse an assignment with a reason; the other workers hear of it."""
        proposal, reason = self._split(words)
        if not reason:
            return self._ask("return", proposal.code)
        self.casework.ledger.hand_back(proposal.code, self.worker.person, reason)
        text = self.views.text(
            "returned_notice", code=proposal.code, department=proposal.department, reason=reason
        )
        notice = Reply(text, (open_button(proposal, self.views.responses),))
        me = str(self.worker.resident_id)
        tell_workers(self.work, self.views.communities, proposal.community, notice, but=me)
        return self._done("returned", proposal)

    def reply(self, words: str) -> Outcome:
        """Words for the resident."""
        proposal, answer = self._split(words)
        if not answer:
            return self._ask("reply", proposal.code)
        reached = self.casework.reply(proposal.code, self.worker.person, answer)
        return self._done("replied" if reached else "replied_unreached", proposal)

    def note(self, words: str) -> Outcome:
        """Words for the other workers alone."""
        proposal, words = self._split(words)
        if not words:
            return self._ask("note", proposal.code)
        self.casework.ledger.note(proposal.code, self.worker.person, words)
        return self._done("noted", proposal)

    def merge(self, words: str) -> Outcome:
        """Into another proposal of ours; similar ones are offered."""
        proposal, target = self._split(words)
        if not target:
            others = [other for other in self.alike if self._is_mine(other)]
            asked = self.views.ask(
                "merge", proposal.code, self.views.targets(proposal.code, others)
            )
            return self._ask("merge", proposal.code, asked)
        into = self._proposal(target.split()[0])
        self.casework.move(proposal.code, Stage.MERGED, self.worker.person, "", into.code)
        return self._done("merged", into, merged=proposal.code)

    def edit(self, words: str) -> Outcome:
        """Correct one column: `/edit CODE 紧急程度 疑难复杂事项`; asks for what is not said."""
        proposal, rest = self._split(words)
        desk = EditDesk(self.views, self.casework, self.work, self.worker)
        word, value = (*rest.split(maxsplit=1), "", "")[:2]
        if not word:
            asked = self.views.ask("edit", proposal.code, desk.fields(proposal))
            return self._ask("edit", proposal.code, asked)
        name = desk.field(word)
        if not value:
            asked = self.views.ask(f"edit_{name}", proposal.code, desk.values(proposal, name))
            return self._ask("edit", f"{proposal.code}:{name}", asked)
        done = desk.change(proposal, name, value)
        return self._reply(replace(done, buttons=(self._back(proposal.code),)))

    def cancel(self, words: str) -> Outcome:
        """Not after all: the next message is an ordinary one again."""
        return self._reply(self.views.say("cancelled"))

    def invite(self, words: str) -> Outcome:
        """An admin invites a worker for a place inside their own."""
        if self.worker.role is not Role.ADMIN:
            return self._reply(self.views.say("admin_only"))
        communities = self.views.communities
        place = communities.find(words) if words else communities.get(self.worker.community)
        if (words and place is None) or not communities.covers(
            self.worker.community, place.id if place else ""
        ):
            return self._reply(self.views.say("no_such_place", name=words))
        where = place.id if place else ""
        code = self.work.people.create_invite(Role.WORKER, where, timedelta(days=INVITE_DAYS))
        self.work.people.log_access(self.worker.person, "invite", where)
        name = place.name if place else self.views.text("everywhere")
        return self._reply(self.views.say("invited", code=code, place=name, days=INVITE_DAYS))

    # -- inside

    def _split(self, words: str) -> tuple[Proposal, str]:
        """The proposal that comes first in `words`, and the rest."""
        code, rest = (*words.split(maxsplit=1), "", "")[:2]
        return self._proposal(code), rest.strip()

    def _proposal(self, code: str) -> Proposal:
        if not code:
            raise ProposalError(self.views.text("which"))
        proposal = self.casework.ledger.proposal(code)
        if not self._is_mine(proposal):
            self.work.people.log_access(self.worker.person, "refused", proposal.code)
            name = self.views.communities.name(proposal.community)
            raise ProposalError(self.views.text("not_yours", code=proposal.code, place=name))
        return proposal

    def _is_mine(self, proposal: Proposal) -> bool:
        return self.views.communities.covers(self.worker.community, proposal.community)

    def _ask(self, verb: str, code: str, asked: Reply | None = None) -> Outcome:
        waiting = replace(self.state, awaiting=f"worker:{verb}:{code}")
        return Outcome(waiting, (asked or self.views.ask(verb, code),))

    def _done(self, key: str, proposal: Proposal, **slots: object) -> Outcome:
        text = self.views.text(f"done.{key}", code=proposal.code, **slots)
        reply = Reply(text, (self._back(proposal.code),))
        return Outcome(replace(self.state, opened=proposal.code), (reply,))

    def _back(self, code: str) -> Button:
        return Button(self.views.text("buttons.show", code=code), f"worker:show:{code}")

    def _reply(self, reply: Reply) -> Outcome:
        return Outcome(self.state, (reply,))


def stage_named(name: str) -> Stage | None:
    """A stage by its English name, its label, or the one character of 提商决办评."""
    if name.lower() in list(Stage):
        return Stage(name.lower())
    plain = name.removesuffix("中").removeprefix("已").removesuffix("了")
    for stage in Stage:
        if name == stage_label(stage) or plain in _STAGE_WORDS[stage]:
            return stage
    return None


_STAGE_WORDS = {
    Stage.RAISED: ("提", "提出", "重新受理", "受理"),
    Stage.DISCUSSED: ("商", "商议", "讨论"),
    Stage.DECIDED: ("决", "议定", "决定"),
    Stage.EXECUTED: ("办", "办结", "办理", "办好", "完成"),
    Stage.EVALUATED: ("评", "评议", "解决"),
    Stage.DECLINED: ("未受理", "不受理", "不予受理", "拒绝"),
    Stage.MERGED: ("合并", "并入"),
    Stage.WITHDRAWN: ("撤回", "撤销"),
}
