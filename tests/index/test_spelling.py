import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from index.spelling import SpellingCorrector, syllables
from knowledge.service import Service

CORRECTOR = SpellingCorrector.of(
    [
        Service(id="a", name="社会保障卡挂失补办", aliases=("社保卡", "补社保卡"),
                situations=("有人居住证丢了",)),
        Service(id="b", name="住房公积金提取", aliases=("公积金", "取公积金")),
        Service(id="c", name="最低生活保障", aliases=("低保",)),
        Service(id="d", name="居住证办理", aliases=("居住证",), situations=("WIFI也能办吗",)),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("设保卡丢了咋办", "社保卡丢了咋办"),
        ("公基金怎么取", "公积金怎么取"),
        ("公鸡金，设保咔", "公积金，社保卡"),
        ("想吃底保", "想吃低保"),
        ("居主证在哪办", "居住证在哪办"),
        ("jzz到期了", "居住证到期了"),
        ("SBK丢了", "社保卡丢了"),
    ],
)
def test_slips_of_sound_and_initials_are_put_right(typed: str, meant: str) -> None:
    assert CORRECTOR.correct(typed) == meant


@pytest.mark.parametrize(
    "right",
    [
        "社保卡丢了",
        "住在哪里",
        "有人居住",  # says the same as "又人居住", but a service says it too
        "我想办居住地证明",
        "今天天气怎么样",
        "wifi密码",
        "hello",
        "",
        "！？",
    ],
)
def test_what_is_right_stays(right: str) -> None:
    assert CORRECTOR.correct(right) == right


@given(st.text(max_size=60))
def test_any_text_is_taken_and_what_is_corrected_is_right(text: str) -> None:
    once = CORRECTOR.correct(text)
    assert CORRECTOR.correct(once) == once


def test_the_table_of_syllables_agrees_with_pypinyin() -> None:
    table = syllables()
    signs = list(table)
    assert len(signs) == 6763
    assert [lazy_pinyin(sign, style=Style.NORMAL)[0] for sign in signs] == [
        table[sign] for sign in signs
    ]
