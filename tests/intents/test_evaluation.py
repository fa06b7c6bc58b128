"""Figures that can be checked by hand."""

from pathlib import Path

import pytest

from intents.evaluation import evaluate, load_labelled, macro_f1
from intents.parse import Parse, UnderstandingError


class ByLength:
    """Says `short` of one or two characters, else `long`."""

    def parse(self, text: str, vector: object = None) -> Parse:
        return Parse(text, "short" if len(text) <= 2 else "long", 1.0)


def test_evaluate_counts_what_is_right() -> None:
    pairs = [("a", "short"), ("bb", "short"), ("ccc", "short"), ("dddd", "long")]
    quality = evaluate(pairs, ByLength())
    # short: 2 hits of 3, 2 said: F1 = 4/5; long: 1 hit of 1, 2 said: F1 = 2/3.
    assert quality == {
        "messages": 4,
        "accuracy": 0.75,
        "macro_f1": pytest.approx((4 / 5 + 2 / 3) / 2),
        "confusions": [{"gold": "short", "predicted": "long", "count": 1, "examples": ["ccc"]}],
    }


def test_evaluate_shows_the_largest_confusion_first_and_few_examples() -> None:
    pairs = [("a", "long")] + [(f"text {n}", "short") for n in range(5)]
    first, second = evaluate(pairs, ByLength())["confusions"]
    assert (first["gold"], first["count"], len(first["examples"])) == ("short", 5, 3)
    assert (second["gold"], second["count"]) == ("long", 1)


def test_macro_f1_counts_labels_of_the_file_only() -> None:
    assert macro_f1(["a", "a"], ["a", "b"]) == pytest.approx(2 / 3)


def test_load_labelled(tmp_path: Path) -> None:
    path = tmp_path / "messages.tsv"
    path.write_text("\ufeff路灯坏了\tsubmit_proposal\r\n\n 你好 \tgreet\n", encoding="utf-8")
    assert load_labelled(path) == [("路灯坏了", "submit_proposal"), ("你好", "greet")]


@pytest.mark.parametrize("line", ["路灯坏了", "路灯坏了\t", "\tgreet", "路灯\t坏了\tgreet"])
def test_load_labelled_names_the_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "messages.tsv"
    path.write_text(f"你好\tgreet\n{line}\n", encoding="utf-8")
    with pytest.raises(UnderstandingError, match=r"messages\.tsv, line 2"):
        load_labelled(path)


def test_load_labelled_refuses_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "messages.tsv"
    with pytest.raises(UnderstandingError, match="cannot be read"):
        load_labelled(path)
    path.write_bytes("你好\tgreet".encode("utf-16"))
    with pytest.raises(UnderstandingError, match="cannot be read"):
        load_labelled(path)
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(UnderstandingError, match="no labelled message"):
        load_labelled(path)
