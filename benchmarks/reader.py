"""How well answers are read, and whether it is known when there is none.

    python -m benchmarks.reader [--fit] [--on DOCUMENTS.jsonl QUESTIONS.jsonl
                                         --unanswerable FILE --others FILE... [--once]]

The weights are fitted on texts and questions of our own: benchmarks/data/reading, notices of
invented places, and questions on the shipped digests. Their figures are cross-validated by
document. `--fit` writes the weights to index/reader.json and index/calibration.json.

`--on` measures the weights on documents that they were not fitted on, with questions on them
({"question", "document", "answer"} a line). Out-of-base questions are of three kinds: written
ones on the subjects of the documents that none of them answers (`--unanswerable`), those of
another domain (`--others`: JSONL or one a line), and real ones whose document is left out of the
base. Of the last, those are set aside that another document answers: where half of the gold
answer's bigrams stand in what was read.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.fitting import Example, Weights, fit_logistic, fit_reader, folds
from benchmarks.reading import Base, Case, Own, lines, load_own, questions_of
from index import calibration as calibration_module
from index import reader as reader_module
from index.bundled import BundledEncoder
from index.calibration import NEUTRAL, Calibration, logistic
from index.cross_encoder import CrossEncoder
from index.evaluation import character_f1, letters, load_questions

_THRESHOLDS = (0.4, 0.5, 0.55, 0.6, 0.62, 0.65, 0.68, 0.7)
IN_BASE = ("paraphrased", "literal", "clusters", "everyday", "digests", "answerable")
# What all questions of a kind count together. A detail that is not there, of the very matter
# asked about, is so near that only reading could tell: such questions count little.
_COUNTS = {
    "paraphrased": 1.0,
    "literal": 2.0,
    "digests": 2.0,
    "unanswerable": 1.0,
    "near": 0.3,
    "left out, paraphrased": 1.0,
    "left out, literal": 1.0,
    "other domain, paraphrased": 0.5,
    "other domain, literal": 0.5,
    "digests, unanswerable": 1.0,
}


# Questions in everyday words on short texts are as many as the others when they count so often.
_DIGESTS_COUNT = 4


def main() -> None:
    """Print figures, and write weights if asked to."""
    arguments = _arguments()
    encoder = BundledEncoder()
    if arguments.fit:
        _fit(arguments.index, encoder)
    if arguments.on:
        _measure(arguments, encoder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fit", action="store_true", help="fit on our own texts, and write")
    parser.add_argument("--on", type=Path, nargs=2, metavar="FILE", help="measure on these")
    parser.add_argument("--once", action="store_true", help="without a second reading")
    parser.add_argument("--unanswerable", type=Path)
    parser.add_argument("--others", type=Path, nargs="+", default=[])
    parser.add_argument("--index", type=Path, default=Path("var/benchmark"), help="kept there")
    return parser.parse_args()


def _fit(root: Path, encoder: BundledEncoder) -> None:
    """Fit reading and confidence on our own texts; print cross-validated figures; write."""
    own = load_own(root, encoder)
    sets = {
        "paraphrased": own.notices.examples(own.questions),
        "literal": own.notices.examples(own.literal),
        "digests": own.digests.examples(own.digest_questions),
    }
    examples = [one for part in sets.values() for one in part]
    quotes = [""] * len(examples)

    def remember(row: int, quote: str, _: float) -> None:
        if row < len(quotes):
            quotes[row] = quote

    more = sets["digests"] * (_DIGESTS_COUNT - 1)
    weights = fit_reader([*examples, *more], remember)
    start = 0
    for name, part in sets.items():
        _print_reading(name, part, quotes[start : start + len(part)])
        start += len(part)
    asked = own.notices.examples([*own.unanswerable, *own.near])
    asked += own.digests.examples(own.digest_unanswerable)
    answer = _fit_confidence(_own_cases(own, sets, weights))
    _save(reader_module.WEIGHTS, {stage: rounded(fitted) for stage, fitted in weights.items()})
    reader_module.weights_of_reader.cache_clear()
    passage = _fit_passages([*examples, *asked])
    write_calibration(encoder.name, answer=rounded(answer), passage=rounded(passage))


def _own_cases(
    own: Own, sets: Mapping[str, Sequence[Example]], weights: dict[str, Weights]
) -> list[Case]:
    notices, digests = own.notices, own.digests
    cases = [*digests.cases("digests", sets["digests"], weights)]
    for style in ("paraphrased", "literal"):
        examples = sets[style]
        cases += notices.cases(style, examples, weights)
        cases += notices.without(f"left out, {style}", examples, weights, notices.copies_of)
        cases += notices.without(f"other domain, {style}", examples, weights, notices.part_of)
    for kind, questions in (("unanswerable", own.unanswerable), ("near", own.near)):
        cases += notices.cases(kind, notices.examples(questions), weights)
    unanswerable = digests.examples(own.digest_unanswerable)
    return [*cases, *digests.cases("digests, unanswerable", unanswerable, weights)]


def _fit_confidence(cases: Sequence[Case]) -> Weights:
    """Fit the confidence, print what would be answered by it out of fold, give the weights."""
    kinds = np.array([case.kind for case in cases])
    truth = np.isin(kinds, IN_BASE).astype(float)
    weights = np.array([1000 * _COUNTS[kind] / (kinds == kind).sum() for kind in kinds])
    evidence = [case.evidence for case in cases]
    confidence = np.zeros(len(cases))
    for fit, measure in folds([case.group for case in cases]):
        model = fit_logistic([evidence[row] for row in fit], truth[fit], weights[fit])
        confidence[measure] = [logistic(model, evidence[row]) for row in measure]
    _print_answered(kinds, confidence)
    return fit_logistic(evidence, truth, weights)


def _fit_passages(examples: Sequence[Example]) -> Weights:
    """Whether each of the first passages is of a document that answers, by rank and score alone."""
    names = ("fused", "behind", "ahead")
    pairs = [(one, passage) for one in examples for passage in one.passages]
    features = [{n: float(getattr(p.signals, n)) for n in names} for _, p in pairs]
    truth = np.array([float(p.document.id in one.labelled.documents) for one, p in pairs])
    return fit_logistic(features, truth, np.ones(len(pairs)))


def _measure(arguments: argparse.Namespace, encoder: BundledEncoder) -> None:
    """Figures of the shipped weights on documents that they were not fitted on."""
    documents, questions = arguments.on
    verifier = None if arguments.once else CrossEncoder(arguments.index)
    base = Base.of_files([documents], encoder, arguments.index / documents.parent.name, verifier)
    examples = base.examples(load_questions(questions))
    answers = [base.reader.read(e.labelled.question, e.passages, e.vector) for e in examples]
    _print_reading(documents.parent.name, examples, [answer.text for answer in answers])
    weights = reader_module.weights_of_reader()
    cases = [
        *base.cases("answerable", examples, weights),
        *base.without("left out", examples, weights, base.copies_of),
    ]
    if arguments.unanswerable:
        asked = base.examples(lines(arguments.unanswerable))
        cases += base.cases("unanswerable", asked, weights)
    if arguments.others:
        asked = base.examples([q for path in arguments.others for q in questions_of(path)])
        cases += base.cases("other domain", asked, weights)
    kinds = np.array([case.kind for case in cases])
    confidence = np.array([case.confidence for case in cases])
    print(f"shipped threshold {Calibration.load(encoder.name).threshold}")
    _print_answered(kinds, confidence)


def _print_reading(name: str, examples: Sequence[Example], quotes: Sequence[str]) -> None:
    golds = [one.labelled.answer for one in examples]
    pairs = list(zip(quotes, golds, strict=True))
    f1 = np.mean([character_f1(quote, gold) for quote, gold in pairs])
    whole = np.mean([letters(gold) in letters(quote) for quote, gold in pairs])
    length = np.mean([len(quote) for quote in quotes])
    holds = np.mean([one.labelled.answer in one.passages[0].chunk.text for one in examples])
    first = np.mean([one.passages[0].document.id in one.labelled.documents for one in examples])
    print(
        f"{name}: {len(pairs)} questions, right document first {first:.3f}, first passage holds"
        f" the answer {holds:.3f}; F1 {f1:.3f}, gold answer whole {whole:.3f},"
        f" {length:.0f} characters"
    )


def _print_answered(kinds: np.ndarray, confidence: np.ndarray) -> None:
    counts = {kind: int((kinds == kind).sum()) for kind in dict.fromkeys(kinds.tolist())}
    print("share answered, of " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    for threshold in _THRESHOLDS:
        answered = {kind: float((confidence[kinds == kind] >= threshold).mean()) for kind in counts}
        out = [share for kind, share in answered.items() if kind not in IN_BASE]
        row = ", ".join(f"{kind} {share:.3f}" for kind, share in answered.items())
        print(f"{threshold:.2f}: {row}; out of base, all kinds alike {np.mean(out):.3f}")


def write_calibration(encoder: str, **fitted: Weights) -> None:
    """Write what was fitted for an encoder, and for those that were never fitted."""
    figures = json.loads(calibration_module.FILE.read_text("utf-8"))
    for name in (encoder, NEUTRAL):
        figures["encoders"][name] |= fitted
    _save(calibration_module.FILE, figures)
    calibration_module._figures.cache_clear()


def _save(path: Path, figures: object) -> None:
    path.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")


def rounded(weights: Weights) -> Weights:
    """Weights as they are written."""
    return {name: round(weight, 4) for name, weight in weights.items()}


if __name__ == "__main__":
    main()
