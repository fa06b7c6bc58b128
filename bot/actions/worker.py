"""What community workers do in chat; others get a friendly no, which is logged."""

from bot.actions.action import Outcome, Turn
from bot.conversation import Conversation
from bot.messages import Reply
from bot.proposals.deadlines import Deadlines
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.errors import InvalidInvite
from bot.storage.records import Resident, Worker


class WorkerAction:
    """Commands for enrolled workers, and `/join` for who is to become one."""

    def __init__(self, responses: Responses, deadlines: Deadlines) -> None:
        self._responses = responses
        self._deadlines = deadlines

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: None, state: Conversation, work: UnitOfWork) -> Outcome:
        """Enrol, refuse, or do what the command says."""
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        command, _, rest = turn.argument.partition(" ")
        if command == "join":
            return Outcome(state, (self._join(rest, resident, work),))
        worker = work.people.worker(resident.id)
        if worker is None:
            work.people.log_access(resident.person, "refused", command or turn.parse.intent)
            return Outcome(state, (Reply(self._text("only")),))
        return self._command(command, rest, worker, state, work)

    def _command(
        self, command: str, rest: str, worker: Worker, state: Conversation, work: UnitOfWork
    ) -> Outcome:
        return Outcome(state, (Reply(self._text("export_hint")),))

    def _join(self, code: str, resident: Resident, work: UnitOfWork) -> Reply:
        try:
            worker = work.people.redeem(code, resident.id)
        except InvalidInvite:
            work.people.log_access(resident.person, "refused", "join")
            return Reply(self._text("invite_bad"))
        role = self._text(f"role_{worker.role.value}")
        community = worker.community or self._text("everywhere")
        return Reply(self._text("enrolled", name=worker.name, role=role, community=community))

    def _text(self, key: str, **slots: object) -> str:
        return self._responses.text(f"worker.{key}", **slots)
