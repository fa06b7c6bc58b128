"""The embedded classifier: what a message wants, from its meaning and its characters.

One multinomial logistic regression over both; trained by `intents.training` at build time, kept
as arrays, applied here in plain numpy. Kept compatible with Python 3.10, because Rasa loads it.
"""

import hashlib
import json
import logging
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from intents import features, training_data
from intents.features import Meaning, NgramWeights
from intents.parse import Parse, UnderstandingError
from intents.training_data import Example, load_examples, normalise

log = logging.getLogger(__name__)

EXACT_CONFIDENCE = 0.999
"""Of a message that is, but for punctuation and script, one of the examples."""


@dataclass(frozen=True)
class Thresholds:
    """When to ask rather than act: the best intent is less probable than `confidence`, or less
    than `margin` more probable than the next."""

    confidence: float
    margin: float

    def is_unsure(self, best: float, second: float) -> bool:
        """Whether these two highest probabilities leave too much doubt."""
        return best < self.confidence or best - second < self.margin


@dataclass(frozen=True)
class LinearModel:
    """Weights for `k` intents: `(k, dim + k)` on the meaning, `(columns, k)` on the n-grams, and an
    intercept `(k,)`; `temperature` calibrates the probabilities."""

    meaning_weights: NDArray[np.float32]
    ngram_weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    temperature: float = 1.0

    def probabilities(
        self, meaning: NDArray[np.float32], columns: NDArray[np.intp], weights: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The softmax over intents, `(k,) float32`."""
        scores = self.meaning_weights @ meaning + self.intercept
        scores += weights @ self.ngram_weights[columns]
        scores /= self.temperature
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum(), dtype=np.float32)


class EmbeddedClassifier:
    """Understands messages in this process; safe to use from several threads.

    `exact` maps the normal forms of the examples to their intents.
    """

    def __init__(
        self,
        *,
        encoder: Encoder,
        examples: Sequence[Example],
        exact: Mapping[str, str],
        intents: Sequence[str],
        meaning: Meaning,
        ngram_weights: NgramWeights,
        model: LinearModel,
        thresholds: Thresholds,
    ) -> None:
        self._encoder = encoder
        self._examples = list(examples)
        self._intents = list(intents)
        self._meaning = meaning
        self._ngram_weights = ngram_weights
        self._model = model
        self._thresholds = thresholds
        self._exact = dict(exact)

    @classmethod
    def train(cls, examples: Sequence[Example], encoder: Encoder) -> "EmbeddedClassifier":
        """Learn from examples; takes as long as encoding them, and some seconds more."""
        # Only training needs scikit-learn, which takes a second and 100 MB to import.
        from intents.training import train  # noqa: PLC0415

        return train(examples, encoder)

    def parse(self, text: str, vector: NDArray[np.float32] | None = None) -> Parse:
        """Understand one message; `vector` is its query encoding, `(dim,) float32`."""
        if vector is None:
            vector = self._encoder.encode_query([text])[0]
        probabilities = self._model.probabilities(
            self._meaning.features(vector), *self._ngram_weights.row(text)
        )
        known = self._exact.get(normalise(text))
        if known is not None:
            probabilities *= (1 - EXACT_CONFIDENCE) / float(probabilities.sum())
            probabilities[self._intents.index(known)] += EXACT_CONFIDENCE
        order = np.argsort(-probabilities)
        ranking = tuple((self._intents[i], float(probabilities[i])) for i in order)
        (intent, best), (_, second) = ranking[:2]
        is_unsure = known is None and self._thresholds.is_unsure(best, second)
        return Parse(text, intent, best, ranking, is_unsure=is_unsure)

    def nearest(self, vector: NDArray[np.float32], limit: int = 5) -> list[tuple[Example, float]]:
        """The examples most like a query vector `(dim,) float32`, with the cosine of their
        directions from the mean of all examples; best first."""
        cosines = self._meaning.cosines(vector)
        order = np.argsort(-cosines)[:limit]
        return [(self._examples[i], float(cosines[i])) for i in order]

    def save(self, path: Path) -> None:
        """Write everything to one .npz file, replacing it as a whole."""
        meta = {
            "encoder": self._encoder.name,
            "intents": self._intents,
            "examples": [[example.text, example.intent] for example in self._examples],
            "exact": self._exact,
            "temperature": self._model.temperature,
            "thresholds": [self._thresholds.confidence, self._thresholds.margin],
            "bounds": self._meaning.bounds,
            "vocabulary": list(self._ngram_weights.vocabulary),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
            try:
                np.savez(
                    file,
                    meta=np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8),
                    mean=self._meaning.mean,
                    axes=self._meaning.axes,
                    places=self._meaning.places.astype(np.float16),
                    idf=self._ngram_weights.idf,
                    meaning_weights=self._model.meaning_weights,
                    ngram_weights=self._model.ngram_weights,
                    intercept=self._model.intercept,
                )
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    @classmethod
    def load(cls, path: Path, encoder: Encoder) -> "EmbeddedClassifier":
        """Read what `save` wrote.

        Raises UnderstandingError where the file is missing, damaged or for another encoder.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                meta = json.loads(arrays["meta"].tobytes())
                if meta["encoder"] != encoder.name:
                    raise UnderstandingError(
                        f"{path} was trained with encoder {meta['encoder']}, not {encoder.name}"
                    )
                return cls(
                    encoder=encoder,
                    examples=[Example(text, intent) for text, intent in meta["examples"]],
                    exact=meta["exact"],
                    intents=meta["intents"],
                    meaning=Meaning(
                        arrays["mean"],
                        arrays["axes"],
                        arrays["places"].astype(np.float32),
                        tuple(meta["bounds"]),
                    ),
                    ngram_weights=NgramWeights(
                        {gram: column for column, gram in enumerate(meta["vocabulary"])},
                        arrays["idf"],
                    ),
                    model=LinearModel(
                        arrays["meaning_weights"],
                        arrays["ngram_weights"],
                        arrays["intercept"],
                        meta["temperature"],
                    ),
                    thresholds=Thresholds(*meta["thresholds"]),
                )
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise UnderstandingError(f"{path} is not a trained classifier: {error}") from error


def load_or_train(
    cache_dir: Path, encoder: Encoder, examples: Sequence[Example] | None = None
) -> EmbeddedClassifier:
    """The classifier for the shipped examples (or the given ones), trained where `cache_dir` does
    not hold it yet; the file's name is a hash of all that it depends on."""
    examples = load_examples() if examples is None else examples
    path = cache_dir / f"intents-{_content_hash(examples, encoder.name)}.npz"
    if path.exists():
        try:
            return EmbeddedClassifier.load(path, encoder)
        except UnderstandingError as error:
            log.warning("training again: %s", error)
    classifier = EmbeddedClassifier.train(examples, encoder)
    try:
        classifier.save(path)
    except OSError as error:  # of use all the same, only to be trained again next time
        log.warning("the trained classifier cannot be kept in %s: %s", cache_dir, error)
    return classifier


def _content_hash(examples: Sequence[Example], encoder_name: str) -> str:
    """Changes with the examples, the encoder and the code that turns one into the other."""
    digest = hashlib.sha256(encoder_name.encode())
    for example in examples:
        digest.update(f"\0{example.intent}\0{example.text}".encode())
    training = Path(__file__).with_name("training.py")
    for source in (training, *map(Path, (features.__file__, training_data.__file__, __file__))):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
