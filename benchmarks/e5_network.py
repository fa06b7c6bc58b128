"""The bundled encoder as a network that can be trained: its weights and tokens in torch.

Needs the extra `[sentence-transformers]`, which brings transformers and tokenizers.
"""

import re
import struct
from collections.abc import Sequence
from itertools import pairwise

import torch
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from transformers import BertConfig, BertModel

from index.model_file import SIZES_END, ModelFile

WIDTH, LAYERS, _HEADS, _INNER, _POSITIONS = 384, 12, 12, 1536, 512
PADDING = 1
_SPACE, _SPACES = "\u2581", re.compile(" {2,}")
# Names in the file of weights, and where the same stands in BertModel.
_OF_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_OF_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def names(layers: range) -> dict[str, str]:
    """The parameters of some layers: the name in the file, and that in BertModel."""
    return {
        f"l{layer}.{ours}.{kind[0]}": f"encoder.layer.{layer}.{theirs}.{kind}"
        for layer in layers
        for ours, theirs in _OF_LAYER.items()
        for kind in ("weight", "bias")
    }


def network(file: ModelFile, dropout: float = 0.0) -> BertModel:
    """The network with the weights of a model file, those of 4 bits; `dropout` while training."""
    first = file.weights("emb.word")
    config = BertConfig(
        vocab_size=len(first) // WIDTH,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=_HEADS,
        intermediate_size=_INNER,
        max_position_embeddings=_POSITIONS,
        pad_token_id=PADDING,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = model.state_dict()
    for ours, theirs in {**_OF_EMBEDDINGS, **names(range(LAYERS))}.items():
        values = torch.from_numpy(file.weights(ours))
        state[theirs].copy_(values[: state[theirs].numel()].view_as(state[theirs]))
    model.load_state_dict(state)
    return model


def padded(texts: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Texts as token numbers, one a row, and a mask that is true where there are tokens."""
    width = max(map(len, texts))
    ids = torch.full((len(texts), width), PADDING)
    for row, tokens in enumerate(texts):
        ids[row, : len(tokens)] = torch.tensor(tokens)
    return ids, torch.arange(width) < torch.tensor([[len(tokens)] for tokens in texts])


class Tokens:
    """Turns texts into token numbers as the engine does."""

    def __init__(self, file: ModelFile) -> None:
        content = bytes(file.content)
        pieces, self._first, self._last, _, unknown = struct.unpack_from("<5i", content, SIZES_END)
        (size,) = struct.unpack_from("<Q", content, SIZES_END + 20)
        at = SIZES_END + 28
        offsets = struct.unpack_from(f"<{pieces + 1}I", content, at)
        at += 4 * len(offsets)
        scores = struct.unpack_from(f"<{pieces}f", content, at)
        at += 4 * pieces
        texts = [content[at + a : at + b] for a, b in pairwise(offsets)]
        vocabulary = [
            (text.decode("utf-8", "replace"), score)
            for text, score in zip(texts, scores, strict=True)
        ]
        self._tokenizer = Tokenizer(Unigram(vocabulary, unknown, byte_fallback=False))
        self._normal = _normalisation(content, at + size)

    def __call__(self, text: str, most: int) -> list[int]:
        """The numbers of a text, with those that begin and end it; at most `most` of its own."""
        text = _SPACES.sub(" ", text.translate(self._normal))
        text = (text if text.startswith(" ") else f" {text}").replace(" ", _SPACE)
        return [self._first, *self._tokenizer.encode(text).ids[:most], self._last]


def _normalisation(content: bytes, at: int) -> dict[int, str]:
    (count,) = struct.unpack_from("<i", content, at)
    at += 8
    normal = {}
    for _ in range(count):
        character, length = struct.unpack_from("<IB", content, at)
        others = struct.unpack_from(f"<{length}I", content, at + 5)
        normal[character] = "".join(map(chr, others))
        at += 5 + 4 * length
    return normal
