import re
from pathlib import Path

import pytest

from bot.responses import Quoted, Responses, is_traditional
from bot.storage.records import Stage, Urgency

RESPONSES = Responses.load()


def test_names_keep_their_script_and_quotes_follow_the_reader() -> None:
    place = RESPONSES.text("service.office", True, value="幸福里社区")
    quote = RESPONSES.text("policy.quote", True, quote=Quoted("办事处"))
    assert "幸福里社区" in place
    assert "辦事處" in quote


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("路燈壞了", True),
        ("路灯坏了", False),
        ("你好", None),
        ("", None),
        ("幸福里3號樓門口", True),
    ],
)
def test_script_of_a_message(text: str, expected: bool | None) -> None:
    assert is_traditional(text) is expected


def test_every_stage_and_urgency_has_words() -> None:
    for stage in Stage:
        assert RESPONSES.text(f"stage.{stage.value}")
        assert RESPONSES.text(f"stage_note.{stage.value}")
        assert RESPONSES.text(f"others_note.{stage.value}")
    for urgency in Urgency:
        assert f"proposal.deadline_{urgency.value}" in RESPONSES


def test_every_key_in_the_code_exists() -> None:
    """Dotted keys that stand in the code as whole literals are keys of the file."""
    groups = {key.split(".")[0] for key in RESPONSES.all_keys() if "." in key}
    literal = re.compile(rf'"((?:{"|".join(groups)})\.[a-z_.]+)"')
    used = {
        key
        for path in Path("bot").rglob("*.py")
        for key in literal.findall(path.read_text("utf-8"))
    }
    assert used
    assert sorted(key for key in used if key not in RESPONSES) == []


def test_no_code_names_in_what_residents_read() -> None:
    for key in RESPONSES.all_keys():
        if key.startswith("worker."):
            continue
        text = re.sub(r"\{\w+\}", "", RESPONSES.text(key, **dict.fromkeys(
            re.findall(r"\{(\w+)\}", RESPONSES._texts[key]), "")))  # fmt: skip
        assert not re.search(r"[a-z]+_[a-z]+|Error|None", text), key
