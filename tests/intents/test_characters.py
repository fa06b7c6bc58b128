import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.characters import plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("幸福里３號樓門口路燈壞了", "幸福里3号楼门口路灯坏了"),
        ("国际Ｂ座", "国际B座"),
        ("嗰度喺邊", "嗰度喺边"),
        ("著火了，怎么办？", "着火了，怎么办？"),
    ],
)
def test_one_spelling_for_many(written: str, read: str) -> None:
    assert plain(written) == read


@given(st.text(st.characters(codec="utf-8")))
def test_every_character_stays_where_it_was(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)
