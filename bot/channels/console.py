"""The terminal as a messenger: typed lines come in, replies are printed.

Like every channel it goes through the inbox and the outbox.
"""

import json
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.assistant import Assistant, Handled
from bot.clock import Clock
from bot.messages import Attachment, Button, Location, Message, Reply
from bot.responses import Responses
from bot.storage.database import Database

CHANNEL = "console"


class BadLine(ValueError):
    """A line of JSON input is not as it should be; the message says what is wrong."""


@dataclass
class Delivery:
    """Handles messages and marks their replies as sent, for a channel that prints at once."""

    assistant: Assistant
    database: Database

    def exchange(self, message: Message) -> Handled:
        """Handle one message; with its replies come those that were waiting to be shown."""
        handled = self.assistant.handle(message)
        waiting = self.collect(message.conversation_id)
        return replace(handled, replies=waiting or handled.replies)

    def collect(self, conversation_id: str) -> list[Reply]:
        """Replies that wait for this conversation, oldest first; marked as sent."""
        waiting: list[Reply] = []
        with self.database.unit_of_work() as work:
            while due := [
                out
                for out in work.outbox.due(CHANNEL, work.now)
                if out.conversation_id == conversation_id
            ]:
                for outgoing in due:
                    work.outbox.mark_sent(outgoing.id)
                    waiting.append(outgoing.reply)
        return waiting


@dataclass
class ConsoleChat:
    """A conversation in the terminal; a number presses the button of that number."""

    delivery: Delivery
    responses: Responses
    clock: Clock
    user: str
    name: str = ""
    console: Console = field(default_factory=Console)
    _buttons: tuple[Button, ...] = ()

    def run(self) -> None:
        """Talk until the input ends."""
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import InMemoryHistory

        interactive = sys.stdin.isatty()
        session: PromptSession[str] | None = (
            PromptSession(history=InMemoryHistory()) if interactive else None
        )
        self._show(self.delivery.collect(self.user))
        self._show(self._say("/start"))
        while True:
            try:
                line = session.prompt("您：") if session else next(sys.stdin).rstrip("\n")
            except (EOFError, KeyboardInterrupt, StopIteration):
                self.console.print(self.responses.text("goodbye"))
                return
            self._show(self._say(line))

    def _say(self, line: str) -> list[Reply]:
        button = self._pressed(line.strip())
        message = Message(
            id=uuid.uuid4().hex,
            channel=CHANNEL,
            conversation_id=self.user,
            sender_id=self.user,
            sender_name=self.name or self.user,
            text="" if button else line,
            sent_at=self.clock.now(),
            button=button.id if button else "",
        )
        return self.delivery.exchange(message).replies

    def _pressed(self, line: str) -> Button | None:
        if line.isdigit() and 1 <= int(line) <= len(self._buttons):
            return self._buttons[int(line) - 1]
        return next((button for button in self._buttons if button.label == line), None)

    def _show(self, replies: list[Reply]) -> None:
        """Print replies; their buttons are numbered on from one reply to the next."""
        if replies:
            self._buttons = ()
        for reply in replies:
            self.console.print(Padding(Text(reply.text, style="cyan"), (1, 0, 0, 2)))
            for file in reply.attachments:
                self.console.print(Padding(Text(f"📎 {file.path}"), (0, 0, 0, 2)), soft_wrap=True)
            if reply.buttons:
                first = len(self._buttons) + 1
                labels = [f"[{n}] {each.label}" for n, each in enumerate(reply.buttons, first)]
                self._buttons += reply.buttons
                line = Text("  ".join(labels), style="green")
                self.console.print(Padding(line, (0, 0, 0, 2)))
        self.console.print()


def read_json_line(line: str, clock: Clock) -> Message:
    """One line of `linli chat --jsonl` as a message. Raises BadLine."""
    try:
        given: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadLine(f"这一行不是 JSON：{error.msg}（第 {error.colno} 列）") from error
    if not isinstance(given, dict) or not isinstance(given.get("user"), str) or not given["user"]:
        raise BadLine('缺少 "user"，例如 {"user": "u1", "text": "路灯坏了"}')
    text, button, photo = (given.get(key) or "" for key in ("text", "button", "photo"))
    if not all(isinstance(value, str) for value in (text, button, photo)):
        raise BadLine('"text"、"button"、"photo" 都应当是字符串')
    return Message(
        id=f"{given['user']}:{given['id']}" if given.get("id") else uuid.uuid4().hex,
        channel=CHANNEL,
        conversation_id=given["user"],
        sender_id=given["user"],
        sender_name=given["user"],
        text=text,
        sent_at=clock.now(),
        attachments=(Attachment(photo),) if photo else (),
        location=_location(given.get("location")),
        button=button,
    )


def _location(given: object) -> Location | None:
    if given is None:
        return None
    numbers = isinstance(given, list) and len(given) == 2
    if not numbers or not all(isinstance(value, int | float) for value in given):  # type: ignore[attr-defined]
        raise BadLine('"location" 应当是 [纬度, 经度]，例如 [30.59, 114.31]')
    latitude, longitude = (float(value) for value in given)  # type: ignore[attr-defined]
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadLine('"location" 超出范围：纬度 -90 到 90，经度 -180 到 180')
    return Location(latitude, longitude)


def answer_json_lines(lines: TextIO, delivery: Delivery, clock: Clock) -> Iterator[str]:
    """One line of JSON for each line of JSON; a faulty one gets `{"error": …}`."""
    for line in lines:
        if not line.strip():
            continue
        try:
            message = read_json_line(line, clock)
        except BadLine as error:
            yield json.dumps({"error": str(error)}, ensure_ascii=False)
            continue
        handled = delivery.exchange(message)
        yield json.dumps(
            {
                "user": message.sender_id,
                "intent": {"name": handled.intent, "confidence": round(handled.confidence, 4)},
                "replies": [reply_json(reply) for reply in handled.replies],
            },
            ensure_ascii=False,
        )


def reply_json(reply: Reply) -> dict[str, object]:
    """A reply as other programs get it."""
    buttons = [{"label": button.label, "id": button.id} for button in reply.buttons]
    told: dict[str, object] = {"text": reply.text, "buttons": buttons}
    if reply.attachments:
        told["attachments"] = [
            {"name": file.name or Path(file.path).name, "path": file.path}
            for file in reply.attachments
        ]
    return told
