"""The embedded classifier, on the real encoder with a part of the shipped examples."""

import logging
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.parts import Parts
from index.bundled import BundledEncoder
from index.encoder import Vectors
from intents.classifier import EmbeddedClassifier, Thresholds, load_or_train
from intents.features import Meaning, NgramWeights, ngrams
from intents.parse import UnderstandingError
from intents.training import similarity_groups
from intents.training_data import Example, load_examples

PER_INTENT = 14


class Letters:
    """Counts the letters a to z: an encoder whose vectors can be computed by hand."""

    name = "letters"
    dim = 26

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        counts = [[text.count(chr(ord("a") + i)) for i in range(26)] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(len(texts), 26)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    encode_document = encode_query


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    return BundledEncoder()


@pytest.fixture(scope="module")
def few_examples() -> list[Example]:
    """The first few examples of each intent."""
    by_intent = defaultdict(list)
    for example in load_examples():
        by_intent[example.intent].append(example)
    return [example for examples in by_intent.values() for example in examples[:PER_INTENT]]


@pytest.fixture(scope="module")
def classifier(encoder: BundledEncoder, few_examples: list[Example]) -> EmbeddedClassifier:
    return EmbeddedClassifier.train(few_examples, encoder)


def test_parse_has_the_shape_of_rasas(classifier: EmbeddedClassifier) -> None:
    parse = classifier.parse("我家楼下的路灯又坏了")
    assert (parse.text, parse.engine, parse.entities) == ("我家楼下的路灯又坏了", "embedded", ())
    shares = [share for _, share in parse.ranking]
    assert (parse.intent, parse.confidence) == parse.ranking[0]
    assert len(shares) == 15
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert shares == sorted(shares, reverse=True)


def test_a_given_vector_is_used(classifier: EmbeddedClassifier, encoder: BundledEncoder) -> None:
    text = "身份证在什么地方办"
    assert classifier.parse(text, encoder.encode_query([text])[0]) == classifier.parse(text)
    other = encoder.encode_query(["救命啊着火了"])[0]
    assert classifier.parse(text, other) != classifier.parse(text)


@pytest.mark.parametrize("text", ["路灯坏了", "路燈壞了！！", " 路 灯 坏 了 "])
def test_an_example_is_known_in_any_script_and_punctuation(
    classifier: EmbeddedClassifier, text: str
) -> None:
    parse = classifier.parse(text)
    assert parse.intent == "submit_proposal"
    assert parse.confidence > 0.999
    assert not parse.is_unsure


@given(text=st.text(max_size=300))
def test_takes_any_text(classifier: EmbeddedClassifier, text: str) -> None:
    parse = classifier.parse(text)
    assert parse.intent == parse.ranking[0][0]
    assert 0 < parse.confidence <= 1.001


def test_nearest_examples_come_best_first(
    classifier: EmbeddedClassifier, encoder: BundledEncoder
) -> None:
    found = classifier.nearest(encoder.encode_query(["路灯坏了"])[0], 3)
    (example, cosine), *others = found
    assert (example.text, cosine) == ("路灯坏了", pytest.approx(1, abs=1e-3))
    assert len(others) == 2
    assert all(0 < other < cosine for _, other in others)


def test_saved_and_loaded_is_the_same(
    classifier: EmbeddedClassifier, encoder: BundledEncoder, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "classifier.npz"
    classifier.save(path)
    loaded = EmbeddedClassifier.load(path, encoder)
    for text in ("垃圾没人清", "低保怎么申请", "嗯"):
        before, after = classifier.parse(text), loaded.parse(text)
        assert (before.intent, before.is_unsure) == (after.intent, after.is_unsure)
        assert before.confidence == pytest.approx(after.confidence, abs=5e-3)
    assert [path.name for path in path.parent.iterdir()] == ["classifier.npz"]


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_load_refuses_what_is_damaged(
    encoder: BundledEncoder, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "classifier.npz"
    path.write_bytes(content)
    with pytest.raises(UnderstandingError, match=r"classifier\.npz is not a trained classifier"):
        EmbeddedClassifier.load(path, encoder)


def test_load_refuses_a_cut_file_and_another_encoder(
    classifier: EmbeddedClassifier, encoder: BundledEncoder, tmp_path: Path
) -> None:
    path = tmp_path / "classifier.npz"
    classifier.save(path)
    with pytest.raises(UnderstandingError, match="not letters"):
        EmbeddedClassifier.load(path, Letters())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnderstandingError, match="not a trained classifier"):
        EmbeddedClassifier.load(path, encoder)


LETTER_EXAMPLES = [
    Example(text, intent)
    for intent, letters in (("vowels", "aeiou"), ("consonants", "bcdfg"))
    for text in (first + second for first in letters for second in letters)
]


def test_load_or_train_keeps_what_it_trained(tmp_path: Path) -> None:
    first = load_or_train(tmp_path, Letters(), LETTER_EXAMPLES)
    (path,) = tmp_path.iterdir()
    written = path.stat().st_mtime_ns
    second = load_or_train(tmp_path, Letters(), LETTER_EXAMPLES)
    assert path.stat().st_mtime_ns == written
    assert first.parse("aaee").intent == second.parse("aaee").intent == "vowels"
    assert second.parse("bfbf").intent == "consonants"


def test_load_or_train_trains_again_when_examples_change_or_the_file_is_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_or_train(tmp_path, Letters(), LETTER_EXAMPLES)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"damaged")
    assert load_or_train(tmp_path, Letters(), LETTER_EXAMPLES).parse("oo").intent == "vowels"
    assert "training again" in caplog.text
    load_or_train(tmp_path, Letters(), [*LETTER_EXAMPLES, Example("yy", "vowels")])
    assert len(list(tmp_path.iterdir())) == 2


def test_load_or_train_does_without_a_cache_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    no_folder = tmp_path / "file"
    no_folder.write_text("")
    with caplog.at_level(logging.WARNING):
        assert load_or_train(no_folder, Letters(), LETTER_EXAMPLES).parse("ua").intent == "vowels"
    assert "cannot be kept" in caplog.text


def test_one_intent_is_not_enough() -> None:
    with pytest.raises(UnderstandingError, match="two intents or more"):
        EmbeddedClassifier.train([Example("aa", "vowels")], Letters())


def test_likes_are_held_out_together() -> None:
    texts = ["小区路灯坏了两天", "小区路灯坏了三天", "谢谢"]
    examples = [Example(text, "any") for text in texts]
    vectors = np.eye(3, dtype=np.float32)
    one, other, third = similarity_groups(examples, vectors)
    assert one == other != third


def test_ngram_weights_by_hand() -> None:
    assert ngrams("水漏") == ["水", "漏", "^水", "水漏", "漏$", "^水漏", "水漏$"]
    weights = NgramWeights.fit(["漏水", "漏了"])
    assert list(weights.vocabulary) == ["^漏", "漏"]  # the only n-grams of both
    columns, values = weights.row("漏漏")
    assert sorted(columns) == [0, 1]
    # "漏" twice, "^漏" once; both have idf ln(3/3) + 1 = 1
    by_column = dict(zip(columns, values, strict=True))
    assert by_column[1] / by_column[0] == pytest.approx(1 + np.log(2))
    assert np.linalg.norm(values) == pytest.approx(1)
    assert len(weights.row("？")[0]) == 0


def test_meaning_by_hand() -> None:
    vectors = np.array([[1, 0], [1, 0], [-1, 0], [-1, 0]], dtype=np.float32)
    meaning = Meaning.fit(vectors, np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(meaning.features(np.float32([3, 0])), [1, 0, 1, -1], atol=1e-6)
    trained = meaning.training_features(vectors)
    # Its own likeness does not count, so that the mean of the "two nearest" holds the -1 put there.
    np.testing.assert_allclose(trained[0], [1, 0, 0, -1], atol=1e-6)


def test_unsure_when_improbable_or_close() -> None:
    thresholds = Thresholds(confidence=0.5, margin=0.2)
    assert thresholds.is_unsure(0.45, 0.1)
    assert thresholds.is_unsure(0.55, 0.4)
    assert not thresholds.is_unsure(0.55, 0.3)


# -- trained on all shipped examples


PAIRS = [
    ("能不能在三号楼旁边装个充电桩", "submit_proposal"),
    ("装充电桩有啥规定没有", "ask_policy"),
    ("附近哪里有充电桩", "lookup_service"),
    ("这路灯都坏了快一个月了也没人管吗", "submit_proposal"),
    ("我上个月报的路灯到现在修了没有", "check_status"),
    ("路灯归哪个单位管理", "ask_policy"),
    ("你好，我们楼道的灯坏了", "submit_proposal"),
    ("垃圾分类怎么分", "ask_policy"),
    ("旧沙发找谁来拉走", "lookup_service"),
    ("垃圾堆成山了没人清", "submit_proposal"),
    ("楼下着火了快来人", "emergency"),
    ("居民议事会要多少户才能提请召开", "ask_policy"),
    ("物業費一直漲，冇人管", "submit_proposal"),
    ("身份證唔見咗去邊度補辦", "lookup_service"),
    ("屋里漏水漏得扎实，冇得人来修", "submit_proposal"),
    ("今天天气怎么样", "out_of_scope"),
    ("叫你们的工作人员来跟我说", "human_handoff"),
    ("把十一月的提案导成excel给我", "export_proposals"),
]


@pytest.mark.parametrize(("text", "intent"), PAIRS)
def test_tells_near_messages_apart(parts: Parts, text: str, intent: str) -> None:
    assert parts.embedded.parse(text).intent == intent


def test_understanding_does_not_import_scikit_learn() -> None:
    code = "import sys, intents.classifier, intents.rasa_nlu; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
