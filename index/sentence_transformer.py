"""Any encoder that sentence-transformers can load, on CPU or GPU. Needs the extra of that name."""

import re
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from index.encoder import EncoderError, Vectors

_INSTALL = "pip install 'linli[sentence-transformers]'"

# E5 was trained with these prefixes, but most of its published versions do not name them as
# prompts. The instruct versions take another form of query and do name it.
_E5 = re.compile(r"(?:^|[-_/])e5(?:[-_]|$)")
_E5_PROMPTS = ("query: ", "passage: ")
_DOCUMENT_PROMPTS = ("document", "passage", "corpus")

_SAMPLE = 64  # numbers of each weight matrix that go into the fingerprint


class SentenceTransformerEncoder:
    """A model by name (fetched once from the hub) or by the path of its folder.

    `(n, dim) float32` unit vectors. The prompts for questions and documents are those that the
    model names; E5 models without any get theirs. Texts longer than the model reads are cut by it.
    `name` holds a fingerprint of the weights, so that vectors of two versions of a model are not
    taken for each other. `device` is torch's name of one (default: a GPU if there is one). Safe to
    use from several threads, one batch at a time.

    Raises EncoderError where the extra is not installed or the model cannot be loaded.
    """

    def __init__(self, name_or_path: str, device: str | None = None, batch_size: int = 32) -> None:
        try:
            # Takes seconds to import and is not installed by default: only when asked for.
            library = import_module("sentence_transformers")
            import_module("transformers.utils.logging").disable_progress_bar()
        except ImportError as error:
            raise EncoderError(
                f"the encoder {name_or_path} needs sentence-transformers: {_INSTALL} ({error})"
            ) from error
        try:
            self._model = library.SentenceTransformer(name_or_path, device=device)
        # Loading fails in as many ways as there are libraries below; each means the same here.
        except Exception as error:
            raise EncoderError(f"the encoder {name_or_path} cannot be loaded: {error}") from error
        self._query_prompt, self._document_prompt = _prompts(name_or_path, self._model.prompts)
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self.name = f"sentence-transformers:{name_or_path}@{_fingerprint(self._model)}"
        self.dim = self.encode_document([""]).shape[1]

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Encode questions and messages: `(n, dim) float32`."""
        return self._encode(texts, self._model.encode_query, self._query_prompt)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Encode chunks of documents: `(n, dim) float32`."""
        return self._encode(texts, self._model.encode_document, self._document_prompt)

    def _encode(self, texts: Sequence[str], encode: Callable[..., Any], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        # The fast tokenizers refuse to be used by two threads at once.
        with self._lock:
            vectors = encode(
                readable,
                prompt=prompt,
                batch_size=self._batch_size,
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=True,
            )
        return np.asarray(vectors, dtype=np.float32)


def _prompts(name: str, named: Mapping[str, str]) -> tuple[str, str]:
    """What goes before a question and before a document; empty where the model needs nothing."""
    document = next((named[kind] for kind in _DOCUMENT_PROMPTS if named.get(kind)), "")
    prompts = (named.get("query") or "", document)
    if not any(prompts) and _E5.search(name.lower()) and "instruct" not in name.lower():
        return _E5_PROMPTS
    return prompts


def _fingerprint(model: Any) -> str:
    """Eight hexadecimal digits that change with the weights, computed from a sample of each."""
    checksum = 0
    for name, weights in sorted(model.state_dict().items()):
        sample = weights.flatten()[:_SAMPLE].float().cpu().numpy()
        checksum = zlib.crc32(f"{name}{tuple(weights.shape)}".encode(), checksum)
        checksum = zlib.crc32(sample.tobytes(), checksum)
    return f"{checksum:08x}"
