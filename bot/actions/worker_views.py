"""What workers see in chat: lists, one proposal, questions for what is missing.

Contact details are masked everywhere; they are shown only through `Desk.contacts`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions.worker_files import Period
from bot.clock import local
from bot.maps import map_link
from bot.messages import Attachment, Button, Location, Reply
from bot.proposals.communities import Communities
from bot.proposals.ledger import masked
from bot.proposals.privacy import mask_contacts, mask_name
from bot.proposals.proposal import allowed_moves
from bot.responses import Responses
from bot.storage.proposals import OPEN_STAGES
from bot.storage.records import (
    Event,
    EventKind,
    PersonKind,
    Proposal,
    Stage,
    Ticket,
    TicketKind,
    Urgency,
)

EVENTS_SHOWN = 6
ACTS = ("assign", "return", "reply", "note", "edit", "merge", "contacts")
LISTS = ("mine", "due", "new", "all")
MAX_DEPARTMENTS = 8


@dataclass(frozen=True)
class WorkerViews:
    """Words and buttons for a worker, in the script that they write."""

    responses: Responses
    communities: Communities
    zone: ZoneInfo
    traditional: bool = False

    def say(self, key: str, **slots: object) -> Reply:
        """One text without buttons."""
        return Reply(self.text(key, **slots))

    def text(self, key: str, **slots: object) -> str:
        """A text of the group `worker`."""
        return self.responses.text(f"worker.{key}", self.traditional, **slots)

    def stage(self, stage: Stage) -> str:
        """A stage as people call it."""
        return self.responses.text(f"stage.{stage.value}", self.traditional)

    def urgency(self, urgency: Urgency) -> str:
        """How urgent something is, in words."""
        return self.responses.text(f"urgency.{urgency.value}", self.traditional)

    def category(self, slug: str) -> str:
        """A category as people call it; one that the community trained is its own name."""
        key = f"category.{slug}"
        return self.responses.text(key, self.traditional) if key in self.responses else slug

    def categories(self) -> Iterator[tuple[str, str]]:
        """All categories: slug and name."""
        prefix = "category."
        for key in self.responses.all_keys():
            if key.startswith(prefix):
                yield key.removeprefix(prefix), self.responses.text(key, self.traditional)

    def value(self, column: str, value: str) -> str:
        """The value of a column as people call it."""
        if column == "urgency":
            return self.urgency(Urgency(value))
        if column == "category":
            return self.category(value)
        return self.communities.name(value) if column == "community" else value

    # -- lists

    def proposals(
        self, name: str, page: int, shown: Sequence[Proposal], total: int, first: int
    ) -> Reply:
        """One page of a list of proposals, with buttons to open them and to turn the page."""
        if not shown:
            return Reply(self.text(f"list.none_{name}"), self._lists(but=name))
        lines = [self.text(f"list.head_{name}", total=total)]
        buttons = []
        for number, proposal in enumerate(shown, first + 1):
            lines.append(self._line(number, masked(proposal)))
            buttons.append(Button(str(number), f"worker:show:{proposal.code}"))
        if first + len(shown) < total:
            label = self.text("buttons.more")
            buttons.append(Button(label, f"worker:list:{name}:{page + 1}"))
        return Reply("\n".join(lines), (*buttons, *self._lists(but=name)))

    def _line(self, number: int, proposal: Proposal) -> str:
        return self.text(
            "list.line",
            number=number,
            code=proposal.code,
            title=proposal.title,
            place=proposal.place,
            stage=self.stage(proposal.stage),
            department=proposal.department or self.text("no_department"),
        )

    def _lists(self, but: str) -> tuple[Button, ...]:
        return tuple(
            Button(self.text(f"buttons.{name}"), f"worker:list:{name}")
            for name in LISTS
            if name != but
        )

    # -- one proposal

    def card(
        self,
        proposal: Proposal,
        supporters: int,
        transfers: int,
        events: Sequence[Event],
        files: Sequence[Attachment] = (),
    ) -> Reply:
        """A proposal with its history, and what can be done with it."""
        shown = masked(proposal)
        lines = [
            self.text("card.head", code=shown.code, title=shown.title),
            self.text(
                "card.state",
                stage=self.stage(shown.stage),
                category=self.category(shown.category),
                urgency=self.urgency(shown.urgency),
            ),
            *self._place(shown),
            self.text("card.department", department=shown.department or self.text("no_department")),
            *self._deadline(shown),
            self.text("card.counts", supporters=supporters, transfers=transfers),
            self.text("card.description", description=shown.description),
            *self._history(events),
        ]
        return Reply("\n".join(lines), self._acts(shown), tuple(files))

    def _place(self, proposal: Proposal) -> Iterator[str]:
        path = self._path(proposal.community)
        if proposal.place:
            yield self.text("card.place", place=proposal.place, path=path)
        if proposal.latitude is not None and proposal.longitude is not None:
            point = Location(proposal.latitude, proposal.longitude)
            yield self.text("card.map", link=map_link(point))

    def _path(self, community: str) -> str:
        names = [place.name for place in self.communities.path(community)]
        return "·".join(names) or community or self.text("no_community")

    def _deadline(self, proposal: Proposal) -> list[str]:
        if proposal.stage not in OPEN_STAGES or proposal.resolution_due_at is None:
            return []
        waits = proposal.responded_at is None and proposal.response_due_at is not None
        due = proposal.response_due_at if waits else proposal.resolution_due_at
        key = "card.response_due" if waits else "card.resolution_due"
        return [self.text(key, when=self.when(due))] if due else []

    def _history(self, events: Sequence[Event]) -> list[str]:
        return [
            self.text("card.event", when=self.when(event.at), who=who(event), what=self.what(event))
            for event in events[-EVENTS_SHOWN:]
        ]

    def what(self, event: Event) -> str:
        """One line of the history in words, contacts masked."""
        before, after = event.from_value, event.to_value
        if event.what in (EventKind.MOVED, EventKind.CREATED):
            after = self.stage(Stage(after))
        if event.what is EventKind.JUDGED:
            after = self.responses.text(f"status.buttons.{after}", self.traditional)
        if event.what is EventKind.ABSORBED:  # its note counts the supporters
            return self.text("event.absorbed", before=before, came=event.note)
        if event.what is EventKind.EDITED:
            return self._edited(event)
        only_words = event.what is EventKind.RATED and not after
        key = "said" if only_words else event.what.value
        told = self.text(f"event.{key}", before=before, after=after)
        return f"{told}：{mask_contacts(event.note)}" if event.note else told

    def _edited(self, event: Event) -> str:
        """The note of a correction is its column; contacts leave no values behind."""
        key = f"worker.field.{event.note}"
        field = self.responses.text(key, self.traditional) if key in self.responses else event.note
        if not event.to_value:
            return self.text("event.edited", field=field)
        after = self.value(event.note, event.to_value)
        return self.text("event.edited_to", field=field, after=mask_contacts(after))

    def period(self, period: Period | None) -> str:
        """The first and the last day of a period."""
        if period is None or period.since is None:
            return self.text("period_all")
        last = local(period.until, self.zone).date() - timedelta(days=1)
        return self.text("period", since=local(period.since, self.zone).date(), until=last)

    def when(self, moment: datetime) -> str:
        """A moment on the wall clock of the neighbourhood."""
        return f"{local(moment, self.zone):%m-%d %H:%M}"

    def _acts(self, proposal: Proposal) -> tuple[Button, ...]:
        offered = [self.act("move", proposal.code)] if self.moves(proposal) else []
        for verb in ACTS:
            is_open = proposal.stage in OPEN_STAGES
            fits = is_open if verb in ("assign", "edit", "merge") else True
            fits = is_open and bool(proposal.department) if verb == "return" else fits
            if fits:
                offered.append(self.act(verb, proposal.code))
        return tuple(offered)

    def act(self, verb: str, code: str) -> Button:
        """A button that does something with a proposal or ticket."""
        return Button(self.text(f"buttons.{verb}"), f"worker:{verb}:{code}")

    @staticmethod
    def moves(proposal: Proposal) -> tuple[Stage, ...]:
        """The stages that a button can lead to; merging has a button of its own."""
        return tuple(each for each in allowed_moves(proposal.stage) if each is not Stage.MERGED)

    # -- questions

    def ask(self, verb: str, code: str, buttons: tuple[Button, ...] = ()) -> Reply:
        """Ask for the words that a verb needs."""
        cancel = Button(self.text("buttons.cancel"), "worker:cancel")
        return Reply(self.text(f"ask.{verb}", code=code), (*buttons, cancel))

    def stages(self, proposal: Proposal) -> Reply:
        """Which stage to move to."""
        buttons = tuple(
            Button(self.stage(stage), f"worker:move:{proposal.code}:{stage.value}")
            for stage in self.moves(proposal)
        )
        return self.ask("move", proposal.code, buttons)

    def departments(self, proposal: Proposal) -> tuple[Button, ...]:
        """The units of the proposal's community and of what it lies in, nearest first."""
        units = self.communities.departments(proposal.community)[:MAX_DEPARTMENTS]
        return tuple(
            Button(unit, f"worker:assign:{proposal.code}:{number}")
            for number, unit in enumerate(units)
            if unit != proposal.department
        )

    def targets(self, code: str, others: Sequence[Proposal]) -> tuple[Button, ...]:
        """Proposals to merge into."""
        return tuple(
            Button(
                self.text("buttons.into", code=other.code, title=mask_contacts(other.title)),
                f"worker:merge:{code}:{other.code}",
            )
            for other in others
        )

    # -- tickets

    def tickets(
        self, kind: TicketKind, tickets: Sequence[Ticket], names: Sequence[str], total: int
    ) -> Reply:
        """The first of the tickets that wait, with buttons to take them."""
        if not tickets:
            return self.say(f"tickets.none_{kind.value}")
        lines = [self.text(f"tickets.head_{kind.value}", count=total)]
        buttons = []
        for ticket, name in zip(tickets, names, strict=True):
            lines.append(
                self.text(
                    "tickets.line",
                    code=ticket.code,
                    when=self.when(ticket.created_at),
                    name=mask_name(name) or self.text("somebody"),
                    text=mask_contacts(ticket.text),
                    taken=self.text("tickets.taken") if ticket.taken_by else "",
                )
            )
            label = self.text("buttons.answer_ticket", code=ticket.code)
            buttons.append(Button(label, f"worker:take:{ticket.code}"))
        return Reply("\n".join(lines), tuple(buttons))


def who(event: Event) -> str:
    """Who did something: a worker by name, a resident with the name masked."""
    if event.who.kind is PersonKind.RESIDENT:
        return mask_name(event.who.name) or "居民"
    return event.who.name or "系统"
