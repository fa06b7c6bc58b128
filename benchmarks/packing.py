"""A trained network as changes of a model file's 4-bit codes.

Training moves weights by far less than a step of 4 bits, so rounding each by itself would undo it.
Here the error of each column is handed on to the columns after it, weighed by how the inputs go
together, so that what a layer computes comes out right although each weight is coarse (Frantar et
al., GPTQ: Accurate Post-Training Quantization, 2022). Scales stay, so few codes move at all.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from transformers import BertModel

from benchmarks.e5_network import names, network
from index.model_file import ModelFile

# Matrices with the same input, in the order in which it reaches them.
_GROUPS = (("q", "k", "v"), ("ao",), ("fi",), ("fo",))
# Added to the diagonal, as a share of its mean.
_DAMPING = 0.01
_LOWEST, _HIGHEST = -8, 7

# Runs a network over texts that are typical of what it will read; gives the masks of the batches.
Run = Callable[[BertModel], Sequence[torch.Tensor]]


def packed(file: ModelFile, trained: BertModel, layers: range, run: Run) -> dict[str, np.ndarray]:
    """What `ModelFile.change` takes to make the file compute what `trained` does.

    Only `layers` have been trained; `run` shows what reaches them.
    """
    engine = network(file).eval()
    goal = dict(trained.named_parameters())
    own = dict(engine.named_parameters())
    changes: dict[str, np.ndarray] = {}
    with torch.no_grad():
        for ours, theirs in names(layers).items():
            if goal[theirs].ndim == 1:
                own[theirs].copy_(goal[theirs])
                changes[ours] = goal[theirs].numpy()
        for group in _groups(layers):
            inverse = _inverse(_inputs(engine, next(iter(group.values())), run))
            for ours, theirs in group.items():
                steps = torch.from_numpy(file.steps(ours)).view_as(own[theirs])
                codes = _codes(goal[theirs].clone(), steps, inverse)
                changes[ours] = (codes - own[theirs] / steps).round().to(torch.int8).numpy()
                own[theirs].copy_(codes * steps)
    return changes


def _groups(layers: range) -> Iterator[dict[str, str]]:
    for layer in layers:
        known = names(range(layer, layer + 1))
        for group in _GROUPS:
            yield {ours: known[ours] for ours in (f"l{layer}.{name}.w" for name in group)}


def _inputs(engine: BertModel, weights: str, run: Run) -> torch.Tensor:
    """All that reaches the module with these weights, `(n, width)`, padding left out."""
    seen: list[torch.Tensor] = []
    module = engine.get_submodule(weights.removesuffix(".weight"))
    hook = module.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    kept = run(engine)
    hook.remove()
    return torch.cat([one[mask] for one, mask in zip(seen, kept, strict=True)])


def _inverse(inputs: torch.Tensor) -> torch.Tensor:
    """The upper Cholesky factor of the inverse of the inputs' second moments."""
    moments = (inputs.T @ inputs / len(inputs)).double()
    moments += _DAMPING * moments.diag().mean() * torch.eye(len(moments), dtype=torch.double)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(moments))
    return torch.linalg.cholesky(inverse, upper=True).float()


def _codes(weights: torch.Tensor, steps: torch.Tensor, inverse: torch.Tensor) -> torch.Tensor:
    """Whole steps for weights `(out, in)`, column by column; `weights` is used up."""
    codes = torch.empty_like(weights)
    for column in range(weights.shape[1]):
        step = steps[:, column]
        codes[:, column] = (weights[:, column] / step).round().clamp(_LOWEST, _HIGHEST)
        error = (weights[:, column] - codes[:, column] * step) / inverse[column, column]
        weights[:, column + 1 :] -= torch.outer(error, inverse[column, column + 1 :])
    return codes
