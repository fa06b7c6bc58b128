"""Which category a matter belongs to, and which department handles it.

A shipped model knows the everyday categories of `data/categories.yml`. A community that trains
on its own past cases puts a model of its own labels above it: what those labels say about the
department goes first, and the shipped model still names the category.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import yaml

from index.encoder import Encoder, Vectors
from intents import linear_text
from intents.evaluation import score
from intents.linear_text import Advance, LinearTextModel
from intents.parse import UnderstandingError

SHIPPED_FILE = Path(__file__).parent / "data" / "categories.yml"
MIN_CONFIDENCE = 0.5
"""A less probable suggestion is a guess: the assistant asks."""
ALTERNATIVES = 2
REST = "other"
"""The category of what belongs to none: not worth offering."""


@dataclass(frozen=True)
class Case:
    """A past matter as it was told, and the label (category or department) it got."""

    text: str
    label: str


@dataclass(frozen=True)
class Category:
    """A shipped category: who usually handles it, the words that name its matters, and how
    residents tell of them."""

    slug: str
    department: str
    keywords: tuple[str, ...]
    examples: tuple[str, ...]

    @property
    def cases(self) -> list[Case]:
        """What there is to learn from: a word alone is also a message ("漏水")."""
        return [Case(text, self.slug) for text in (*self.keywords, *self.examples)]


@dataclass(frozen=True)
class Suggestion:
    """Where a matter should go.

    `category` is one of the shipped slugs, `department` who usually handles it: empty where a
    community's own model is unsure of it, for a worker to decide. `ranking` holds every label of
    the model that decided, with its probability, best first; `confidence` is the first one's, and
    `is_unsure` says that it is too low to act on without asking. `alternatives` are the next likely
    categories, where the category itself is unsure.
    """

    category: str
    department: str
    confidence: float
    is_unsure: bool
    ranking: tuple[tuple[str, float], ...]
    alternatives: tuple[str, ...] = ()


class CategoryClassifier:
    """Suggests category and department of a matter.

    `departments` says who handles each shipped category; `shipped` is the model beneath one that
    a community trained on labels of its own.
    """

    def __init__(
        self,
        model: LinearTextModel,
        encoder: Encoder,
        departments: Mapping[str, str],
        shipped: "CategoryClassifier | None" = None,
    ) -> None:
        self._model = model
        self._encoder = encoder
        self._departments = departments
        self._shipped = shipped

    @classmethod
    def shipped(cls, encoder: Encoder, cache_dir: Path) -> Self:
        """The classifier of the shipped categories; trained once, then read from `cache_dir`.

        Raises UnderstandingError where the shipped examples cannot be read.
        """
        content = SHIPPED_FILE.read_bytes()
        key = f"{linear_text.FORMAT} {encoder.name} ".encode() + content
        folder = cache_dir / f"categories-{hashlib.sha256(key).hexdigest()[:16]}"
        categories = load_categories()
        departments = {category.slug: category.department for category in categories}
        if (folder / linear_text.FILE).exists():
            return cls(LinearTextModel.load(folder, encoder), encoder, departments)
        trained = cls.train([case for category in categories for case in category.cases], encoder)
        trained.save(folder)
        return cls(trained._model, encoder, departments)

    @classmethod
    def train(
        cls,
        cases: Sequence[Case],
        encoder: Encoder,
        progress: Advance | None = None,
        shipped: "CategoryClassifier | None" = None,
    ) -> Self:
        """Learn the labels of past cases; `progress` hears of the encoding, nearly all the time.

        Raises UnderstandingError where the cases have fewer than two labels.
        """
        texts, labels = [case.text for case in cases], [case.label for case in cases]
        return cls(LinearTextModel.train(texts, labels, encoder, progress), encoder, {}, shipped)

    @classmethod
    def load(
        cls, folder: Path, encoder: Encoder, shipped: "CategoryClassifier | None" = None
    ) -> Self:
        """Read what `save` wrote, to stand above the `shipped` classifier.

        Raises UnderstandingError where it cannot be read or was trained with another encoder.
        """
        return cls(LinearTextModel.load(folder, encoder), encoder, {}, shipped)

    def save(self, folder: Path) -> None:
        """Write the trained model into `folder`, in place of the one that is there."""
        self._model.save(folder)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that `ranking` names."""
        return self._model.labels

    def suggest(self, text: str, vector: Vectors | None = None) -> Suggestion:
        """Category and department of a matter.

        `vector` is the query encoding of `text`, `(dim,)` or `(1, dim) float32`, where the
        caller has it already. Of a long text it is not used: what was learnt is of openings.
        """
        if len(text) > linear_text.ENCODED_CHARACTERS:
            vector = self._encoder.encode_query([text[: linear_text.OPENING]])
        elif vector is None:
            vector = self._encoder.encode_query([text])
        return self._place(text, vector)

    def _place(self, text: str, vector: Vectors) -> Suggestion:
        probabilities = self._model.probabilities(text, vector)
        order = np.argsort(-probabilities, kind="stable")
        ranking = tuple((self.labels[i], float(probabilities[i])) for i in order)
        label, confidence = ranking[0]
        is_unsure = confidence < MIN_CONFIDENCE
        named = [name for name, _ in ranking[1:] if name != REST]
        others = tuple(named[:ALTERNATIVES]) if is_unsure else ()
        if self._shipped is None:
            department = self._departments.get(label, label)
            return Suggestion(label, department, confidence, is_unsure, ranking, others)
        if label in self._shipped.labels:
            department = self._shipped._departments[label]
            return Suggestion(label, department, confidence, is_unsure, ranking, others)
        beneath = self._shipped._place(text, vector)
        department = "" if is_unsure else label
        return Suggestion(
            beneath.category, department, confidence, is_unsure, ranking, beneath.alternatives
        )

    def department_of(self, category: str) -> str:
        """Who usually handles a shipped category; empty where a community's own labels say."""
        if self._shipped is None:
            return self._departments.get(category, "")
        return self._shipped.department_of(category) if category in self.labels else ""


