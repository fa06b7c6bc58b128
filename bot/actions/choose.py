"""Unsure between intents: ask once, with buttons, and go on with what was written."""

from dataclasses import replace
from typing import Any

from bot.actions.action import Outcome, Turn
from bot.actions.smalltalk import MAIN_INTENTS, choice_buttons
from bot.conversation import Choice, Conversation
from bot.messages import Reply
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from intents.parse import Parse

MAX_OPTIONS = 3
MIN_SHARE = 0.02
"""What is less probable is no meaning to offer."""
ASKABLE = (
    "submit_proposal",
    "lookup_service",
    "ask_policy",
    "check_status",
    "human_handoff",
    "emergency",
    "help",
)


class ChooseAction:
    """Shows the likely meanings as buttons and remembers the message."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: Any, state: Conversation, work: UnitOfWork) -> Outcome:
        """Ask; the assistant routes the answer itself."""
        likely = options(turn.parse)
        text = self._responses.text("unknown.unclear", state.traditional)
        buttons = choice_buttons(self._responses, (*likely, "none"), state.traditional)
        asked = replace(state, choice=Choice(turn.text, likely))
        return Outcome(asked, (Reply(text, buttons),), found=False)


def options(parse: Parse) -> tuple[str, ...]:
    """The meanings to offer: the likely ones, then what most residents want."""
    likely = [name for name, share in parse.ranking if name in ASKABLE and share >= MIN_SHARE]
    return tuple(dict.fromkeys((*likely, *MAIN_INTENTS)))[:MAX_OPTIONS]
