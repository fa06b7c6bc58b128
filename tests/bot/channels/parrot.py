"""An assistant that a reader can compute by hand: it counts, and says back what it was told."""

import json
import time
from dataclasses import dataclass, field
from threading import Event, Lock

from bot.assistant import Handled
from bot.messages import Button, Message, Reply, Request
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.storage.database import Database
from bot.storage.errors import AlreadyHandled, StaleConversation

SUMMARY = "summary"


@dataclass
class Parrot:
    """Says back each message with its number in the conversation, in one unit of work.

    “提案 …” becomes a proposal, “summary …” replaces the last summary, “phone” asks for the number,
    “choose” has buttons, “slow” takes a second, “hold” waits until it is let go.
    """

    database: Database
    heard: list[Message] = field(default_factory=list)
    held: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def process(self, message: Message) -> Handled:
        """Handle a message that stands in the inbox."""
        if message.text.startswith("slow"):
            time.sleep(1.2)
        if message.text == "hold":
            self.held.wait(30)
        with self._lock:
            self.heard.append(message)
        while True:
            try:
                return self._act(message)
            except StaleConversation:
                continue
            except AlreadyHandled:
                return Handled([], "echo", 1.0)

    def _act(self, message: Message) -> Handled:
        channel, conversation_id = message.channel, message.conversation_id
        with self.database.unit_of_work() as work:
            state, version = work.conversations.load(channel, conversation_id)
            history = [*json.loads(state or "[]"), message.text or message.button]
            reply = self._reply(message, len(history))
            if message.text.startswith("提案"):
                resident = work.people.meet(channel, message.sender_id, message.sender_name)
                deadlines = Deadlines(work.time_zone)
                Ledger(work, deadlines).create(Draft(message.text, "3栋"), resident)
            work.conversations.save(channel, conversation_id, json.dumps(history), version)
            work.outbox.add(channel, conversation_id, reply, message.id)
            for message_id in (message.id, *message.joined):
                work.inbox.mark_done(channel, message_id)
        return Handled([reply], "echo", 1.0)

    def _reply(self, message: Message, number: int) -> Reply:
        said = message.text or message.button
        buttons = (Button("好", "yes:ok"), Button("不好", "no:ok"))
        if said.startswith(SUMMARY) or message.button:
            return Reply(f"{number} {said}", buttons, replaces=SUMMARY, key=SUMMARY)
        if said == "phone":
            return Reply(f"{number} phone", buttons, request=Request.PHONE)
        if said == "choose":
            return Reply(f"{number} choose\nwhich?", buttons)
        files = ",".join(str(each.bytes) for each in message.attachments)
        return Reply(f"{number} {said} {files}".strip())
