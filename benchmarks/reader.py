"""How well answers are read, and whether it is known when there is none.

    python -m benchmarks.reader DOCUMENTS.jsonl QUESTIONS.jsonl --others FILE... [--fit]

QUESTIONS has {"question", "document", "answer"} a line. Figures are cross-validated by document:
weights and threshold are never fitted on the documents that they are measured on. Out-of-base are
questions of another domain (`--others`: JSONL or one a line), written questions on the subjects of
the documents that none of them answers (benchmarks/data/unanswerable_policy.txt), and real ones
whose document is left out of the base. Of the last, those are set aside that another document
answers: where half of the gold answer's bigrams stand in what was read. The shipped digests with
their own questions (tests/data) are fitted and measured with them. `--fit` writes the weights to
index/reader.json and index/calibration.json.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.fitting import (
    Example,
    Weights,
    example,
    fit_logistic,
    fit_reader,
    folds,
)
from index import calibration as calibration_module
from index import reader as reader_module
from index.bundled import BundledEncoder
from index.calibration import NEUTRAL, logistic
from index.evaluation import LabelledQuestion, character_f1, load_questions
from index.indexer import Indexer
from index.query import bigrams
from index.reader import Reader, weighted
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Document
from knowledge.loaders import load_shipped, read_paths

_ROOT = Path(__file__).parent.parent
_WRITTEN = _ROOT / "benchmarks" / "data" / "unanswerable_policy.txt"
_ANSWERS = _ROOT / "tests" / "data" / "answers.jsonl"
_UNANSWERABLE = _ROOT / "tests" / "data" / "unanswerable.txt"
_SHARES = {"answerable": 1.0, "shipped": 0.5, "written": 1.0, "left out": 1.0, "others": 1.0}
_SHARES["shipped, unanswerable"] = 0.7
_OUT_OF_BASE = ("others", "written", "left out")
_THRESHOLDS = (0.35, 0.4, 0.42, 0.44, 0.46, 0.5)


@dataclass(frozen=True)
class Case:
    """One question for the confidence: its kind and evidence."""

    kind: str
    group: int
    evidence: dict[str, float]


def main() -> None:
    """Print figures, and write weights if asked to."""
    arguments = _arguments()
    encoder = BundledEncoder()
    root = arguments.index
    documents = (d for d in read_paths([arguments.documents]) if isinstance(d, Document))
    base = _Base.of(documents, encoder, root / "base")
    shipped = _Base.of(load_shipped(), encoder, root / "shipped")
    examples = base.examples(load_questions(arguments.questions))
    own = shipped.examples(load_questions(_ANSWERS))
    reader = _read(examples, own)
    reader_module._weights = lambda: reader  # type: ignore[assignment]
    cases = [
        *base.cases("answerable", examples),
        *shipped.cases("shipped", own),
        *base.cases("written", base.examples(_lines(_WRITTEN))),
        *base.cases("others", base.examples(_others(arguments.others))),
        *shipped.cases("shipped, unanswerable", shipped.examples(_lines(_UNANSWERABLE))),
        *base.left_out(examples),
    ]
    answer = _known(cases)
    if arguments.fit:
        _write(reader, answer, encoder.name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--others", type=Path, nargs="+", required=True)
    parser.add_argument("--index", type=Path, default=Path("var/benchmark"), help="kept there")
    parser.add_argument("--fit", action="store_true")
    return parser.parse_args()


class _Base:
    """Documents with their retriever and reader."""

    def __init__(self, snapshot: Snapshot, encoder: BundledEncoder) -> None:
        self.snapshot, self.encoder = snapshot, encoder
        self.retriever, self.reader = Retriever(snapshot, encoder), Reader(snapshot, encoder)

    @classmethod
    def of(
        cls, documents: Iterator[Document] | list[Document], encoder: BundledEncoder, root: Path
    ):  # type: ignore[no-untyped-def]
        Indexer(root, encoder).add(documents)
        return cls(Snapshot.open_current(root), encoder)

    def examples(self, questions: Sequence[LabelledQuestion]) -> list[Example]:
        vectors = [self.encoder.encode_query([one.question])[0] for one in questions]
        pairs = zip(questions, vectors, strict=True)
        return [example(one, vector, self.retriever, self.reader) for one, vector in pairs]

    def cases(self, kind: str, examples: Sequence[Example]) -> Iterator[Case]:
        for one in examples:
            yield Case(kind, one.group, self._evidence(one))

    def left_out(self, examples: Sequence[Example]) -> Iterator[Case]:
        """The questions again without their document and its copies."""
        beginnings = {id_: doc.text[:200] for id_, doc in self.snapshot.documents.items()}
        for one in examples:
            gold = {beginnings[id_] for id_ in one.labelled.documents}
            rest = {id_ for id_, beginning in beginnings.items() if beginning not in gold}
            passages = self.retriever.search(one.labelled.question, 5, one.vector, rest)
            reading = self.reader.examine(one.labelled.question, passages[0], one.vector)
            again = Example(one.labelled, passages, one.vector, reading, one.inside)
            if not _holds(again):
                yield Case("left out", one.group, self._evidence(again))

    def _evidence(self, one: Example) -> dict[str, float]:
        weights = reader_module._weights()
        spans, features = one.reading.spans(weights["clause"])
        value = float(weighted(weights["span"], features).max())
        return self.reader.evidence(one.passages[0], one.reading, spans, value)


def _holds(one: Example) -> bool:
    """Whether what was read holds at least half of the gold answer's bigrams."""
    gold = bigrams(one.labelled.answer)
    read = one.reading.clauses.normal
    return bool(gold) and float(np.mean([term in read for term in gold])) >= 0.5


