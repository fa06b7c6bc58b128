"""What is computed from short texts, kept on disk by the content that it is made from.

A damaged cache, or a folder that cannot be written, costs the time to compute again and is
logged; it is no error.
"""

import io
import logging
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from time import perf_counter

import numpy as np

from index.encoder import Encoder, Vectors
from index.lexical import LexicalIndex
from knowledge.directory import write_atomically

log = logging.getLogger(__name__)

Progress = Callable[[int, int, float], None]
"""Called with the texts encoded, the texts there are to encode, and characters a second."""

_BATCH = 64
# Texts that nobody asks for any more are dropped once the file holds this many.
_MAX_KEPT = 50_000
_MAX_WORDS_KEPT = 4


def cached_query_vectors(
    texts: Sequence[str], encoder: Encoder, folder: Path | None, progress: Progress | None = None
) -> Vectors:
    """`encoder.encode_query(texts)`, `(n, dim) float32`, encoding only what is not yet in `folder`.

    Vectors are stored as 16-bit floats, one file an encoder.
    """
    path = folder / f"vectors-{_file_name(encoder.name)}.npz" if folder else None
    keys = [_key(text) for text in texts]
    known = _read(path, encoder.dim) if path else {}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known |= _encoded(missing, encoder, progress)
        if path:
            kept = known if len(known) <= _MAX_KEPT else {key: known[key] for key in keys}
            _write(path, kept, encoder.dim)
    vectors = np.empty((len(texts), encoder.dim), np.float32)
    for row, key in enumerate(keys):
        vectors[row] = known[key]
    return vectors


def cached_words(texts: Sequence[str], folder: Path | None) -> LexicalIndex:
    """`LexicalIndex.build(texts)`, read from `folder` where the same texts were indexed before."""
    if folder is None:
        return LexicalIndex.build(texts)
    digest = blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=12).hexdigest()
    path = folder / f"words-{digest}"
    if path.exists():
        try:
            return LexicalIndex.load(path)
        except (OSError, ValueError, KeyError) as error:
            log.warning("%s is damaged and will be made anew: %s", path.name, error)
            shutil.rmtree(path, ignore_errors=True)
    words = LexicalIndex.build(texts)
    _keep(words, path)
    return words


def _keep(words: LexicalIndex, path: Path) -> None:
    """Put the index in its place in one step, and drop the oldest ones."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            words.save(beside)
            beside.rename(path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        kept = sorted(path.parent.glob("words-*"), key=lambda each: -each.stat().st_mtime)
        for old in kept[_MAX_WORDS_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        log.warning("%s cannot be kept: %s", path.name, error)


Stored = dict[bytes, np.ndarray[tuple[int], np.dtype[np.float16]]]


def _encoded(missing: dict[bytes, str], encoder: Encoder, progress: Progress | None) -> Stored:
    """Batches of like length, so that short texts do not wait for long ones."""
    ordered = sorted(missing, key=lambda key: len(missing[key]))
    encoded: Stored = {}
    characters, began = 0, perf_counter()
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        vectors = encoder.encode_query([missing[key] for key in batch]).astype(np.float16)
        encoded.update(zip(batch, vectors, strict=True))
        characters += sum(len(missing[key]) for key in batch)
        if progress:
            progress(len(encoded), len(ordered), characters / (perf_counter() - began))
    return encoded


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=15).digest() + b"."


def _file_name(encoder_name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-." else "-" for sign in encoder_name)


def _read(path: Path, dim: int) -> Stored:
    try:
        with np.load(path) as stored:
            keys, vectors = stored["keys"], stored["vectors"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s is damaged and will be made anew: %s", path.name, error)
        return {}
    if vectors.shape != (len(keys), dim):
        log.warning("%s has the wrong shape %s and will be made anew", path.name, vectors.shape)
        return {}
    return dict(zip(keys.tolist(), vectors, strict=True))


def _write(path: Path, known: Stored, dim: int) -> None:
    stream = io.BytesIO()
    vectors = np.stack(list(known.values())) if known else np.empty((0, dim), np.float16)
    np.savez(stream, keys=np.array(list(known), dtype="S16"), vectors=vectors)
    try:
        write_atomically(path, stream.getvalue())
    except OSError as error:
        log.warning("%s cannot be kept: %s", path.name, error)
