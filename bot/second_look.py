"""A second look at a message: what the service directory knows of it.

Intents are told apart by how something is said, services by what it is about. So who says in
words that no example has ("娃名字取得不好想改") what the directory knows well gets its card, not
a question back; so does who asks what a document hardly answers; and who reports a nuisance
hears whose job it is.
"""

from bot.actions.action import Turn
from bot.actions.emergency import emergency_kind
from bot.actions.policy_lookup import Looked
from bot.actions.service import Found
from bot.conversation import Conversation
from intents.entities import is_abuse

WORTH_A_LOOK = ("lookup_service", "ask_policy", "submit_proposal", "out_of_scope", "emergency")
"""Intents that a message about a service is taken for."""

LIKELY = 0.1
"""A proposal this probable is offered along with the card."""

CLEAR = 0.65
"""A quote less probable than this to answer gives way to a service that is clearly meant."""


def may_be_service(turn: Turn) -> bool:
    """Whether the turn would ask back, decline, or warn of a danger that no word speaks of."""
    if is_abuse(turn.text):
        return False
    if turn.act == "choose":
        likely = [name for name, _ in turn.parse.ranking[:2]] or [turn.parse.intent]
        return any(name in WORTH_A_LOOK for name in likely)
    if turn.act == "emergency":
        return turn.parse.is_unsure and emergency_kind(turn.text) == "general"
    return (turn.act, turn.argument) == ("smalltalk", "out_of_scope")


def is_answer(turn: Turn, kind: str) -> bool:
    """Whether what the directory found (one, several or none) is better than the turn itself.

    A choice of services is better than a choice of intents, but chat gets no such choice.
    """
    return kind == "one" or (kind == "several" and turn.act == "choose")


def found_nothing(turn: Turn, prepared: object) -> bool:
    """Whether this is a question on policy that no document answers."""
    return isinstance(prepared, Looked) and not turn.argument and not prepared.is_answered


def is_in_doubt(turn: Turn, prepared: object) -> bool:
    """Whether a document has something to quote, but hardly so."""
    if turn.argument or not isinstance(prepared, Looked) or prepared.responsibility:
        return False
    answer = prepared.answer
    return answer is not None and answer.found and answer.confidence < CLEAR


def is_answered(prepared: object) -> bool:
    """Whether a document has something to quote."""
    return isinstance(prepared, Looked) and prepared.is_answered


def knows_no_service(turn: Turn, prepared: object) -> bool:
    """Whether this asks for a service that the directory does not hold; a document may."""
    finds = isinstance(prepared, Found) and prepared.service is None and not prepared.hits
    return turn.act == "service" and not turn.argument and finds


def begins_report(turn: Turn, state: Conversation) -> bool:
    """Whether the turn starts to report something: who deals with it may be worth saying."""
    return turn.act == "proposal" and not turn.argument and state.draft is None


def offers(turn: Turn) -> tuple[str, ...]:
    """What to offer with the card: the way to report it, and a word of care."""
    likely = {name for name, probability in turn.parse.ranking[:3] if probability >= LIKELY}
    proposal = ("proposal",) if "submit_proposal" in likely else ()
    return (*proposal, "care") if turn.act == "emergency" else proposal
