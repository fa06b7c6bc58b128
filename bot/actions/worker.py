"""What community workers do in chat; others get a friendly no, which is logged.

A command (`/move P… 议定`), a button (`worker:move:P…:decided`) and the answer to a question
(`awaited:move:P…:decided` and the words) are one and the same: a verb and words.
"""

import re
from dataclasses import dataclass, replace

from bot.actions.action import Outcome, Turn
from bot.actions.casework import Casework
from bot.actions.worker_desk import Desk
from bot.actions.worker_files import Export, Learned, WorkerFiles
from bot.actions.worker_views import WorkerViews
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.communities import Communities
from bot.proposals.deadlines import Deadlines
from bot.proposals.export import Labels
from bot.proposals.similar import SimilarFinder
from bot.responses import Responses
from bot.slash_commands import CODE
from bot.storage.attachments import AttachmentStore
from bot.storage.database import UnitOfWork
from bot.storage.errors import InvalidInvite
from bot.storage.records import Proposal, Resident, Worker


@dataclass(frozen=True)
class Prepared:
    """What was made for a worker outside the transaction."""

    export: Export | None = None
    received: tuple[tuple[str, str], ...] = ()
    learned: Learned | None = None
    alike: tuple[Proposal, ...] = ()


class WorkerAction:
    """Commands for enrolled workers, and `/join` for who is to become one."""

    def __init__(
        self,
        responses: Responses,
        deadlines: Deadlines,
        communities: Communities,
        attachments: AttachmentStore,
        files: WorkerFiles,
        similar: SimilarFinder,
    ) -> None:
        self._responses = responses
        self._deadlines = deadlines
        self._communities = communities
        self._attachments = attachments
        self._files = files
        self._similar = similar

    def prepare(self, turn: Turn, state: Conversation) -> Prepared:
        """Write an export, keep or add a document, look for the same matter: for workers alone."""
        verb, words = command(turn)
        if verb not in ("export", "document", "learn", "merge"):
            return Prepared()
        worker = self._files.worker(turn.message.channel, turn.message.sender_id)
        if worker is None:
            return Prepared()
        if verb == "export":
            strict = bool(turn.argument)
            return Prepared(export=self._files.export(worker, words, self._labels(), strict=strict))
        if verb == "document":
            return Prepared(received=tuple(self._files.receive(turn.message.attachments)))
        if verb == "learn":
            return Prepared(learned=self._files.learn(words))
        alike = self._similar.like(words) if len(words.split()) == 1 else ()
        return Prepared(alike=tuple(each.proposal for each in alike))

    def act(self, turn: Turn, prepared: Prepared, state: Conversation, work: UnitOfWork) -> Outcome:
        """Enrol, refuse, or do what the command says."""
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        verb, words = command(turn)
        views = WorkerViews(self._responses, self._communities, work.time_zone, state.traditional)
        state = replace(state, awaiting="")
        if verb == "join":
            return self._join(words, resident, state, work, views)
        worker = work.people.worker(resident.id)
        if worker is None:
            code = CODE.search(words.upper())
            work.people.log_access(resident.person, "refused", verb, code[0] if code else "")
            return Outcome(replace(state, enrolled=False), (views.say("only"),))
        state = replace(state, enrolled=True)
        if verb in ("export", "document", "learn"):
            return self._files_reply(verb, prepared, state, worker, work, views)
        casework = Casework(work, self._deadlines, self._responses)
        desk = Desk(
            views, casework, self._deadlines, self._attachments, work, worker, state,
            prepared.alike,
        )  # fmt: skip
        return desk.do(verb if desk.knows(verb) else "list", words)

    def _files_reply(
        self,
        verb: str,
        prepared: Prepared,
        state: Conversation,
        worker: Worker,
        work: UnitOfWork,
        views: WorkerViews,
    ) -> Outcome:
        if verb == "export":
            return Outcome(state, (self._exported(prepared.export, worker, work, views),))
        if verb == "document":
            replies = tuple(self._ask_learn(each, views) for each in prepared.received)
            return Outcome(state, replies)
        return Outcome(state, (self._learned(prepared.learned, worker, work, views),))

    def _exported(
        self, export: Export | None, worker: Worker, work: UnitOfWork, views: WorkerViews
    ) -> Reply:
        if export is None or export.file is None:
            return views.say("export_unclear", wish=export.wish if export else "")
        period = views.period(export.period)
        if not export.count:
            return views.say("export_empty", period=period)
        work.people.log_access(worker.person, "export", export.file.name, str(export.count))
        text = views.text("exported", period=period, count=export.count)
        return Reply(text, attachments=(export.file,))

    def _labels(self) -> Labels:
        """Words for the values of an export that people read."""
        labels: dict[str, dict[str, str]] = {
            "community": {place.id: place.name for place in self._communities},
        }
        for group in ("category", "stage", "urgency"):
            slugs = [key for key in self._responses.all_keys() if key.startswith(f"{group}.")]
            labels[group] = {
                key.removeprefix(f"{group}."): self._responses.text(key) for key in slugs
            }
        return labels

    def _ask_learn(self, received: tuple[str, str], views: WorkerViews) -> Reply:
        token, name = received
        buttons = (
            Button(views.text("buttons.learn"), f"worker:learn:{token}"),
            Button(views.text("buttons.learn_no"), "worker:cancel"),
        )
        return Reply(views.text("learn.ask", name=name), buttons)

    def _learned(
        self, learned: Learned | None, worker: Worker, work: UnitOfWork, views: WorkerViews
    ) -> Reply:
        if learned is None:
            return views.say("learn.gone")
        lines = []
        for key in ("added", "unchanged", "faults"):
            lines += [views.text(f"learn.{key}", what=each) for each in getattr(learned, key)]
        for title in learned.added:
            work.people.log_access(worker.person, "document", title)
        return Reply("\n".join(lines) or views.text("learn.nothing"))

    def _join(
        self,
        code: str,
        resident: Resident,
        state: Conversation,
        work: UnitOfWork,
        views: WorkerViews,
    ) -> Outcome:
        try:
            worker = work.people.redeem(code, resident.id)
        except InvalidInvite:
            work.people.log_access(resident.person, "refused", "join")
            return Outcome(state, (views.say("invite_bad"),))
        role = views.text(f"role_{worker.role.value}")
        place = self._communities.name(worker.community) or views.text("everywhere")
        reply = views.say("enrolled", name=worker.name, role=role, community=place)
        return Outcome(replace(state, enrolled=True), (reply,))


def command(turn: Turn) -> tuple[str, str]:
    """The verb and its words, from a command, a button, an answer, or everyday words."""
    argument = turn.argument
    if argument.startswith("awaited:"):
        return command_of(f"{argument.removeprefix('awaited:')} {turn.text}")
    if not argument:
        return "export", turn.text
    return command_of(argument)


def command_of(argument: str) -> tuple[str, str]:
    """`verb:a:b words` or `verb a words` as a verb and its words, separated by spaces."""
    head, _, rest = argument.partition(" ")
    verb, *ids = re.split(":", head)
    return verb, " ".join([*ids, rest]).strip()
