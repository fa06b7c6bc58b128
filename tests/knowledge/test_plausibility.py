from knowledge.plausibility import (
    cost_of,
    decode,
    encode,
    full_width,
    last_word,
    observed_cost,
    word_gain,
)


def test_rarer_characters_cost_more() -> None:
    costs = [cost_of(character, False) for character in "的苹葫"]
    assert costs == sorted(costs)
    assert costs[0] == 0.0
    assert cost_of("┣", False) > 2 * cost_of("苹", False)


def test_a_rare_name_that_stands_in_the_text_is_believed() -> None:
    assert observed_cost("堃", traditional=False) < cost_of("堃", traditional=False)
    assert observed_cost("区", traditional=False) == cost_of("区", traditional=False)


def test_a_traditional_form_is_odd_only_among_simplified_ones() -> None:
    assert cost_of("區", traditional=True) < cost_of("區", traditional=False)


def test_two_characters_that_are_a_word_earn_something() -> None:
    assert word_gain("社", "区") < 0.0
    assert word_gain("區", "的") == 0.0
    assert word_gain("a", "区") == 0.0


def test_bytes_and_characters() -> None:
    assert encode("区") == b"\xc7\xf8"
    assert decode(0xC7, 0xF8) == "区"
    assert decode(0xC7, 0x20) == ""
    assert encode("\ud800") == b""
    assert len(decode(0xFE, 0xA3)) == 1  # user-defined, but the bytes are kept


def test_full_width_forms() -> None:
    assert full_width("!") == "！"
    assert full_width(" ") == "\u3000"
    assert full_width("区") == ""


def test_last_word() -> None:
    assert last_word("加强社区治理") == "治理"
    assert last_word("") == ""
