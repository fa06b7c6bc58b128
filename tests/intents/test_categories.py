import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.encoder import Vectors
from intents import linear_text
from intents.categories import (
    Case,
    CategoryClassifier,
    evaluate_categories,
    load_cases,
    load_categories,
)
from intents.parse import UnderstandingError

LETTERS = "灯路水电树狗车门楼坑桶味"


class CountingEncoder:
    """How often each of twelve characters occurs, at unit length: to be computed by hand."""

    name = "counting"
    dim = len(LETTERS)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        counts = np.array([[text.count(letter) for letter in LETTERS] for text in texts], float)
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return (counts / np.maximum(lengths, 1)).astype(np.float32)

    encode_document = encode_query


SHIPPED = [
    *(Case(text, "lighting") for text in ("灯不亮", "灯坏了", "楼道灯灭了", "一排灯都黑了")),
    *(Case(text, "road") for text in ("路上有坑", "坑很深", "路面有个大坑", "路坏了有坑")),
    *(Case(text, "animals") for text in ("狗乱叫", "狗没拴", "野狗咬人", "狗太吵")),
]
OWN = [
    *(Case(text, "市政所") for text in ("灯不亮", "路上有坑", "灯坏了", "坑很深")),
    *(Case(text, "城管队") for text in ("狗乱叫", "桶满了", "狗没拴", "桶臭味大")),
]


@pytest.fixture
def shipped() -> CategoryClassifier:
    trained = CategoryClassifier.train(SHIPPED, CountingEncoder())
    departments = {"lighting": "路灯所", "road": "市政", "animals": "公安"}
    return CategoryClassifier(trained._model, CountingEncoder(), departments)


@pytest.fixture
def own(shipped: CategoryClassifier) -> CategoryClassifier:
    return CategoryClassifier.train(OWN, CountingEncoder(), shipped=shipped)


def test_a_clear_matter_has_category_and_department(shipped: CategoryClassifier) -> None:
    suggestion = shipped.suggest("三楼的灯不亮了")
    assert (suggestion.category, suggestion.department) == ("lighting", "路灯所")
    assert not suggestion.is_unsure
    assert suggestion.alternatives == ()
    assert sum(share for _, share in suggestion.ranking) == pytest.approx(1, abs=1e-5)


def test_an_unclear_matter_names_what_else_it_may_be(shipped: CategoryClassifier) -> None:
    suggestion = shipped.suggest("怎么回事")
    assert suggestion.is_unsure
    assert suggestion.alternatives == tuple(label for label, _ in suggestion.ranking[1:])


def test_a_community_s_labels_say_the_department(own: CategoryClassifier) -> None:
    suggestion = own.suggest("门口的狗没拴绳")
    assert (suggestion.category, suggestion.department) == ("animals", "城管队")


def test_an_unsure_department_is_left_to_a_worker(own: CategoryClassifier) -> None:
    confident = own.suggest("灯不亮")
    assert confident.department == "市政所"
    own = CategoryClassifier.train(
        [Case("灯", "甲"), Case("灯", "乙"), Case("灯", "丙")],
        CountingEncoder(),
        None,
        own._shipped,
    )
    torn = own.suggest("灯不亮")
    assert torn.is_unsure
    assert (torn.category, torn.department) == ("lighting", "")


def test_who_handles_a_category_that_a_resident_chose(
    shipped: CategoryClassifier, own: CategoryClassifier
) -> None:
    assert shipped.department_of("road") == "市政"
    assert shipped.department_of("unheard") == ""
    assert own.department_of("road") == ""  # its own labels say who


