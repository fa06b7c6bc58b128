"""Linli with the real Rasa server: `make test-rasa` names its command and selects these tests."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.parts import Parts
from intents.evaluation import evaluate, load_labelled
from intents.parse import Parse, UnderstandingError
from intents.rasa_nlu import RasaClassifier
from intents.rasa_server import RasaServer, serving, train, write_examples
from intents.training_data import Example

RASA = Path(os.environ.get("LINLI_TEST_RASA", "."))
HELD_OUT = Path(__file__).parent.parent / "data" / "intents.tsv"

pytestmark = [
    pytest.mark.rasa,
    pytest.mark.skipif(not RASA.name, reason="make test-rasa runs the real Rasa server"),
]


class NotNeeded:
    """A fallback that must not be asked."""

    def parse(self, text: str, vector: object = None) -> Parse:
        raise AssertionError(f"Rasa did not answer {text!r}")


@pytest.fixture(scope="module")
def server() -> Iterator[RasaServer]:
    with serving(RASA) as running:
        yield running


@pytest.fixture(scope="module")
def classifier(server: RasaServer) -> Iterator[RasaClassifier]:
    classifier = RasaClassifier(server.url, NotNeeded(), timeout_seconds=10)
    yield classifier
    classifier.close()


def test_understands(classifier: RasaClassifier) -> None:
    parse = classifier.parse("我们三号楼下面的路灯坏了")
    assert (parse.intent, parse.engine, parse.is_unsure) == ("submit_proposal", "rasa", False)
    assert len(parse.ranking) == 15
    assert sum(share for _, share in parse.ranking) == pytest.approx(1, abs=1e-3)


def test_understands_unseen_messages_as_well_as_the_embedded_engine(
    classifier: RasaClassifier, parts: Parts
) -> None:
    pairs = load_labelled(HELD_OUT)
    rasa, embedded = evaluate(pairs, classifier), evaluate(pairs, parts.embedded)
    assert rasa["accuracy"] > 0.93
    assert rasa["accuracy"] == pytest.approx(embedded["accuracy"], abs=0.02)


@pytest.mark.parametrize("text", ["", "   ", "😂", "/greet", "啊" * 5_000, "坏\ud800了", "\0"])
def test_answers_whatever_is_written(classifier: RasaClassifier, text: str) -> None:
    assert classifier.parse(text).ranking


def test_answers_soon_and_stays_small(classifier: RasaClassifier, server: RasaServer) -> None:
    spent = []
    for number in range(30):
        begin = time.monotonic()
        classifier.parse(f"{number}号楼的路灯坏了，请来修一下")
        spent.append(time.monotonic() - begin)
    assert sorted(spent)[len(spent) // 2] < 0.5
    assert (server.resident_megabytes() or 0) < 1_000


def test_linli_goes_on_when_the_server_ends(parts: Parts) -> None:
    with serving(RASA) as server:
        classifier = RasaClassifier(server.url, parts.embedded, timeout_seconds=10)
        assert classifier.parse("路灯坏了").engine == "rasa"
    assert classifier.parse("路灯坏了").engine == "embedded"
    classifier.close()


def test_trains_from_other_examples_with_another_pipeline(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    examples = [
        Example(text, intent)
        for intent, texts in (
            ("greet", ("你好", "您好啊", "早上好", "大家晚上好", "嗨")),
            ("lamp", ("路灯坏了", "灯不亮", "楼道没有灯", "换个灯泡吧", "灯一闪一闪")),
        )
        for text in texts
    ]
    write_examples(examples, data)
    config = tmp_path / "config.yml"
    config.write_text(
        "recipe: default.v1\nassistant_id: lamps\nlanguage: zh\npipeline:\n"
        "- name: intents.rasa_components.CharacterTokenizer\n"
        "- name: intents.rasa_components.EncoderFeaturizer\n  scale: 5.5\n"
        "- name: LogisticRegressionClassifier\npolicies: []\n",
        encoding="utf-8",
    )
    train(RASA, data, tmp_path / "models", config)
    with serving(RASA, tmp_path / "models") as server:
        classifier = RasaClassifier(server.url, NotNeeded(), timeout_seconds=10)
        assert classifier.parse("门口的路灯不亮").intent == "lamp"
        assert classifier.parse("你好啊").intent == "greet"
        classifier.close()


def test_says_what_rasa_said_when_training_fails(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("recipe: default.v1\nlanguage: zh\npipeline:\n- name: NoSuchComponent\n")
    write_examples([Example("你好", "greet"), Example("再见", "goodbye")], tmp_path)
    with pytest.raises(UnderstandingError, match="NoSuchComponent"):
        train(RASA, tmp_path, tmp_path / "models", config)
