"""Linli's search beside words alone, meaning alone and two peers, with one encoder in one run.

    python -m benchmarks.retrieval DOCUMENTS.jsonl QUESTIONS.jsonl [--index FOLDER]

DOCUMENTS has {"docid", "title"?, "text"} a line, QUESTIONS {"question", "document" or "documents"}.
All methods get the same chunks, chunk vectors and question vectors, so that only the ranking
differs; milliseconds are of one search, encoding not included. `r@1*` counts documents of the same
letters as one: no search can tell which of them a question was asked about. A peer that is not
installed is passed over: `pip install llama-index-core llama-index-retrievers-bm25 haystack-ai`,
best in an environment of its own. `--index` keeps the index for the next run, `--levers` measures
each part of the score.
"""

import argparse
import importlib
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from index import retriever as retriever_module
from index.bundled import BundledEncoder
from index.encoder import Vectors
from index.evaluation import (
    CUTOFFS,
    LabelledQuestion,
    letters,
    load_questions,
    recall,
    reciprocal_rank,
)
from index.fusion import Weights
from index.indexer import Indexer
from index.lexical import tokens
from index.query import EverydayWords
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Document
from knowledge.loaders import read_paths

# A method gives document ids, best first, for a question and its vector.
Method = Callable[[str, Vectors], list[str]]
_LIMIT = 10
# Chunks to fetch so that ten distinct documents are among them.
_CHUNKS = 100
_PEERS = ("peer_llama_index", "peer_haystack")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("documents", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--index", type=Path, help="folder to keep the index in")
    parser.add_argument("--levers", action="store_true", help="leave out one part at a time")
    arguments = parser.parse_args()
    questions = load_questions(arguments.questions)
    encoder = BundledEncoder()
    with TemporaryDirectory() as temporary:
        root = arguments.index or Path(temporary)
        documents = (d for d in read_paths([arguments.documents]) if isinstance(d, Document))
        Indexer(root, encoder).add(documents)
        snapshot = Snapshot.open_current(root)
        vectors = [encoder.encode_query([labelled.question])[0] for labelled in questions]
        methods = levers if arguments.levers else compared
        print(f"{len(snapshot.documents)} documents, {len(snapshot.chunks)} chunks,", end=" ")
        print(f"{len(questions)} questions")
        texts = {id_: letters(document.text) for id_, document in snapshot.documents.items()}
        print(
            f"{'':28}{'r@1':>7}{'r@1*':>7}{'r@5':>7}{'r@10':>7}{'mrr':>7}{'p50 ms':>9}{'p95 ms':>9}"
        )
        for name, method in methods(snapshot, encoder):
            print(f"{name:28}{measured(method, questions, vectors, texts)}", flush=True)


def measured(
    method: Method,
    questions: Sequence[LabelledQuestion],
    vectors: Sequence[Vectors],
    texts: Mapping[str, str],
) -> str:
    """Quality and time of a method as a row; `texts` are the letters of each document."""
    totals = [0.0] * (len(CUTOFFS) + 1)
    same = 0
    took: list[float] = []
    for labelled, vector in zip(questions, vectors, strict=True):
        started = time.perf_counter()
        ranked = list(dict.fromkeys(method(labelled.question, vector)))
        took.append((time.perf_counter() - started) * 1000)
        same += texts[ranked[0]] in {texts[id_] for id_ in labelled.documents} if ranked else 0
        for place, cutoff in enumerate(CUTOFFS):
            totals[place] += recall(ranked, labelled.documents, cutoff)
        totals[-1] += reciprocal_rank(ranked[:_LIMIT], labelled.documents)
    first, *others = totals
    quality = "".join(f"{total / len(questions):7.3f}" for total in (first, same, *others))
    p95 = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    return f"{quality}{statistics.median(took):9.2f}{p95:9.2f}"


def linli(snapshot: Snapshot, encoder: BundledEncoder, **parts: object) -> Method:
    """Linli's own search, with other parts than usual if given."""
    retriever = Retriever(snapshot, encoder, **parts)  # type: ignore[arg-type]
    return lambda question, vector: [
        passage.document.id for passage in retriever.search(question, _LIMIT, vector)
    ]


def compared(snapshot: Snapshot, encoder: BundledEncoder) -> Iterator[tuple[str, Method]]:
    """Linli, words alone, meaning alone, and the peers that are installed."""
    yield "Linli", linli(snapshot, encoder)
    yield "BM25, character bigrams", bm25(snapshot)
    yield "dense", dense(snapshot)
    for peer in _PEERS:
        try:
            module = importlib.import_module(f"benchmarks.{peer}")
        except ModuleNotFoundError as error:
            print(f"{peer:28}passed over: {error.name} is not installed")
            continue
        yield module.NAME, module.method(snapshot, _CHUNKS)


def levers(snapshot: Snapshot, encoder: BundledEncoder) -> Iterator[tuple[str, Method]]:
    """Linli with one part of the score left out at a time."""
    usual = Weights()
    yield "all", linli(snapshot, encoder)
    for name, changed in (
        ("without words", replace(usual, words=0.0)),
        ("without meaning", replace(usual, meaning=0.0)),
        ("without whole documents", replace(usual, document=0.0)),
        ("without sentences", replace(usual, sentence=0.0)),
        ("without length", replace(usual, length=0.0)),
        ("without company", replace(usual, work=0.0)),
    ):
        yield name, linli(snapshot, encoder, weights=changed)
    yield "without everyday words", linli(snapshot, encoder, everyday=EverydayWords({}))
    before = retriever_module._CANDIDATES
    for count in (32, 192):
        retriever_module._CANDIDATES = count
        yield f"{count} candidates", linli(snapshot, encoder)
    retriever_module._CANDIDATES = before


def bm25(snapshot: Snapshot) -> Method:
    """BM25 over character bigrams of chunks."""

    def search(question: str, _: Vectors) -> list[str]:
        scores = snapshot.lexical.bigrams.scores(tokens(question).bigrams)
        best = (-scores).argsort(kind="stable")[:_CHUNKS]
        return [snapshot.document_of(int(row)).id for row in best]

    return search


def dense(snapshot: Snapshot) -> Method:
    """Nearest chunk vectors."""

    def search(_: str, vector: Vectors) -> list[str]:
        rows, _ = snapshot.vectors.search(vector, _CHUNKS)
        return [snapshot.document_of(int(row)).id for row in rows]

    return search


if __name__ == "__main__":
    main()
