"""Train the cross-encoder on our own texts, and say what a second reading is worth.

    python -m benchmarks.cross_encoder [--fit] [--epochs 1] [--index FOLDER]

Needs the extra `[sentence-transformers]`. The upper half of the bundled encoder is trained to tell
whether an excerpt answers a question: on benchmarks/data/reading, where a question's own passage is
set against others of its document, of documents like it, and of the whole base once its document
is left out. One in twelve documents is never trained on; on their questions the weights of the
second reading are fitted. `--fit` trains and writes index/cross_encoder.npz, which takes about 25
minutes on two processors; without it only the weights of the second reading are fitted again.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.fitting import fit_logistic
from benchmarks.pairs import Asked, own_pairs
from benchmarks.reader import IN_BASE, rounded, write_calibration
from benchmarks.reading import load_own
from benchmarks.training import trained
from index.bundled import BundledEncoder
from index.calibration import log_odds, logistic
from index.cross_encoder import BASE, WEIGHTS, CrossEncoder
from index.model_file import ModelFile

_HELD_OUT = 12
_ANSWERS = 0.5


def main() -> None:
    """Train if asked to, fit the weights of the second reading, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fit", action="store_true", help="train the network, and write it")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--index", type=Path, default=Path("var/benchmark"), help="kept there")
    arguments = parser.parse_args()
    encoder = BundledEncoder()
    asked = list(own_pairs(load_own(arguments.index, encoder)))
    if arguments.fit:
        rest = [one for one in asked if not is_held_out(one)]
        weights = trained(ModelFile.read(BASE), rest, arguments.epochs)
        np.savez_compressed(WEIGHTS, **weights)
    held_out = [one for one in asked if is_held_out(one)]
    fit_second(held_out, arguments.index, encoder.name)


def is_held_out(one: Asked) -> bool:
    """Whether a question is never trained on."""
    return crc32(one.group.encode()) % _HELD_OUT == 0


def fit_second(asked: Sequence[Asked], cache: Path, encoder_name: str) -> None:
    """Weigh first confidence and second score on questions that the network never saw; write."""
    judge = CrossEncoder(cache)
    # Where the document is left out another one may answer as well.
    first_quotes = [
        one
        for one in asked
        if one.candidates and (one.kind in IN_BASE or one.candidates[0].truth < _ANSWERS)
    ]
    evidence = [
        {
            "first": log_odds(one.confidence),
            "score": judge.score(one.question, one.candidates[0].excerpt),
        }
        for one in first_quotes
    ]
    truth = np.array([float(one.kind in IN_BASE) for one in first_quotes])
    # Both outcomes weigh alike, whatever their numbers here.
    weights = np.where(truth, 1 / truth.mean(), 1 / (1 - truth.mean()))
    second = fit_logistic(evidence, truth, weights)
    print(f"{len(truth)} questions held out, of which {truth.mean():.0%} are answered by the base")
    for name in evidence[0]:
        values = [one[name] for one in evidence]
        print(f"area under the curve by {name}: {roc_auc_score(truth, values):.3f}")
    both = [logistic(second, one) for one in evidence]
    print(f"by both: {roc_auc_score(truth, both):.3f}")
    write_calibration(encoder_name, second=rounded(second))


if __name__ == "__main__":
    main()