def load_categories(path: Path = SHIPPED_FILE) -> list[Category]:
    """The shipped categories.

    Raises UnderstandingError where the file has another shape.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [
            Category(
                slug,
                str(entry["department"]),
                tuple(entry["keywords"].split()),
                tuple(map(str, entry["examples"])),
            )
            for slug, entry in content.items()
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UnderstandingError(f"{path.name} holds no categories: {error}") from error


def load_cases(path: Path) -> list[Case]:
    """Read past cases from a CSV file with the header text,label (UTF-8 or GB 18030).

    Raises UnderstandingError, naming the line, where a case is incomplete.
    """
    rows = csv.reader(_decoded(path).splitlines(keepends=True), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        if not {"text", "label"} <= set(header):
            raise UnderstandingError(
                f"{path.name} line 1: expected a header with text and label, got {header}"
            )
        text_column, label_column = header.index("text"), header.index("label")
        cases: list[Case] = []
        for row in filter(any, rows):
            if len(row) != len(header):
                raise UnderstandingError(
                    f"{path.name} line {rows.line_num}: expected {len(header)} columns,"
                    f" got {len(row)}"
                )
            case = Case(row[text_column].strip(), row[label_column].strip())
            if not case.text or not case.label:
                raise UnderstandingError(
                    f"{path.name} line {rows.line_num}: text or label is empty"
                )
            cases.append(case)
    except csv.Error as error:
        raise UnderstandingError(f"{path.name} line {rows.line_num}: {error}") from error
    if not cases:
        raise UnderstandingError(f"{path.name} holds no case")
    return cases


def _decoded(path: Path) -> str:
    """A file as Excel may have saved it: UTF-8, with or without a mark, or GB 18030."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnderstandingError(f"{path.name} is neither UTF-8 nor GB 18030")


def evaluate_categories(path: Path, classifier: CategoryClassifier) -> dict[str, Any]:
    """Measure the classifier on a CSV file of cases; macro-F1 is over the labels in the file.

    Raises UnderstandingError where the classifier knows none of the labels.
    """
    cases = load_cases(path)
    gold = [case.label for case in cases]
    if not set(gold) & set(classifier.labels):
        raise UnderstandingError(
            f"none of the labels in {path.name} ({', '.join(sorted(set(gold)))}) is known;"
            f" known are {', '.join(classifier.labels)}. Train on such cases first"
        )
    predicted = [classifier.suggest(case.text).ranking[0][0] for case in cases]
    quality = score([case.text for case in cases], gold, predicted)
    # Past cases may hold names and numbers: the confusions are counted, not quoted.
    confusions = [
        {k: row[k] for k in ("gold", "predicted", "count")} for row in quality["confusions"]
    ]
    return {**quality, "confusions": confusions}
