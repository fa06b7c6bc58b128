"""Correcting a proposal on the worker's desk: how urgent it is, of which kind, where, in short."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.actions.casework import Casework
from bot.actions.worker_views import WorkerViews
from bot.messages import Button, Reply
from bot.proposals.proposal import ProposalError
from bot.storage.database import UnitOfWork
from bot.storage.records import Proposal, Urgency, Worker

FIELDS = ("urgency", "category", "community", "place", "title")
"""What may be corrected, in the order in which it is offered; the resident's words never."""


@dataclass
class EditDesk:
    """One correction in one unit of work."""

    views: WorkerViews
    casework: Casework
    work: UnitOfWork
    worker: Worker

    def field(self, word: str) -> str:
        """The column that a word names, in Chinese or English. Raises ProposalError."""
        for name in FIELDS:
            if word in (name, self.views.text(f"field.{name}")):
                return name
        known = "、".join(self.views.text(f"field.{name}") for name in FIELDS)
        raise ProposalError(self.views.text("no_such_field", name=word, known=known))

    def fields(self, proposal: Proposal) -> tuple[Button, ...]:
        """One button for each column."""
        return tuple(
            Button(self.views.text(f"field.{name}"), f"worker:edit:{proposal.code}:{name}")
            for name in FIELDS
        )

    def values(self, proposal: Proposal, name: str) -> tuple[Button, ...]:
        """One button for each value, where there are few enough to choose from."""
        return tuple(
            Button(label, f"worker:edit:{proposal.code}:{name}:{value}")
            for value, label in self._known(name)
            if value != getattr(proposal, name)
        )

    def change(self, proposal: Proposal, name: str, said: str) -> Reply:
        """Write what a worker said. Raises ProposalError for a value that does not exist."""
        value = self._value(name, said)
        changed = self.casework.ledger.edit(proposal.code, self.worker.person, **{name: value})
        if name == "community":
            self.casework.tell_workers_of(changed, self.views.communities, self.worker)
        shown = self.views.value(name, value)
        what = self.views.text(f"field.{name}")
        return self.views.say("done.edited", code=proposal.code, field=what, value=shown)

    def _value(self, name: str, said: str) -> str:
        if name == "community":
            place = self.views.communities.find(said) or self.views.communities.resolve(said)
            if place is None:
                raise ProposalError(self.views.text("no_such_community", name=said))
            return place.id
        if known := dict(self._known(name)):
            for value, label in known.items():
                if said in (value, label):
                    return value
            hint = "、".join(known.values())
            raise ProposalError(self.views.text("no_such_value", name=said, known=hint))
        return said

    def _known(self, name: str) -> Iterator[tuple[str, str]]:
        if name == "urgency":
            yield from ((each.value, self.views.urgency(each)) for each in Urgency)
        if name == "category":
            yield from self.views.categories()
