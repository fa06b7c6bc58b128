"""The intent examples of `data/nlu/*.yml`, in Rasa's training data format, and how they compare.

Kept compatible with Python 3.10, because Rasa loads it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import opencc
import yaml

from intents.parse import UnderstandingError

NLU_FOLDER = Path(__file__).parent / "data" / "nlu"
MAX_SIMILARITY = 0.6
"""Two examples of one intent more alike than this teach nothing new."""


@dataclass(frozen=True)
class Example:
    """A message as a resident writes it, and what it means."""

    text: str
    intent: str


def load_examples(folder: Path = NLU_FOLDER) -> list[Example]:
    """All examples under `folder`, in the order of file names and lines.

    Raises UnderstandingError, naming the file, where one is not Rasa NLU training data, and
    where two intents claim the same example.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise UnderstandingError(f"no training data: {folder} holds no .yml file")
    examples: list[Example] = []
    owners: dict[str, str] = {}
    for path in paths:
        for example in _examples_of(path):
            owner = owners.setdefault(normalise(example.text), example.intent)
            if owner != example.intent:
                raise UnderstandingError(
                    f"{path.name}: {example.text!r} is an example of {owner}"
                    f" and of {example.intent}"
                )
            examples.append(example)
    return examples


def _examples_of(path: Path) -> Iterator[Example]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in content["nlu"]:
            intent, lines = block["intent"], block["examples"].splitlines()
            for line in filter(str.strip, lines):
                dash, text = line[:2], line[2:].strip()
                if dash != "- " or not text:
                    raise UnderstandingError(f"{path.name}: expected '- a message', got {line!r}")
                yield Example(text, intent)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UnderstandingError(f"{path.name} is not Rasa NLU training data: {error}") from error


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """What remains of a text when script, width, case, spaces and punctuation are forgotten.

    >>> normalise("路燈，壞了！ ＯＫ")
    '路灯坏了ok'
    """
    simplified = _to_simplified().convert(unicodedata.normalize("NFKC", text).lower())
    return "".join(character for character in simplified if character.isalnum())


def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters of the normal form; of one character, itself."""
    normal = normalise(text)
    pairs = frozenset(normal[i : i + 2] for i in range(len(normal) - 1))
    return pairs or frozenset({normal} - {""})


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity of two sets, from 0 to 1."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def similar_pairs(texts: Sequence[str], limit: float) -> Iterator[tuple[int, int, float]]:
    """Positions (the later first) and similarity of texts whose bigrams are more alike than
    `limit`; texts that share no bigram are never compared."""
    earlier: defaultdict[str, list[int]] = defaultdict(list)
    all_pairs = [bigrams(text) for text in texts]
    for i, pairs in enumerate(all_pairs):
        for j in {j for pair in pairs for j in earlier[pair]}:
            if (score := similarity(pairs, all_pairs[j])) > limit:
                yield i, j, score
        for pair in pairs:
            earlier[pair].append(i)


def too_similar(
    examples: Sequence[Example], limit: float = MAX_SIMILARITY
) -> list[tuple[Example, Example, float]]:
    """Pairs of one intent's examples whose bigrams are more alike than `limit`."""
    found = similar_pairs([example.text for example in examples], limit)
    return [
        (examples[j], examples[i], score)
        for i, j, score in found
        if examples[i].intent == examples[j].intent
    ]
