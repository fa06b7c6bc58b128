"""What is kept and why; and forgetting it at the resident's wish."""

from bot.actions.action import Outcome, Turn
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.privacy import forget
from bot.responses import Responses
from bot.storage.database import UnitOfWork


class PrivacyAction:
    """`/privacy` explains; `/forget` asks once more, then removes."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: None, state: Conversation, work: UnitOfWork) -> Outcome:
        """Explain, ask, forget or leave things as they are."""
        traditional, message = state.traditional, turn.message
        if turn.argument == "forget":
            return Outcome(state, (self._confirmation(traditional),))
        if turn.argument == "confirmed":
            resident = work.people.meet(message.channel, message.sender_id)
            forget(work, resident)
            text = self._responses.text("privacy.forgotten", traditional)
            return Outcome(Conversation(traditional=traditional, welcomed=True), (Reply(text),))
        key = "kept" if turn.argument == "kept" else "notice"
        return Outcome(state, (Reply(self._responses.text(f"privacy.{key}", traditional)),))

    def _confirmation(self, traditional: bool) -> Reply:
        text = self._responses.text("privacy.forget_ask", traditional)
        return Reply(
            text,
            (
                Button(
                    self._responses.text("privacy.buttons.forget", traditional),
                    "privacy:confirmed",
                ),
                Button(self._responses.text("privacy.buttons.keep", traditional), "privacy:kept"),
            ),
        )