class ListeningEncoder(CountingEncoder):
    """Keeps the texts that it was given."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        self.heard += texts
        return super().encode_query(texts)


def test_the_opening_of_a_long_text_is_encoded_in_training_and_after(
    shipped: CategoryClassifier,
) -> None:
    encoder = ListeningEncoder()
    opening = "灯" + "，" * (linear_text.OPENING - 1)
    long = opening + "狗" * linear_text.ENCODED_CHARACTERS
    own = CategoryClassifier.train([Case(long, "甲"), Case("狗", "乙")], encoder, shipped=shipped)
    assert encoder.heard == [opening, "狗"]
    encoder.heard.clear()
    whole = CountingEncoder().encode_query([long])
    assert own.suggest(long, whole) == own.suggest(long)
    assert encoder.heard == [opening, opening]


def test_a_short_text_is_encoded_whole_and_once(own: CategoryClassifier) -> None:
    encoder = ListeningEncoder()
    own._encoder = encoder
    text = "灯" + "，" * linear_text.OPENING + "狗"
    alone = own.suggest(text)
    assert encoder.heard == [text]
    assert own.suggest(text, CountingEncoder().encode_query([text])) == alone
    assert encoder.heard == [text]


def test_words_are_learnt_from_the_whole_of_a_long_text() -> None:
    opening = "，" * linear_text.ENCODED_CHARACTERS
    cases = [Case(opening + "灯坏了", "甲"), Case(opening + "狗乱叫", "乙")]
    own = CategoryClassifier.train(cases, CountingEncoder())
    assert [own.suggest(case.text).ranking[0][0] for case in cases] == ["甲", "乙"]


def test_what_a_letter_opens_with_is_told_from_what_it_goes_on_to() -> None:
    def letter(first: str, last: str, number: int) -> str:
        return f"{first}{number}{'门楼桶味' * linear_text.OPENING}{number}{last}"

    texts = [letter(*pair, n) for pair in ("灯狗", "狗灯") for n in range(4)]
    model = linear_text.LinearTextModel.fit(
        texts, 4 * ["甲"] + 4 * ["乙"], np.zeros((8, 1)), "none"
    )
    unseen = [letter("灯", "狗", 9), letter("狗", "灯", 9)]
    found = [model.probabilities(text, np.zeros(1, dtype=np.float32)) for text in unseen]
    assert [model.labels[int(each.argmax())] for each in found] == ["甲", "乙"]


@pytest.mark.parametrize("noise", [0, 3])
def test_probabilities_are_as_sharp_as_held_out_cases_allow(noise: int) -> None:
    """Of ten letters, `noise` went to the other office: no one can be surer than that."""
    signs = {"甲": "灯路水电", "乙": "狗车门楼"}
    texts, labels = [], []
    chance = random.Random(0)
    for number in range(400):
        own, other = ("甲", "乙") if number % 2 else ("乙", "甲")
        texts.append(f"{signs[own][number % 4]}{number}")
        labels.append(other if chance.random() < noise / 10 else own)
    model = linear_text.LinearTextModel.fit(texts, labels, np.zeros((400, 1)), "none")
    unseen = [f"{sign}{number}" for sign in "灯路水电狗车门楼" for number in range(400, 420)]
    found = [float(model.probabilities(text, np.zeros(1)).max()) for text in unseen]
    assert np.mean(found) == pytest.approx(1 - noise / 10, abs=0.1)


def test_of_many_cases_some_of_every_label_are_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_text, "ENCODED_TEXTS", 4)
    encoder = ListeningEncoder()
    cases = [Case(f"灯{i}", "甲") for i in range(10)] + [Case(f"狗{i}", "乙") for i in range(10)]
    steps: list[tuple[int, int]] = []
    own = CategoryClassifier.train(
        cases, encoder, lambda done, total, _: steps.append((done, total))
    )
    assert sorted(text[0] for text in encoder.heard) == ["灯", "灯", "狗", "狗"]
    assert steps == [(8, 8)]  # progress counts what is encoded
    assert own.suggest("狗").ranking[0][0] == "乙"
    assert "灯1" in own._model.terms  # words come from all


def test_what_was_saved_is_read_again(own: CategoryClassifier, tmp_path: Path) -> None:
    own.save(tmp_path / "categories")
    again = CategoryClassifier.load(tmp_path / "categories", CountingEncoder(), own._shipped)
    one, other = own.suggest("桶满了"), again.suggest("桶满了")
    assert [label for label, _ in one.ranking] == [label for label, _ in other.ranking]
    assert one.confidence == pytest.approx(other.confidence, abs=1e-3)


def test_a_model_of_another_encoder_is_refused(own: CategoryClassifier, tmp_path: Path) -> None:
    own.save(tmp_path)
    other = CountingEncoder()
    other.name = "other"
    with pytest.raises(UnderstandingError, match=r"counting.*other"):
        CategoryClassifier.load(tmp_path, other)


def test_one_label_teaches_nothing() -> None:
    with pytest.raises(UnderstandingError, match="two labels"):
        CategoryClassifier.train([Case("灯", "甲")] * 3, CountingEncoder())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_cases_as_excel_saves_them(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "cases.csv"
    file.write_bytes('label,text\n照明,"灯坏了，\n很黑"\n\n道路,有坑\n'.encode(encoding))
    assert load_cases(file) == [Case("灯坏了，\n很黑", "照明"), Case("有坑", "道路")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1"),
        ("text,label\n", "no case"),
        ("文本,标签\n灯,甲\n", "line 1"),
        ("text,label\n灯坏了\n", "line 2: expected 2 columns, got 1"),
        ("text,label\n灯坏了,照明\n有坑,\n", "line 3: text or label is empty"),
        ('text,label\n"灯坏了,照明\n', "line 2"),
    ],
)
def test_incomplete_cases_are_named(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UnderstandingError, match=message):
        load_cases(file)


def test_measured_on_a_file(own: CategoryClassifier, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("text,label\n灯不亮,市政所\n狗乱叫,城管队\n坑很深,城管队\n", encoding="utf-8")
    quality = evaluate_categories(file, own)
    assert quality["messages"] == 3
    assert quality["accuracy"] == pytest.approx(2 / 3)
    assert quality["confusions"] == [{"gold": "城管队", "predicted": "市政所", "count": 1}]
    file.write_text("text,label\n灯不亮,绿化\n", encoding="utf-8")
    with pytest.raises(UnderstandingError, match=r"绿化.*is known"):
        evaluate_categories(file, own)


def test_the_shipped_categories_are_about_fourteen_and_can_be_told_apart() -> None:
    categories = load_categories()
    assert 12 <= len(categories) <= 16
    assert all(category.department and len(category.examples) >= 30 for category in categories)
    cases = {case for category in categories for case in category.cases}
    assert len({case.text for case in cases}) == len(cases)  # none belongs to two
