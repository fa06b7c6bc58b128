"""How well a classifier understands labelled messages."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from intents.parse import IntentClassifier, UnderstandingError


class Confusion(TypedDict):
    """Messages of one intent that were taken for another, the first few of them as examples."""

    gold: str
    predicted: str
    count: int
    examples: list[str]


class Quality(TypedDict):
    """The result of an evaluation; `confusions` are ordered by how many messages they hold."""

    messages: int
    accuracy: float
    macro_f1: float
    confusions: list[Confusion]


MAX_EXAMPLES = 3


def load_labelled(path: Path) -> list[tuple[str, str]]:
    """Messages and their intents from a TSV file (text, tab, intent; no header; blank lines are
    skipped).

    Raises UnderstandingError, naming the line, where one has another shape, or none is there.
    """
    pairs = []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnderstandingError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(fields):
            raise UnderstandingError(
                f"{path}, line {number}: expected text, tab, intent; got {line[:60]!r}"
            )
        pairs.append((fields[0], fields[1]))
    if not pairs:
        raise UnderstandingError(f"{path} holds no labelled message")
    return pairs


def evaluate(pairs: Iterable[tuple[str, str]], classifier: IntentClassifier) -> Quality:
    """Classify the messages of `(text, intent)` pairs and count what is right."""
    texts, gold = zip(*pairs, strict=True)
    return score(texts, gold, [classifier.parse(text).intent for text in texts])


def score(texts: Sequence[str], gold: Sequence[str], predicted: Sequence[str]) -> Quality:
    """Accuracy, macro-averaged F1 over the labels in `gold`, and the confusions."""
    confused: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for text, right, said in zip(texts, gold, predicted, strict=True):
        if right != said:
            confused[right, said].append(text)
    wrong = sum(map(len, confused.values()))
    return Quality(
        messages=len(gold),
        accuracy=1 - wrong / len(gold),
        macro_f1=macro_f1(gold, predicted),
        confusions=[
            Confusion(gold=right, predicted=said, count=len(those), examples=those[:MAX_EXAMPLES])
            for (right, said), those in sorted(confused.items(), key=lambda item: -len(item[1]))
        ],
    )


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean, over the labels in `gold`, of F1 = 2 · hits / (gold count + predicted count)."""
    of_gold, of_predicted = Counter(gold), Counter(predicted)
    hits = Counter(right for right, said in zip(gold, predicted, strict=True) if right == said)
    scores = [2 * hits[label] / (of_gold[label] + of_predicted[label]) for label in of_gold]
    return sum(scores) / len(scores)
