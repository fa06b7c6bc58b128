import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO

import pytest
from rich.console import Console

from bot.assistant import Handled
from bot.channels.console import ConsoleChat
from bot.clock import SystemClock
from bot.messages import Button, Message, Reply
from bot.responses import Responses

REPLIES = [
    Reply("没有找到依据", (Button("流浪猫狗", "service:show:cats"),)),
    Reply("离得最近的", (Button("养狗的规矩", "policy:near:0"), Button("租房", "policy:near:1"))),
]


@dataclass
class Scripted:
    """Answers every message with the same replies, and remembers what was pressed."""

    pressed: list[str] = field(default_factory=list)

    def exchange(self, message: Message) -> Handled:
        self.pressed.append(message.button)
        return Handled(REPLIES, "", 1.0)

    def collect(self, conversation_id: str) -> list[Reply]:
        return []


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, list[str]]]:
    """Types lines in a terminal chat; what is printed, and the buttons that were pressed."""

    def typed(*lines: str) -> tuple[str, list[str]]:
        printed, delivery = StringIO(), Scripted()
        monkeypatch.setattr(sys, "stdin", StringIO("".join(f"{line}\n" for line in lines)))
        console = Console(file=printed, width=100, color_system=None)
        responses = Responses.load()
        ConsoleChat(delivery, responses, SystemClock(), "u", "", console).run()  # type: ignore[arg-type]
        return printed.getvalue(), delivery.pressed

    return typed


def test_buttons_are_numbered_on_from_reply_to_reply(
    talk: Callable[..., tuple[str, list[str]]],
) -> None:
    printed, _ = talk()
    assert "[1] 流浪猫狗" in printed
    assert "[2] 养狗的规矩  [3] 租房" in printed


@pytest.mark.parametrize(
    ("line", "button"),
    [("1", "service:show:cats"), ("3", "policy:near:1"), ("租房", "policy:near:1"), ("4", "")],
)
def test_a_number_or_a_label_presses_its_button(
    talk: Callable[..., tuple[str, list[str]]], line: str, button: str
) -> None:
    assert talk(line)[1] == ["", button]
