"""What is kept and why; and forgetting it at the resident's wish."""

from functools import partial

from bot.actions.action import Outcome, Turn
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.proposals.privacy import forget
from bot.responses import Responses
from bot.storage.attachments import AttachmentStore
from bot.storage.database import UnitOfWork
from bot.storage.records import StoredFile


class PrivacyAction:
    """`/privacy` explains; `/forget` asks once more, then removes."""

    def __init__(self, responses: Responses, files: AttachmentStore) -> None:
        self._responses = responses
        self._files = files

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: None, state: Conversation, work: UnitOfWork) -> Outcome:
        """Explain, ask, forget or leave things as they are."""
        traditional = state.traditional
        if turn.argument == "forget":
            return Outcome(state, (self._confirmation(traditional),))
        if turn.argument == "confirmed":
            return self._forget(turn, state, work)
        key = "kept" if turn.argument == "kept" else "notice"
        return Outcome(state, (Reply(self._responses.text(f"privacy.{key}", traditional)),))

    def _forget(self, turn: Turn, state: Conversation, work: UnitOfWork) -> Outcome:
        """Rows now, files once that is sure: a file that is gone cannot be brought back."""
        resident = work.people.meet(turn.message.channel, turn.message.sender_id)
        files = tuple(forget(work, resident))
        if state.draft is not None:
            files += state.draft.attachments
        text = self._responses.text("privacy.forgotten", state.traditional)
        return Outcome(
            Conversation(traditional=state.traditional, welcomed=True),
            (Reply(text),),
            after_commit=partial(self._remove, files),
        )

    def _remove(self, files: tuple[StoredFile, ...]) -> None:
        for file in files:
            self._files.remove(file)

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
