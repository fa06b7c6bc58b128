"""Training the upper half of the bundled encoder's network to tell whether an excerpt answers."""

import random
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import torch
from torch.nn import functional
from transformers import BertModel

from benchmarks.e5_network import LAYERS, WIDTH, Tokens, network, padded
from benchmarks.packing import packed
from benchmarks.pairs import Asked
from index.cross_encoder import BIAS, HEAD, pair
from index.model_file import ModelFile

_TRAINED = range(LAYERS // 2, LAYERS)
_MOST_TOKENS = 200
_BATCH = 32
# Questions of so many are sorted by length, so that the texts of a batch need little padding.
_SORTED = 400
_RATE, _RATE_OF_HEAD, _WARM_UP = 1e-4, 3e-3, 0.06
_DECAY, _DROPOUT = 0.01, 0.1
# The head sees unit vectors, which are too short to learn from quickly.
_SCALE = 8.0
# What telling the best of a question's candidates counts beside telling each by itself.
_CHOICE = 0.5
# So many questions show what reaches the layers when they are packed.
_TYPICAL = 300

# Question and excerpt to the numbers of their tokens.
Texts = dict[tuple[str, str], list[int]]


class Judge(torch.nn.Module):
    """The bundled encoder's network, its upper half to be trained, and a head."""

    def __init__(self, file: ModelFile) -> None:
        super().__init__()
        self.network = network(file, dropout=_DROPOUT)
        self.head = torch.nn.Linear(WIDTH, 1)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)
        self.network.requires_grad_(False)
        self.eval()
        for layer in _TRAINED:
            self.network.encoder.layer[layer].train().requires_grad_(True)

    def forward(self, texts: Sequence[Sequence[int]]) -> torch.Tensor:
        """The log-odds of pairs as token numbers, `(n,)`."""
        ids, mask = padded(texts)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.network(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        mean = (hidden.float() * mask[..., None]).sum(1)
        return self.head(_SCALE * functional.normalize(mean, dim=-1)).squeeze(-1)


def trained(file: ModelFile, asked: Sequence[Asked], epochs: int) -> dict[str, np.ndarray]:
    """Train on all candidates; what is then shipped, by the names of the file of weights."""
    random.seed(0)
    torch.manual_seed(0)
    tokens = Tokens(file)
    texts = {
        (one.question, candidate.excerpt): tokens(
            f"query: {pair(one.question, candidate.excerpt)}", _MOST_TOKENS
        )
        for one in asked
        for candidate in one.candidates
    }
    judge = Judge(file)
    _train(judge, texts, [one for one in asked if one.candidates], epochs)
    some = random.sample(list(texts.values()), min(_TYPICAL, len(texts)))
    typical = sorted(some, key=len)
    batches = [padded(typical[at : at + _BATCH]) for at in range(0, len(typical), _BATCH)]

    def run(engine: BertModel) -> list[torch.Tensor]:
        for ids, mask in batches:
            engine(input_ids=ids, attention_mask=mask.long())
        return [mask for _, mask in batches]

    head = judge.head.weight.detach().numpy()[0] * _SCALE
    bias = judge.head.bias.detach().numpy()[0]
    return {**packed(file, judge.network, _TRAINED, run), HEAD: head, BIAS: bias}


def _train(judge: Judge, texts: Texts, asked: Sequence[Asked], epochs: int) -> None:
    """Train with a rate that rises at first and then falls to nothing."""
    upper = [weights for weights in judge.network.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": upper, "lr": _RATE},
            {"params": judge.head.parameters(), "lr": _RATE_OF_HEAD},
        ],
        weight_decay=_DECAY,
    )
    planned = list(chain.from_iterable(_batches(asked, texts) for _ in range(epochs)))
    rise = max(1, int(_WARM_UP * len(planned)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / rise) * (1 - step / len(planned))
    )
    total = 0.0
    for step, batch in enumerate(planned, 1):
        loss = _loss(judge, batch, texts)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(upper, 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 50 == 0:
            print(f"{step} of {len(planned)}: loss {total / step:.3f}", flush=True)


def _batches(asked: Sequence[Asked], texts: Texts) -> Iterator[list[Asked]]:
    """Questions in random order with about as many candidates as a batch has room for."""

    def longest(one: Asked) -> int:
        return max(len(texts[one.question, candidate.excerpt]) for candidate in one.candidates)

    some = random.sample(asked, len(asked))
    made: list[list[Asked]] = []
    for start in range(0, len(some), _SORTED):
        batch: list[Asked] = []
        for one in sorted(some[start : start + _SORTED], key=longest):
            batch.append(one)
            if sum(len(other.candidates) for other in batch) >= _BATCH:
                made.append(batch)
                batch = []
        made += [batch] if batch else []
    random.shuffle(made)
    yield from made


def _loss(judge: Judge, batch: Sequence[Asked], texts: Texts) -> torch.Tensor:
    """Each candidate by itself, and the choice of the best among those of a question."""
    scores = judge([texts[one.question, c.excerpt] for one in batch for c in one.candidates])
    truth = torch.tensor([c.truth for one in batch for c in one.candidates])
    loss = functional.binary_cross_entropy_with_logits(scores, truth)
    sizes = [len(one.candidates) for one in batch]
    choices = [
        -(functional.log_softmax(own, 0) * right / right.sum()).sum()
        for own, right in zip(scores.split(sizes), truth.split(sizes), strict=True)
        if 0 < right.sum() < len(right)
    ]
    return loss + _CHOICE * torch.stack(choices).mean() if choices else loss
