"""Danger to life: the right number first, in words that can be followed at once."""

import re
from dataclasses import replace
from typing import Any

from bot.actions.action import Outcome, Turn
from bot.conversation import Conversation
from bot.messages import Button, Reply
from bot.responses import Responses
from bot.storage.database import UnitOfWork

KINDS = (
    ("crisis", re.compile(r"不想活|想死|自杀|轻生|跳楼|割腕|活不下去|活着没意思|活唔落去")),
    ("gas", re.compile(r"煤气|燃气|天然气|瓦斯|液化气|一氧化碳")),
    ("fire", re.compile(r"火|烟|(?<!发)(?<!高)(?<!低)烧(?!烤)|爆炸|烧起来")),
    (
        "violence",
        re.compile(
            r"打架|打人|打我|家暴|砍|持刀|拿刀|抢|偷|闯|跟踪|强奸|威胁|劫|杀|小偷|斗殴|动手|绑"
        ),
    ),
    (
        "medical",
        re.compile(
            r"晕|昏|发烧|[高低]烧|不省人事|没气|呼吸|心脏|胸口|中风|抽搐|流血|出血|摔|受伤|骨折|溺|落水|掉(进|到).*(水|河|井)|噎|触电|中毒|喝了?农药|没反应|没知觉|要生|救护"
        ),
    ),
)
"""Checked in this order: who does not want to live needs other words than who is on fire."""


class EmergencyAction:
    """Names the numbers to call; a draft in progress stays as it is."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: Any, state: Conversation, work: UnitOfWork) -> Outcome:
        """One reply with the number for this kind of danger, then how to report it later."""
        kind = emergency_kind(turn.text)
        parts = [self._responses.text(f"emergency.{kind}", state.traditional)]
        if kind != "crisis":
            parts.append(self._responses.text("emergency.after", state.traditional))
        text = "\n\n".join(parts)
        if kind == "crisis" or state.draft is not None:
            return Outcome(state, (Reply(text),), found=True)
        label = self._responses.text("emergency.button", state.traditional)
        reply = Reply(text, (Button(label, "proposal:from_question"),))
        return Outcome(replace(state, question=turn.text), (reply,), found=True)


def emergency_kind(text: str) -> str:
    """crisis, gas, fire, violence or medical; `general` when the words do not tell."""
    return next((kind for kind, pattern in KINDS if pattern.search(text)), "general")
