"""Service lookup: one card when it is clear, a few buttons when not, else a hotline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.actions.action import Outcome, Turn
from bot.actions.notices import tell_workers
from bot.actions.service_card import ServiceCard
from bot.clock import local
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.communities import Communities
from bot.proposals.privacy import mask_contacts
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.records import TicketKind
from index.places import Place
from index.service_finder import ServiceFinder, ServiceHit
from knowledge.directory import Directory
from knowledge.service import Kind, Service

MAX_CHOICES = 3
FOLLOWING = ("follow", "wrong", "awaited", "located")
"""What refers to the service that was shown last, or that the button names."""

BESIDE = ("beside", "whose")
"""What the directory adds to the reply of another action."""

SURE = 0.9
"""Score of a nuisance from which on whose job it is is said without having been asked."""


@dataclass(frozen=True)
class Found:
    """What the finder gave: `kind` is one, several or none; `hits` best first."""

    kind: str
    hits: Sequence[ServiceHit]
    service: Service | None = None
    hotline: Service | None = None


class ServiceAction:
    """Finds the service, shows its card, and answers what is asked about it next."""

    def __init__(
        self,
        responses: Responses,
        directory: Directory,
        finder: ServiceFinder,
        card: ServiceCard,
        communities: Communities,
        hotline: str,
    ) -> None:
        self._responses = responses
        self._communities = communities
        self._directory = directory
        self._finder = finder
        self._card = card
        self._hotline = hotline

    def prepare(self, turn: Turn, state: Conversation) -> Found:
        """Find, unless a service is named already: by button, number or the last card."""
        verb, _, value = turn.argument.partition(":")
        if verb == "show":
            return Found("one", (), self._directory.get(value))
        if verb == "pick" and int(value) <= len(state.services):
            return Found("one", (), self._directory.get(state.services[int(value) - 1]))
        if verb in FOLLOWING:
            return Found("one", (), self._directory.get(value or state.service))
        question = turn.text.removeprefix("/service").strip()
        if not question:
            return Found("none", ())
        finding = self._finder.best(
            question, turn.vector, place_of(turn, state), turn.message.sent_at
        )
        service = finding.hits[0].service if finding.kind == "one" else None
        return Found(finding.kind, finding.hits, service, finding.hotline)

    def act(self, turn: Turn, prepared: Found, state: Conversation, work: UnitOfWork) -> Outcome:
        """Reply with the card, a follow-up's answer, choices, or who would know."""
        verb, service = turn.argument.split(":", 1)[0], prepared.service
        if verb in BESIDE:
            return self._beside(verb, prepared, turn, state)
        if verb in FOLLOWING and service is None:
            return Outcome(state, (self._say("service.no_current", state),), found=False)
        if service is not None:
            return self._about(verb, service, turn, state, work)
        asked = replace(state, question=turn.text)
        if prepared.hits:
            return self._choices(prepared.hits, asked, "service.several")
        return Outcome(
            replace(asked, service="", services=()), (self._none(prepared, state),), found=False
        )

    def _beside(self, verb: str, found: Found, turn: Turn, state: Conversation) -> Outcome:
        """What goes with another action's reply, or in its place where that had nothing to say.

        Whose job a reported nuisance is; the one service that a question is about, or several.
        """
        service = found.service
        asked = replace(state, question=turn.text)
        if verb == "beside" and service is not None:
            lead = self._responses.text("service.instead", state.traditional)
            reply = self._card.card(service, place_of(turn, state), state.traditional, turn.text)
            shown = replace(asked, service=service.id, services=())
            return Outcome(shown, (replace(reply, text=f"{lead}\n\n{reply.text}"),))
        if verb == "beside" and found.hits:
            return self._choices(found.hits, asked, "service.beside")
        is_nuisance = service and service.kind is Kind.NUISANCE
        if verb == "whose" and service and is_nuisance and found.hits[0].score >= SURE:
            return Outcome(state, (Reply(self._card.whose(service, state.traditional)),))
        return Outcome(state, ())

    def _about(
        self, verb: str, service: Service, turn: Turn, state: Conversation, work: UnitOfWork
    ) -> Outcome:
        shown = replace(state, service=service.id, services=())
        if verb == "wrong":
            waiting = replace(shown, awaiting=f"service:{service.id}")
            return Outcome(waiting, (self._say("service.wrong_ask", state),))
        if verb == "awaited":
            self._file_correction(service, turn, work)
            done = replace(shown, awaiting="")
            # No question, so no gap either: it is dealt with.
            return Outcome(done, (self._say("service.wrong_thanks", state),), True, service.id)
        if verb == "follow":
            place = place_of(turn, state)
            reply = self._card.follow_up(service, turn.text, place, state.traditional)
            return Outcome(shown, (reply,), True, service.id, reply.text)
        if verb not in ("show", "pick", "located"):
            shown = replace(shown, question=turn.text)
        reply = self._card.card(
            service,
            place_of(turn, state),
            state.traditional,
            shown.question,
            "proposal" in turn.offers,
        )
        if "care" in turn.offers:
            care = self._responses.text("service.care", state.traditional)
            reply = replace(reply, text=f"{care}\n\n{reply.text}")
        return Outcome(shown, (reply,), True, service.id, reply.text)

    def _none(self, prepared: Found, state: Conversation) -> Reply:
        """Nothing fits: the number that would know, by name where there is one."""
        knows = prepared.hotline
        if knows is None or self._hotline in knows.phones[:1] or not knows.phones:
            return self._say("service.none", state, hotline=self._hotline)
        phone = knows.phones[0]
        name = knows.name.removesuffix(phone)
        return self._say("service.none_but", state, name=name, phone=phone, hotline=self._hotline)

    def _file_correction(self, service: Service, turn: Turn, work: UnitOfWork) -> None:
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        day = local(work.now, work.time_zone).date()
        ticket = work.tickets.open(TicketKind.CORRECTION, turn.text, resident, day, service.id)
        text = self._responses.text(
            "worker.correction", name=service.name, code=ticket.code, text=mask_contacts(turn.text)
        )
        tell_workers(work, self._communities, resident.community, Reply(text))

    def _choices(self, hits: Sequence[ServiceHit], state: Conversation, key: str) -> Outcome:
        offered = [hit.service for hit in hits[:MAX_CHOICES]]
        buttons = tuple(Button(service.name, f"service:show:{service.id}") for service in offered)
        text = self._responses.text(key, state.traditional)
        ids = tuple(service.id for service in offered)
        return Outcome(
            replace(state, services=ids, service=""), (Reply(text, buttons),), found=True
        )

    def _say(self, key: str, state: Conversation, **slots: object) -> Reply:
        return Reply(self._responses.text(key, state.traditional, **slots))


def place_of(turn: Turn, state: Conversation) -> Place:
    """Where the resident is: the location they sent, the community they named."""
    return Place(state.latitude, state.longitude, turn.slots.community)
