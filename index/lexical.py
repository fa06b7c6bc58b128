"""Finding chunks by their words: BM25 over Chinese words and over pairs of characters.

Words carry meaning but depend on a segmenter, which cuts names and new terms differently in a
question and in a document; character bigrams never do. Each has its own index and scores, so
that their weights can differ.
"""

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import NamedTuple

import bm25s
import numpy as np
import opencc
import rjieba
from numpy.typing import NDArray

Scores = NDArray[np.float32]

# A question is a few sentences; of a pasted document the beginning says what is asked.
_MAX_QUESTION = 1_000
_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_RUN = re.compile(r"[^\W_]+")


class Tokens(NamedTuple):
    """The two readings of a text, in order and with repetitions."""

    words: list[str]
    bigrams: list[str]


def normalise(text: str) -> str:
    """Write variants alike: full and half width (NFKC), traditional and simplified, upper case."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return str(_TO_SIMPLIFIED.convert(unicodedata.normalize("NFKC", text))).lower()


def tokens(text: str) -> Tokens:
    """Return the words (search mode: a long word and the words in it) and character bigrams.

    Punctuation is left out and never bridged by a bigram; a run of one character is itself.
    """
    text = normalise(text)
    words = [word for word in rjieba.cut_for_search(text) if word.isalnum() or _RUN.search(word)]
    bigrams = [
        run[start : start + 2]
        for run in _RUN.findall(text)
        for start in range(max(1, len(run) - 1))
    ]
    return Tokens(words, bigrams)


class TokenIndex:
    """BM25 (Lucene's variant, k1 1.5, b 0.75) of one kind of token, read from disk as needed."""

    def __init__(self, bm25: bm25s.BM25) -> None:
        self._bm25 = bm25
        # As plain arrays: slicing a memory map costs ten times as much.
        self._parts, self._rows, self._ends = (
            np.asarray(bm25.scores[name]) for name in ("data", "indices", "indptr")
        )

    @classmethod
    def build(cls, rows: "_TokenRows") -> "TokenIndex":
        """Index the rows gathered."""
        bm25 = bm25s.BM25(method="lucene")
        if len(rows) and rows.vocabulary:
            bm25.scores = bm25.build_index_from_ids(
                list(rows.vocabulary.values()), rows, show_progress=False
            )
        else:
            bm25.nonoccurrence_array = None
            bm25.scores = {
                "data": np.zeros(0, np.float32),
                "indices": np.zeros(0, np.int32),
                "indptr": np.zeros(1, np.int64),
                "num_docs": len(rows),
            }
        bm25.vocab_dict = rows.vocabulary
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path) -> "TokenIndex":
        """Open what `save` wrote; the postings stay on disk until they are used."""
        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False))

    def save(self, folder: Path) -> None:
        """Write the index as the files of a new folder; raises OSError."""
        self._bm25.save(folder, show_progress=False)

    def __len__(self) -> int:
        return int(self._bm25.scores["num_docs"])

    def scores(self, query: Iterable[str]) -> Scores:
        """BM25 of every chunk, `(n,) float32`, 0 where no token is shared.

        A token of the query counts once, however often it is said.
        """
        known = self._bm25.get_tokens_ids(list(dict.fromkeys(query)))
        if not known:
            return np.zeros(len(self), np.float32)
        scores: Scores = self._bm25.get_scores_from_ids(known)
        return scores

    def frequency(self, token: str) -> int:
        """How many chunks have a token."""
        return len(self._rows[self._span(token)])

    def occurs(self, token: str, rows: range) -> bool:
        """Whether any chunk in a range of rows has a token."""
        having = self._rows[self._span(token)]
        first = int(having.searchsorted(rows.start))
        return first < len(having) and int(having[first]) < rows.stop

    def idf(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """Inverse document frequency of each token, highest for one that no chunk has."""
        count, frequency = len(self), np.array([self.frequency(t) for t in tokens], np.float64)
        return np.log1p((count - frequency + 0.5) / (frequency + 0.5))

    def postings(self, query: Iterable[str]) -> list[tuple[NDArray[np.int32], Scores]]:
        """For each distinct known token of the query: chunks that have it, its part of their BM25.

        Rows ascend; what is summed over the tokens is what `scores` gives.
        """
        spans = [self._span(token) for token in dict.fromkeys(query)]
        return [(self._rows[span], self._parts[span]) for span in spans if span.stop > span.start]

    def _span(self, token: str) -> slice:
        """Where the postings of a token stand."""
        number = self._bm25.vocab_dict.get(token)
        if number is None:
            return slice(0, 0)
        return slice(int(self._ends[number]), int(self._ends[number + 1]))


class LexicalIndex:
    """BM25 of words and of character bigrams over the same chunks."""

    def __init__(self, words: TokenIndex, bigrams: TokenIndex) -> None:
        self.words = words
        self.bigrams = bigrams

    @classmethod
    def build(cls, texts: Iterable[str]) -> "LexicalIndex":
        """Index texts, which may be a stream: row i is the i-th text."""
        words, bigrams = _TokenRows(), _TokenRows()
        for text in texts:
            found = tokens(text)
            words.append(found.words)
            bigrams.append(found.bigrams)
        return cls(TokenIndex.build(words.sorted()), TokenIndex.build(bigrams.sorted()))

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Open what `save` wrote."""
        return cls(TokenIndex.load(folder / "words"), TokenIndex.load(folder / "bigrams"))

    def save(self, folder: Path) -> None:
        """Write both indexes below `folder`; raises OSError."""
        self.words.save(folder / "words")
        self.bigrams.save(folder / "bigrams")

    def __len__(self) -> int:
        return len(self.words)

    def scores(
        self, question: str, *, word_weight: float = 1.0, bigram_weight: float = 1.0
    ) -> Scores:
        """Weighted sum of both scores for every chunk, `(n,) float32`; not bounded above.

        Only the first 1,000 characters of the question are read.
        """
        query = tokens(question[:_MAX_QUESTION])
        scores = self.words.scores(query.words) * np.float32(word_weight)
        scores += self.bigrams.scores(query.bigrams) * np.float32(bigram_weight)
        return scores

    def top(self, question: str, limit: int) -> tuple[NDArray[np.int64], Scores]:
        """Rows and scores of the best chunks, best first, none that shares no token."""
        return best(self.scores(question), limit)


def best(scores: Scores, limit: int) -> tuple[NDArray[np.int64], Scores]:
    """Rows and values of the `limit` highest positive scores, highest first, ties by row."""
    limit = min(limit, len(scores))
    rows = np.argpartition(-scores, limit - 1)[:limit] if limit else np.zeros(0, np.int64)
    rows = np.sort(rows[scores[rows] > 0]).astype(np.int64)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    return rows, scores[rows]


class _TokenRows(Sequence[list[int]]):
    """Token numbers of many rows in two flat arrays, so that a large base stays small in memory."""

    def __init__(self) -> None:
        # A new token gets the next number.
        self.vocabulary: dict[str, int] = defaultdict(count().__next__)
        self._numbers = array("i")
        self._ends = array("q", [0])

    def append(self, row: Iterable[str]) -> None:
        self._numbers.extend(map(self.vocabulary.__getitem__, row))
        self._ends.append(len(self._numbers))

    def sorted(self) -> "_TokenRows":
        """Number the tokens in their own order, so that equal texts give equal files."""
        ordered = sorted(self.vocabulary)
        renumbered = np.empty(len(ordered), np.int32)
        renumbered[[self.vocabulary[token] for token in ordered]] = np.arange(len(ordered))
        rows = _TokenRows()
        rows.vocabulary = {token: number for number, token in enumerate(ordered)}
        rows._numbers = array("i", renumbered[np.asarray(self._numbers)].tobytes())
        rows._ends = self._ends
        return rows

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> list[int]:  # type: ignore[override]
        return self._numbers[self._ends[row] : self._ends[row + 1]].tolist()

    def __iter__(self) -> Iterator[list[int]]:
        return (self._numbers[start:end].tolist() for start, end in pairwise(self._ends))
