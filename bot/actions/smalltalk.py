"""Greetings, thanks, help, and what lies outside of what we do."""

from dataclasses import replace
from typing import Any

from bot.actions.action import Outcome, Turn
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.records import Role
from intents.entities import is_abuse

MAIN_INTENTS = ("submit_proposal", "lookup_service", "ask_policy")


class SmalltalkAction:
    """Answers what needs no knowledge and leaves the state as it is."""

    def __init__(self, responses: Responses, neighbourhood: str = "") -> None:
        self._responses = responses
        self._neighbourhood = neighbourhood

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: Any, state: Conversation, work: UnitOfWork) -> Outcome:
        """Reply by intent, or by the name of the command."""
        traditional = state.traditional
        topic = turn.argument.split(" ", 1)[0] or turn.parse.intent
        if topic in ("greet", "start"):
            return Outcome(replace(state, welcomed=True), (self._greeting(state),))
        if topic == "help":
            text = self._responses.text("help.resident", traditional)
            resident = work.people.meet(turn.message.channel, turn.message.sender_id)
            if worker := work.people.worker(resident.id):
                text += self._responses.text("help.worker", traditional)
                if worker.role is Role.ADMIN:
                    text += self._responses.text("help.admin", traditional)
            return Outcome(state, (Reply(text),))
        if topic == "limit.group_private":
            label = self._responses.text("limit.group_button", traditional)
            text = self._responses.text(topic, traditional)
            start = turn.argument.partition(" ")[2]
            return Outcome(state, (Reply(text, (Button(label, f"link:{start}"),)),))
        if topic == "out_of_scope":
            key = "unknown.abuse" if is_abuse(turn.text) else "unknown.out_of_scope"
            return Outcome(state, (Reply(self._responses.text(key, traditional)),), found=False)
        return Outcome(state, (Reply(self._responses.text(topic, traditional)),))

    def _greeting(self, state: Conversation) -> Reply:
        responses, traditional = self._responses, state.traditional
        if state.welcomed:
            return Reply(responses.text("greet.again", traditional))
        name = self._neighbourhood or responses.text("greet.neighbourhood", traditional)
        text = responses.text("greet.first", traditional, name=name)
        return Reply(text, choice_buttons(responses, MAIN_INTENTS, traditional))


def choice_buttons(
    responses: Responses, intents: tuple[str, ...], traditional: bool
) -> tuple[Button, ...]:
    """One button for each intent; pressing it says what the resident meant."""
    return tuple(
        Button(responses.text(f"choose.{intent}", traditional), f"choose:{intent}")
        for intent in intents
    )
