"""The shipped examples, and the reader of Rasa's training data format."""

from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intents.parse import UnderstandingError
from intents.training_data import (
    MAX_SIMILARITY,
    NLU_FOLDER,
    Example,
    bigrams,
    load_examples,
    normalise,
    similarity,
    too_similar,
)

EXAMPLES = load_examples()
MINIMUM = {"submit_proposal": 200, "lookup_service": 200, "ask_policy": 200, "out_of_scope": 200}


def test_every_intent_of_the_domain_has_enough_examples() -> None:
    domain = yaml.safe_load((NLU_FOLDER.parent.parent / "domain.yml").read_text("utf-8"))
    counts = Counter(example.intent for example in EXAMPLES)
    assert sorted(counts) == domain["intents"]
    few = {name: n for name, n in counts.items() if n < MINIMUM.get(name, 60)}
    assert not few


def test_no_two_examples_of_an_intent_are_alike() -> None:
    assert too_similar(EXAMPLES) == []


def test_alike_is_refused() -> None:
    one, other = Example("路灯坏了", "submit_proposal"), Example("路灯坏了。", "submit_proposal")
    assert too_similar([one, other]) == [(one, other, 1.0)]
    assert too_similar([one, Example("路灯坏了", "greet")]) == []


def test_examples_cover_the_ways_people_write() -> None:
    texts = [example.text for example in EXAMPLES if example.intent == "submit_proposal"]
    assert sum(len(text) <= 4 for text in texts) >= 10
    assert sum(len(text) >= 60 for text in texts) >= 10
    assert sum(text.isascii() for text in texts) >= 5
    assert sum(normalise(text) != normalise_script_only(text) for text in texts) >= 20
    assert sum(len(text) >= 30 and normalise(text) == text for text in texts) >= 5


def normalise_script_only(text: str) -> str:
    """The normal form but for the script: differs where the text is traditional."""
    return "".join(character for character in text.lower() if character.isalnum())


def test_bigram_similarity_by_hand() -> None:
    assert bigrams("路灯坏") == {"路灯", "灯坏"}
    assert bigrams("啊") == {"啊"}
    assert bigrams("。") == frozenset()
    assert similarity(bigrams("路灯坏"), bigrams("路灯亮")) == pytest.approx(1 / 3)
    assert similarity(frozenset(), frozenset()) == 0.0
    assert MAX_SIMILARITY == 0.6


@pytest.mark.parametrize(
    ("text", "normal"),
    [("路燈，壞了！", "路灯坏了"), ("ＯＫ的", "ok的"), (" 3 号 楼\n", "3号楼"), ("😂？", "")],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(st.text())
def test_normalise_takes_anything_and_settles(text: str) -> None:
    normal = normalise(text)
    assert normalise(normal) == normal


def write(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")


def test_reads_words_that_yaml_takes_for_booleans(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", 'nlu:\n- intent: affirm\n  examples: |\n    - yes\n    - "on"\n')
    assert [example.text for example in load_examples(tmp_path)] == ["yes", '"on"']


@pytest.mark.parametrize(
    "content",
    [
        "",
        "nlu: [",
        "nlu:\n- intent: greet\n",
        "nlu:\n- intent: greet\n  examples:\n  - 你好\n",
        "nlu:\n- intent: greet\n  examples: |\n    你好\n",
        "nlu:\n- intent: greet\n  examples: |\n    - \n",
    ],
)
def test_names_the_file_that_is_wrong(tmp_path: Path, content: str) -> None:
    write(tmp_path, "greet.yml", content)
    with pytest.raises(UnderstandingError, match=r"greet\.yml"):
        load_examples(tmp_path)


def test_refuses_a_message_of_two_intents(tmp_path: Path) -> None:
    for intent in ("affirm", "thanks"):
        write(tmp_path, f"{intent}.yml", f"nlu:\n- intent: {intent}\n  examples: |\n    - 好的\n")
    with pytest.raises(UnderstandingError, match="of affirm and of thanks"):
        load_examples(tmp_path)


def test_refuses_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UnderstandingError, match=r"no \.yml file"):
        load_examples(tmp_path)