def _read(examples: list[Example], own: list[Example]) -> dict[str, Weights]:
    """Fit the reader on both, print its cross-validated figures, give the weights."""
    quotes = [""] * (len(examples) + len(own))
    both = [*examples, *own]

    def remember(row: int, quote: str, _: float) -> None:
        quotes[row] = quote

    weights = fit_reader(both, remember)
    for name, rows in (
        ("given", range(len(examples))),
        ("shipped", range(len(examples), len(both))),
    ):
        answers = [both[row].labelled.answer for row in rows]
        given = [quotes[row] for row in rows]
        pairs = list(zip(given, answers, strict=True))
        f1 = np.mean([character_f1(quote, gold) for quote, gold in pairs])
        whole = np.mean([_plain(gold) in _plain(quote) for quote, gold in pairs])
        length = np.mean([len(quote) for quote in given])
        holds = np.mean(
            [both[row].labelled.answer in both[row].passages[0].chunk.text for row in rows]
        )
        print(
            f"{name}: {len(pairs)} questions, F1 {f1:.3f}, gold answer whole {whole:.3f},"
            f" {length:.0f} characters, first passage holds the answer {holds:.3f}"
        )
    return weights


def _known(cases: list[Case]) -> Weights:
    """Fit the confidence, print what is answered at several thresholds, give the weights."""
    kinds = np.array([case.kind for case in cases])
    truth = np.isin(kinds, ("answerable", "shipped")).astype(float)
    counts = {kind: int((kinds == kind).sum()) for kind in _SHARES}
    weights = np.array([_SHARES[kind] / counts[kind] for kind in kinds]) * 1000
    evidence = [case.evidence for case in cases]
    confidence = np.zeros(len(cases))
    for fit, measure in folds([case.group for case in cases]):
        model = fit_logistic([evidence[row] for row in fit], truth[fit], weights[fit])
        confidence[measure] = [logistic(model, evidence[row]) for row in measure]
    print("share answered, by threshold")
    for threshold in _THRESHOLDS:
        answered = {kind: float((confidence[kinds == kind] >= threshold).mean()) for kind in counts}
        mixed = np.mean([answered[kind] for kind in _OUT_OF_BASE])
        row = ", ".join(f"{kind} {share:.3f} of {counts[kind]}" for kind, share in answered.items())
        print(f"{threshold:.2f}: {row}; out of base, three kinds alike {mixed:.3f}")
    return fit_logistic(evidence, truth, weights)


def _write(reader: dict[str, Weights], answer: Weights, encoder: str) -> None:
    rounded = {stage: _rounded(weights) for stage, weights in reader.items()}
    _save(reader_module.WEIGHTS, rounded)
    figures = json.loads(calibration_module.FILE.read_text("utf-8"))
    for name in (encoder, NEUTRAL):
        figures["encoders"][name]["answer"] = _rounded(answer)
    _save(calibration_module.FILE, figures)


def _save(path: Path, figures: object) -> None:
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _rounded(weights: Weights) -> Weights:
    return {name: round(weight, 4) for name, weight in weights.items()}


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _lines(path: Path) -> list[LabelledQuestion]:
    lines = path.read_text("utf-8").splitlines()
    return [LabelledQuestion(q, (q,)) for q in map(str.strip, lines) if q and q[0] != "#"]


def _others(paths: Sequence[Path]) -> list[LabelledQuestion]:
    return [
        one
        for path in paths
        for one in (load_questions(path) if path.suffix == ".jsonl" else _lines(path))
    ]


if __name__ == "__main__":
    main()
