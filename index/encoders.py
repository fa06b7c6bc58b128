"""The encoder that a setting names."""

from index.bundled import BundledEncoder
from index.encoder import Encoder, EncoderError
from index.sentence_transformer import SentenceTransformerEncoder

BUNDLED = "bundled"
_SENTENCE_TRANSFORMERS = "sentence-transformers"


def create_encoder(setting: str, device: str | None = None) -> Encoder:
    """Make the encoder for `bundled` or `sentence-transformers:NAME_OR_PATH`.

    `device` is for sentence-transformers alone: cpu, cuda, mps… (default: the best there is).
    Raises EncoderError for any other setting, or when the encoder cannot be had.
    """
    kind, _, model = setting.strip().partition(":")
    if kind == BUNDLED and not model:
        return BundledEncoder()
    if kind == _SENTENCE_TRANSFORMERS and model:
        return SentenceTransformerEncoder(model, device)
    raise EncoderError(
        f"unknown encoder {setting!r}; use {BUNDLED} or {_SENTENCE_TRANSFORMERS}:NAME_OR_PATH"
    )
