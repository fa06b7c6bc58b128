"""Golden conversations, through the real assistant: encoder, classifier, index and SQLite."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.parts import Parts
from bot.messages import Button, Message

FOLDER = Path(__file__).parent / "conversations"


def conversations() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.yml")):
        for each in yaml.safe_load(path.read_text("utf-8")):
            yield pytest.param(each["turns"], id=f"{path.stem}: {each['name']}")


@pytest.mark.parametrize("turns", list(conversations()))
def test_conversation(turns: list[dict[str, Any]], fresh: Parts) -> None:
    user = uuid.uuid4().hex
    buttons: tuple[Button, ...] = ()
    for turn in turns:
        pressed = ""
        if "press" in turn:
            pressed = next(b.id for b in buttons if b.label == turn["press"])
        handled = fresh.assistant.handle(
            Message(
                id=uuid.uuid4().hex,
                channel="console",
                conversation_id=user,
                sender_id=user,
                sender_name="王阿姨",
                text=turn.get("say", ""),
                sent_at=fresh.clock.now(),
                button=pressed,
            )
        )
        said = "\n".join(reply.text for reply in handled.replies)
        buttons = tuple(button for reply in handled.replies for button in reply.buttons)
        assert handled.replies, turn
        if "intent" in turn:
            assert handled.intent == turn["intent"], f"{turn}\n{said}"
        for words in turn.get("expect", ()):
            assert words in said, f"{turn}\n{said}"
        for words in turn.get("never", ()):
            assert words not in said, f"{turn}\n{said}"
