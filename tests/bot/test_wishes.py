import numpy as np
import pytest

from bot.wishes import Part, split, two_wishes
from intents.parse import Parse

VECTOR = np.zeros(4, dtype=np.float32)


def reader(**intents: str):  # type: ignore[no-untyped-def]
    """Understands a part by the first word that it holds; anything else is small talk."""

    def read(text: str) -> Part:
        intent = next((intent for word, intent in intents.items() if word in text), "greet")
        return Part(text, Parse(text, intent, 0.9), VECTOR)

    return read


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("残疾证去哪里换？另外三楼的灯不亮", ["残疾证去哪里换？", "三楼的灯不亮"]),
        ("残疾证去哪里换 还有三楼的灯不亮", ["残疾证去哪里换", "三楼的灯不亮"]),
        ("三楼的灯不亮。残疾证去哪里换", ["三楼的灯不亮。", "残疾证去哪里换"]),
        ("你好！残疾证去哪里换？谢谢", ["你好！残疾证去哪里换？谢谢"]),
        ("三楼的灯不亮，一个月了，没人修", ["三楼的灯不亮，一个月了，没人修"]),
        ("", [""]),
    ],
)
def test_a_message_is_cut_where_something_else_begins(text: str, parts: list[str]) -> None:
    assert [part for part in split(text) if part] == [part for part in parts if part]


def test_a_question_and_a_matter_are_told_apart_in_either_order() -> None:
    read = reader(灯="submit_proposal", 证="lookup_service")
    for text in ("残疾证去哪里换？另外三楼的灯不亮", "三楼的灯不亮。残疾证去哪里换？"):
        wishes = two_wishes(text, read)
        assert wishes is not None
        assert wishes.question.text == "残疾证去哪里换？"
        assert wishes.matter.strip("。") == "三楼的灯不亮"


@pytest.mark.parametrize(
    "text",
    [
        "三楼的灯不亮。一个月了都没人管吗？",  # only complains
        "残疾证去哪里换？要带什么证件呢？",  # two questions
        "三楼的灯不亮。四楼的灯也不亮。",  # two matters
        "残疾证去哪里换",  # one part
    ],
)
def test_one_wish_is_one_wish(text: str) -> None:
    assert two_wishes(text, reader(灯="submit_proposal", 证="lookup_service")) is None


def test_who_tells_a_long_story_has_one_wish() -> None:
    story = "三楼的灯不亮。" * 6 + "残疾证去哪里换？"
    assert two_wishes(story, reader(灯="submit_proposal", 证="lookup_service")) is None
