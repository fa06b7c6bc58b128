"""The assistant: understand a message, then act on it in one unit of work.

Synchronous and thread-safe; a channel may call it from several threads, for different
conversations.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot import second_look
from bot.actions.action import EVERYTHING, Action, Outcome, Scope, Turn
from bot.actions.proposal import resume
from bot.clean import LIMIT, clean, has_words
from bot.conversation import Conversation
from bot.failures import failure_key
from bot.messages import Button, Message, Reply
from bot.proposals.privacy import mask_contacts
from bot.responses import Responses, is_traditional
from bot.router import (
    ACT_OF_INTENT,
    QUESTIONS,
    keep_private,
    route_button,
    route_choice,
    route_edit,
    route_forwarded,
    route_text,
)
from bot.slash_commands import ASKING, Route, route_command
from bot.storage.database import Database, UnitOfWork
from bot.storage.errors import AlreadyHandled, StaleConversation, StorageError
from bot.wishes import Part, two_wishes
from bot.worker_words import route_worker_words
from index.encoder import Encoder, Vectors
from intents.entities import Slots, read_slots
from intents.parse import IntentClassifier, Parse
from knowledge.formats import SUFFIXES

log = logging.getLogger(__name__)

MAX_STALE_ATTEMPTS = 5
MAY_BE_TWO = ("proposal", "service", "policy", "choose")
"""Acts of messages that may hold a question and a matter to be reported at once."""
ASIDES = ("smalltalk", "choose")
SHOWN = 40
"""So many characters of a matter are repeated when it is offered to be reported."""
NO_PARSE = Parse(text="", intent="", confidence=1.0, engine="")


@dataclass(frozen=True)
class Understanding:
    """A message read against a state: the turn, and what its action has prepared.

    `beside` is what the service directory has on a report, or on a question that no document
    answers.
    """

    turn: Turn
    prepared: object
    state: Conversation
    beside: object = None


@dataclass(frozen=True)
class Handled:
    """The replies to a message, and what it was understood to mean."""

    replies: list[Reply]
    intent: str
    confidence: float


class Assistant:
    """Joins the parts: classifier and encoder, actions, responses, storage."""

    def __init__(
        self,
        *,
        database: Database,
        encoder: Encoder,
        classifier: IntentClassifier,
        actions: Mapping[str, Action],
        responses: Responses,
        hotline: str,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._classifier = classifier
        self._actions = actions
        self._responses = responses
        self._hotline = hotline

    def handle(self, message: Message) -> Handled:
        """Take a message from receipt to replies that stand in the outbox; once per message id.

        Raises StorageError where the message cannot even be kept.
        """
        with self._database.unit_of_work() as work:
            work.inbox.receive(message)
        return self.process(message)

    def process(self, message: Message) -> Handled:
        """Handle a message that stands in the inbox; the same replies again if it was handled."""
        for _ in range(MAX_STALE_ATTEMPTS):
            with self._database.read() as rows:
                done = rows.inbox.is_done(message.channel, message.id)
                replies = rows.outbox.replies_for(message.channel, message.id)
                stored, version = rows.conversations.load(message.channel, message.conversation_id)
            try:
                understanding = self.understand(message, Conversation.from_json(stored))
                if not done:
                    with self._database.unit_of_work() as work:
                        outcome = self._commit(message, understanding, version, work)
                    replies = list(outcome.replies)
                    if outcome.after_commit is not None:
                        outcome.after_commit()
                return handled(understanding.turn, replies)
            except (StaleConversation, AlreadyHandled):
                continue
            except StorageError:
                raise
            except Exception as error:  # one message must never end the process
                log.exception("a message could not be handled: %s", type(error).__name__)
                return Handled(self._apologise(message, error), "", 0.0)
        raise StaleConversation("conversation kept changing")

    def understand(
        self, message: Message, state: Conversation, act: str = "", scope: Scope = EVERYTHING
    ) -> Understanding:
        """Encode, classify, route and retrieve, all outside of any transaction.

        `act` says what kind of question it is where that is known, `scope` what to retrieve.
        """
        text, _ = clean(message.text)
        if (script := is_traditional(text)) is not None:
            state = replace(state, traditional=script)
        if place := message.location:
            state = replace(state, latitude=place.latitude, longitude=place.longitude)
        if act:
            return self._prepare(self._asked(message, text, act, scope), state)
        if turn := self._plain(message, text, state):
            return self._prepare(turn, state)
        vector = self._encode(text)
        parse = self._classifier.parse(text, vector)
        slots = read_slots(text)
        route = route_forwarded(message, route_text(text, parse, slots, state), state)
        if route.argument.startswith("follow"):  # it means what it follows, whatever its words
            parse = replace(parse, intent=intent_of(route.act), confidence=1.0)
        turn = self._turn(message, text, route, parse, slots, vector)
        if route.act in MAY_BE_TWO and route.argument != "forwarded" and state.draft is None:
            turn = self._both_wishes(turn)
        return self._look_again(self._prepare(replace(turn, scope=scope), state))

    def _both_wishes(self, turn: Turn) -> Turn:
        """The turn of the question, where a message holds one beside a matter to be reported."""
        wishes = two_wishes(turn.text, self._read)
        if wishes is None:
            return turn
        asked = wishes.question
        route = Route(ACT_OF_INTENT[asked.parse.intent], matter=wishes.matter)
        return self._turn(turn.message, asked.text, route, asked.parse, None, asked.vector)

    def _read(self, text: str) -> Part:
        vector = self._encode(text)
        return Part(text, self._classifier.parse(text, vector), vector)

    def _plain(self, message: Message, text: str, state: Conversation) -> Turn | None:
        """The turn of a message whose meaning needs no reading; None for one that is to be read."""
        if message.button and (turn := self._button(message, state)):
            return turn
        if message.edited and (route := route_edit(message, state)):
            return self._turn(message, text, route)
        if state.enrolled and brings_documents(message) and state.draft is None:
            return self._turn(message, text, Route("worker", "document"))
        if message.location or not has_words(text):
            return self._wordless(message, text, state)
        if message.forwarded:
            return None
        if route := route_command(text):
            if route.act in ASKING:
                return self._asked(message, route.argument, route.act, EVERYTHING)
            return self._turn(message, text, route)
        at_work = state.enrolled and not state.awaiting and state.draft is None
        if at_work and (route := route_worker_words(text, state)):
            return self._turn(message, text, route)
        if state.choice and (route := route_choice(text, state.choice, self._responses)):
            return self._chosen(message, route.argument, state)
        return None

    def act(self, understanding: Understanding, work: UnitOfWork) -> Outcome:
        """Do what was understood, inside the unit of work; a form in progress goes on after it."""
        turn, state = understanding.turn, understanding.state
        if is_written := bool(turn.text and turn.parse.intent):
            turn = replace(turn, question_id=log_question(turn, work))
        about = turn.act
        outcome = self._actions[about].act(turn, understanding.prepared, state, work)
        if understanding.beside is not None:
            outcome, about = self._add_services(turn, understanding.beside, outcome, work)
        if is_written:
            whole = mask_contacts(outcome.question)
            work.questions.settle(turn.question_id, bool(outcome.found), outcome.document_id, whole)
        replies = outcome.replies
        if len(turn.message.text) > LIMIT:
            cut = self._responses.text("unknown.too_long", state.traditional, limit=LIMIT)
            replies = (Reply(cut), *replies)
        if turn.act in QUESTIONS and outcome.state.draft is not None:
            replies += resume(outcome.state, self._responses)
        if turn.matter and outcome.state.draft is None:
            outcome = replace(outcome, state=replace(outcome.state, question=turn.matter))
            replies += (self._offer(turn.matter, state),)
        # An aside does not change the subject: 谢谢, then 那要带什么.
        subject = state.last_act if turn.act in ASIDES and state.last_act in ASKING else about
        answered = replace(outcome.state, last_act=subject)
        if turn.act != "choose":
            answered = replace(answered, choice=None)
        return replace(outcome, state=answered, replies=replies)

    def _offer(self, matter: str, state: Conversation) -> Reply:
        """To report what a message told of beside its question."""
        text, traditional = self._responses.text, state.traditional
        shown = matter if len(matter) <= SHOWN else matter[: SHOWN - 1] + "…"
        label = text("service.buttons.propose", traditional)
        button = Button(label, "proposal:from_question")
        return Reply(text("proposal.offer", traditional, matter=shown), (button,))

    def _commit(
        self, message: Message, understanding: Understanding, version: int, work: UnitOfWork
    ) -> Outcome:
        outcome = self.act(understanding, work)
        for reply in outcome.replies:
            work.outbox.add(message.channel, message.conversation_id, reply, message.id)
        work.conversations.save(
            message.channel, message.conversation_id, outcome.state.to_json(), version
        )
        for message_id in (message.id, *message.joined):
            work.inbox.mark_done(message.channel, message_id)
        return outcome

    def _prepare(self, turn: Turn, state: Conversation) -> Understanding:
        return Understanding(turn, self._actions[turn.act].prepare(turn, state), state)

    def _look_again(self, first: Understanding) -> Understanding:
        """The same, unless the service directory knows what else was not understood, or a document
        what the directory does not hold.
        """
        turn, state = first.turn, first.state
        if second_look.knows_no_service(turn, first.prepared):
            in_documents = self._prepare(replace(turn, act="policy"), state)
            return in_documents if second_look.is_answered(in_documents.prepared) else first
        doubtful = second_look.may_be_service(turn) or second_look.is_in_doubt(turn, first.prepared)
        adds = second_look.found_nothing(turn, first.prepared) or second_look.begins_report(
            turn, state
        )
        if not (doubtful or adds):
            return first
        other = replace(turn, act="service", argument="", offers=second_look.offers(turn))
        found = self._actions["service"].prepare(other, state)
        if adds:
            return replace(first, beside=found)
        answers = second_look.is_answer(turn, found.kind)
        return Understanding(other, found, state) if answers else first

    def _add_services(
        self, turn: Turn, found: object, outcome: Outcome, work: UnitOfWork
    ) -> tuple[Outcome, str]:
        """What the directory adds: whose job a report is, or services where no document answers.

        With it comes the act that the replies are of.
        """
        reports = turn.act == "proposal"
        other = replace(turn, act="service", argument="whose" if reports else "beside")
        added = self._actions["service"].act(other, found, outcome.state, work)
        if not added.replies:
            return outcome, turn.act
        first, *rest = outcome.replies
        said = added.replies[0]
        if reports:
            first = replace(first, text=f"{said.text}\n\n{first.text}")
            return replace(outcome, replies=(first, *rest)), turn.act
        if added.state.service:  # one card says more than the documents that are only near
            return replace(outcome, state=added.state, replies=added.replies), other.act
        first = replace(first, text=f"{first.text}\n\n{said.text}", buttons=said.buttons)
        return replace(outcome, state=added.state, replies=(first, *rest)), turn.act

    def _turn(
        self,
        message: Message,
        text: str,
        route: Route,
        parse: Parse = NO_PARSE,
        slots: Slots | None = None,
        vector: Vectors | None = None,
    ) -> Turn:
        slots = read_slots(text) if slots is None else slots
        route = keep_private(message, route)
        meant = (route.act, route.argument)
        return Turn(message, text, parse, slots, *meant, vector, matter=route.matter)

    def _button(self, message: Message, state: Conversation) -> Turn | None:
        """The turn of a pressed button; None for one that no action knows (an old layout)."""
        route = route_button(message)
        if route.act == "choose":
            return self._chosen(message, route.argument, state)
        if route.act not in self._actions:
            return None
        return self._turn(message, "", route)

    def _chosen(self, message: Message, intent: str, state: Conversation) -> Turn:
        """What was written before the question, now with the intent that the resident chose."""
        act = ACT_OF_INTENT.get(intent, "smalltalk")
        text = state.choice.text if state.choice and act != "smalltalk" else ""
        if act in ASKING and not text:  # a button under the greeting: nothing was asked yet
            return self._turn(message, "", Route("smalltalk", f"help.{act}"))
        parse = Parse(text=text, intent=intent, confidence=1.0, engine="resident")
        vector = self._encode(text) if text else None
        argument = "" if intent in ACT_OF_INTENT and act != "smalltalk" else "help"
        return self._turn(message, text, Route(act, argument), parse, None, vector)

    def _asked(self, message: Message, text: str, act: str, scope: Scope) -> Turn:
        """A question whose kind is known beforehand."""
        parse = Parse(text=text, intent=intent_of(act), confidence=1.0, engine="")
        vector = self._encode(text)
        return replace(self._turn(message, text, Route(act), parse, None, vector), scope=scope)

    def _encode(self, text: str) -> Vectors:
        vector: Vectors = self._encoder.encode_query([text])[0]
        return vector

    def _wordless(self, message: Message, text: str, state: Conversation) -> Turn:
        """A message with nothing to read: a photo, a place, a phone card, or only emoji."""
        if message.location and state.draft is None and state.service:
            return self._turn(message, text, Route("service", "located"))
        if message.attachments or message.location or message.phone:
            route = route_forwarded(message, Route("proposal", "attached"), state)
            return self._turn(message, text, route)
        key = "no_text" if text else "empty"
        return self._turn(message, text, Route("smalltalk", f"unknown.{key}"))

    def _apologise(self, message: Message, error: Exception) -> list[Reply]:
        """Keep the message for a person to look at, and say so."""
        key = failure_key(error)
        reply = Reply(self._responses.text(key, hotline=self._hotline))
        with self._database.unit_of_work() as work:
            work.inbox.mark_failed(message.channel, message.id, type(error), max_attempts=1)
            work.outbox.add(message.channel, message.conversation_id, reply, message.id)
        return [reply]


def brings_documents(message: Message) -> bool:
    """Whether all files of a message are of the kinds that the knowledge base can read."""
    names = [each.name or each.path for each in message.attachments]
    return bool(names) and all(Path(name).suffix.lower() in SUFFIXES for name in names)


def intent_of(act: str) -> str:
    """The intent that an act serves."""
    return next(intent for intent, served in ACT_OF_INTENT.items() if served == act)


def handled(turn: Turn, replies: list[Reply]) -> Handled:
    """What became of a turn; a button or command means the intent that its action serves."""
    if turn.parse.intent:
        return Handled(replies, turn.parse.intent, turn.parse.confidence)
    of_act = {act: intent for intent, act in reversed(ACT_OF_INTENT.items())}
    return Handled(replies, of_act.get(turn.act, "help"), 1.0)


def log_question(turn: Turn, work: UnitOfWork) -> int:
    """Keep what was understood of a written message, contacts masked; the row's number."""
    message = turn.message
    resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
    slots = {entity.entity: mask_contacts(entity.value) for entity in turn.slots.entities}
    return work.questions.add(
        mask_contacts(turn.text),
        intent=turn.parse.intent,
        confidence=turn.parse.confidence,
        engine=turn.parse.engine,
        slots=slots,
        resident_id=resident.id,
    )
