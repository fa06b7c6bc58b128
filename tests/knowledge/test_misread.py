import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.misread import undo_wrong_decoding
from knowledge.repair import repair

TEXT = "社区议事会每月召开一次，居民可以登记议题。\n夜里十点后请轻声说话。"


@pytest.mark.parametrize(("right", "wrong"), [("utf-8", "latin-1"), ("gb18030", "latin-1")])
def test_text_decoded_as_latin_comes_back(right: str, wrong: str) -> None:
    assert undo_wrong_decoding(TEXT.encode(right).decode(wrong)) == TEXT


def test_windows_code_page() -> None:
    text = "社区公约"
    assert undo_wrong_decoding(text.encode().decode("cp1252")) == text


@pytest.mark.parametrize(
    "text", [TEXT, "Café Müller, Straße 5", "naïve ÆØÅ", "“引号”和——破折号……", "3×4±2°C", ""]
)
def test_sound_text_stays(text: str) -> None:
    assert undo_wrong_decoding(text) == text


def test_repair_sees_such_text_before_control_characters_are_taken_out() -> None:
    assert repair(TEXT.encode().decode("latin-1")).text == TEXT


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    assert undo_wrong_decoding(undo_wrong_decoding(text)) is not None
