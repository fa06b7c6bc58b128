"""What a message means: the shapes that every understanding engine returns.

They follow the JSON of Rasa's `/model/parse`. Kept compatible with Python 3.10, because Rasa
loads the modules beside this one.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class UnderstandingError(Exception):
    """The understanding engine or its training data cannot be used; the message says why."""


@dataclass(frozen=True)
class Entity:
    """A stretch of the message with a meaning of its own: `text[start:end]` was written,
    `value` is what it stands for (`phone` 138-0013-8000 → +8613800138000)."""

    entity: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Parse:
    """One understood message.

    `ranking` holds every intent with its probability, best first; they add up to 1, and
    `confidence` is the first one's. `is_unsure` says that the engine would ask rather than act:
    the best intent is improbable, or the next one is close. `engine` names who answered.
    """

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    is_unsure: bool = False
    engine: str = "embedded"


class IntentClassifier(Protocol):
    """Says what a resident wants."""

    def parse(self, text: str, vector: NDArray[np.float32] | None = None) -> Parse:
        """Understand one message; `vector` is its `(dim,) float32` query encoding, where the
        caller has it already."""
