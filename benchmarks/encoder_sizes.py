"""What encoders of three sizes cost on this machine's devices: time for documents and queries.

    python -m benchmarks.encoder_sizes

Needs the extra `[sentence-transformers]`. Time and memory depend on a model's shape, not on what it
has learned, so models of the shapes of multilingual-e5 are made with random weights, and nothing is
downloaded. Documents are batches of 27 texts of 200 tokens, as indexing hands them over; a query
has 16 tokens.
"""

import time
from collections.abc import Callable

import torch
from transformers import XLMRobertaConfig, XLMRobertaModel

# Layers, width, heads, inner width.
_SHAPES = {
    "small": (12, 384, 12, 1536),
    "base": (12, 768, 12, 3072),
    "large": (24, 1024, 16, 4096),
}
_BATCH, _DOCUMENT, _QUERY = 27, 200, 16
_VOCABULARY = 250_037


def main() -> None:
    """Print a row for each size and device."""
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    name = torch.cuda.get_device_name() if "cuda" in devices else "no GPU"
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {name}")
    print(f"{'':14}{'documents/s':>14}{'query ms':>10}{'parameters':>13}")
    for size, shape in _SHAPES.items():
        model = made(*shape)
        parameters = sum(parameter.numel() for parameter in model.parameters())
        for device in devices:
            model.to(device)
            documents, query = measured(model, device)
            print(f"{size:6} {device:7}{documents:14.0f}{query:10.1f}{parameters / 1e6:11.0f} M")


def made(layers: int, width: int, heads: int, inner: int) -> XLMRobertaModel:
    """A model of one shape with random weights."""
    config = XLMRobertaConfig(
        vocab_size=_VOCABULARY,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=514,
    )
    return XLMRobertaModel(config).eval()


def measured(model: XLMRobertaModel, device: str) -> tuple[float, float]:
    """Documents a second, and milliseconds a query; medians."""
    batch = torch.randint(5, _VOCABULARY, (_BATCH, _DOCUMENT), device=device)
    query = torch.randint(5, _VOCABULARY, (1, _QUERY), device=device)
    with torch.inference_mode():
        return _BATCH / seconds(lambda: model(batch), device), seconds(
            lambda: model(query), device
        ) * 1000


def seconds(action: Callable[[], object], device: str) -> float:
    """The median time of a call, once warm."""
    took = []
    for _ in range(8):
        began = time.perf_counter()
        action()
        if device == "cuda":
            torch.cuda.synchronize()
        took.append(time.perf_counter() - began)
    return sorted(took[2:])[3]


if __name__ == "__main__":
    main()
