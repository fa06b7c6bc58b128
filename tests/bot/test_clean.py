from hypothesis import given
from hypothesis import strategies as st

from bot.clean import LIMIT, clean, has_words


def test_readable_text_is_unchanged() -> None:
    assert clean("路灯坏了！🙏\n3号楼") == ("路灯坏了！🙏\n3号楼", False)


def test_controls_and_lone_surrogates_go() -> None:
    assert clean("a\x00b\ud800c\u202ed") == ("abcd", False)


def test_long_text_is_cut_and_said_to_be() -> None:
    text, cut = clean("长" * 100_000)
    assert cut
    assert len(text) == LIMIT


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_string_can_be_stored_after_cleaning(text: str) -> None:
    cleaned, _ = clean(text)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


def test_emoji_are_no_words() -> None:
    assert not has_words("👍👍 …")
    assert has_words("好👍")
