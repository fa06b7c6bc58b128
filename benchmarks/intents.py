"""`python -m benchmarks.intents`: how well and how fast both engines understand.

Prints, for each engine, accuracy and macro-F1 by cross-validation over the shipped examples (likes
held out together) and on the held-out file, training time, latency and memory; then the confusions.
Writes nothing that stays. Rasa takes part where its command is named, and is trained and served
for each fold where that is asked for: some minutes each.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.bundled import BundledEncoder
from index.encoder import Encoder, Vectors
from intents.classifier import EmbeddedClassifier
from intents.evaluation import Quality, load_labelled, score
from intents.parse import IntentClassifier, Parse
from intents.rasa_nlu import RasaClassifier
from intents.rasa_server import PROJECT, serving, train, write_examples
from intents.training import fold_indices
from intents.training_data import Example, load_examples

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]

HELD_OUT = Path(__file__).parent.parent / "tests" / "data" / "intents.tsv"
TIMED = 100


class Engine:
    """Something that can be trained on examples, and then understands."""

    name = ""

    @contextmanager
    def trained(self, examples: Sequence[Example]) -> Iterator[IntentClassifier]:
        """A classifier that learned from `examples`, while the block lasts."""
        raise NotImplementedError

    def megabytes(self) -> float | None:
        """Resident memory of the last trained, where it is a process of its own."""
        return None


class Remembering(BundledEncoder):
    """Encodes a batch's texts once, so that folds need not do so again; single messages, which are
    timed, are encoded each time."""

    def __init__(self) -> None:
        super().__init__()
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        if len(texts) < 2:
            return super().encode_query(texts)
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors |= dict(zip(new, super().encode_query(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])


class Embedded(Engine):
    """The classifier in this process."""

    name = "embedded"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @contextmanager
    def trained(self, examples: Sequence[Example]) -> Iterator[IntentClassifier]:
        yield EmbeddedClassifier.train(examples, self._encoder)


class Rasa(Engine):
    """A real server with one of the pipelines."""

    def __init__(self, command: Path, config: Path) -> None:
        self.name = f"Rasa, {config.name}"
        self._command = command
        self._config = config
        self._megabytes: float | None = None

    @contextmanager
    def trained(self, examples: Sequence[Example]) -> Iterator[IntentClassifier]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            write_examples(examples, folder)
            train(self._command, folder / "nlu.yml", folder / "models", self._config)
            server = stack.enter_context(serving(self._command, folder / "models"))
            classifier = RasaClassifier(server.url, NotAsked(), timeout_seconds=30)
            stack.callback(classifier.close)
            yield classifier
            self._megabytes = server.resident_megabytes()

    def megabytes(self) -> float | None:
        return self._megabytes


class NotAsked:
    """A fallback that must not answer in place of the engine that is measured."""

    def parse(self, text: str, vector: Vectors | None = None) -> Parse:
        raise RuntimeError(f"Rasa did not answer {text!r}")


@dataclass
class Result:
    """One column of the table."""

    engine: str
    held_out: Quality
    training_seconds: float
    milliseconds: float
    asked: float
    megabytes: float | None
    validated: Quality | None = None

    def rows(self) -> list[tuple[str, str]]:
        """Names and values, in the order of the table."""
        validated = self.validated
        memory = f"{self.megabytes:.0f} MB" if self.megabytes else "-"
        return [
            ("held out: accuracy", f"{self.held_out['accuracy']:.3f}"),
            ("held out: macro-F1", f"{self.held_out['macro_f1']:.3f}"),
            ("held out: would ask", f"{self.asked:.3f}"),
            ("cross-validated: accuracy", f"{validated['accuracy']:.3f}" if validated else "-"),
            ("cross-validated: macro-F1", f"{validated['macro_f1']:.3f}" if validated else "-"),
            ("training", f"{self.training_seconds:.0f} s"),
            ("a message, encoding included, p50", f"{self.milliseconds:.1f} ms"),
            ("memory of the server", memory),
        ]


def measure(
    engine: Engine, examples: Sequence[Example], held_out: Sequence[tuple[str, str]]
) -> Result:
    """Train on all examples and measure on what was held out."""
    texts, gold = zip(*held_out, strict=True)
    begin = time.perf_counter()
    with engine.trained(examples) as classifier:
        training_seconds = time.perf_counter() - begin
        parses = [classifier.parse(text) for text in texts]
        spent = [seconds(partial(classifier.parse, text)) for text in texts[:TIMED]]
    return Result(
        engine.name,
        score(texts, gold, [parse.intent for parse in parses]),
        training_seconds,
        statistics.median(spent) * 1000,
        sum(parse.is_unsure for parse in parses) / len(parses),
        engine.megabytes(),
    )


def cross_validate(
    engine: Engine,
    examples: Sequence[Example],
    folds: Sequence[Fold],
) -> Quality:
    """Quality over all examples, each understood by a model that did not see it or its likes."""
    predicted: dict[int, str] = {}
    for learned, unseen in folds:
        with engine.trained([examples[i] for i in learned]) as classifier:
            predicted |= {int(i): classifier.parse(examples[i].text).intent for i in unseen}
    order = sorted(predicted)
    return score(
        [examples[i].text for i in order],
        [examples[i].intent for i in order],
        [predicted[i] for i in order],
    )


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def print_table(results: Sequence[Result]) -> None:
    """The results side by side, as Markdown."""
    print("|  |", " | ".join(result.engine for result in results), "|")
    print("| --- |", " | ".join("---:" for _ in results), "|")
    for rows in zip(*(result.rows() for result in results), strict=True):
        print("|", rows[0][0], "|", " | ".join(value for _, value in rows), "|")


def print_confusions(name: str, quality: Quality, limit: int) -> None:
    """The largest confusions, with an example each."""
    print(f"\n{name}: confusions\n")
    for confusion in quality["confusions"][:limit]:
        pair = f"{confusion['gold']} → {confusion['predicted']}"
        print(f"- {pair} ({confusion['count']}): {confusion['examples'][0]}")


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rasa", type=Path, help="the rasa command, .venv-rasa/bin/rasa")
    parser.add_argument("--config", type=Path, nargs="*", default=[PROJECT / "config.yml"])
    parser.add_argument("--rasa-folds", action="store_true", help="cross-validate Rasa too")
    parser.add_argument("--held-out", type=Path, default=HELD_OUT, help="TSV: text, intent")
    parser.add_argument("--confusions", type=int, default=8, help="how many to print")
    arguments = parser.parse_args()

    examples, held_out = load_examples(), load_labelled(arguments.held_out)
    encoder = Remembering()
    results = [measure(Embedded(encoder), examples, held_out)]
    folds = fold_indices(examples, encoder.encode_query([example.text for example in examples]))
    results[0].validated = cross_validate(Embedded(encoder), examples, folds)
    for config in arguments.config if arguments.rasa else ():
        engine = Rasa(arguments.rasa, config.absolute())
        results.append(measure(engine, examples, held_out))
        if arguments.rasa_folds:
            results[-1].validated = cross_validate(engine, examples, folds)
    print(f"{len(examples)} examples, {len(held_out)} held-out messages\n")
    print_table(results)
    for result in results:
        print_confusions(f"{result.engine}, held out", result.held_out, arguments.confusions)
        if result.validated:
            name = f"{result.engine}, cross-validated"
            print_confusions(name, result.validated, arguments.confusions)


if __name__ == "__main__":
    main()
