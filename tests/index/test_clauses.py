from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.clauses import Block, Clauses, clause_ranges, features, read_clauses
from index.query import analyse

NOTICE = """幸福街道关于开展旧衣回收的通知
旧衣回收每月两次，地点在居委会。
幸福街道办事处
2021年3月19日"""
TITLE = "幸福街道关于开展旧衣回收的通知"


@given(st.text(alphabet="路灯坏了,，。：:1 2\n（）！", max_size=60))
def test_clauses_are_disjoint_and_hold_every_letter(text: str) -> None:
    ranges = clause_ranges(text, 0, len(text))
    assert all(start < end for start, end in ranges)
    assert all(a[1] <= b[0] for a, b in pairwise(ranges))
    covered = "".join(text[start:end] for start, end in ranges)
    assert [c for c in covered if c.isalnum()] == [c for c in text if c.isalnum()]


def test_a_figure_is_not_cut_at_its_comma() -> None:
    text = "共1,000元，8:30开门"
    assert [text[a:b] for a, b in clause_ranges(text, 0, len(text))] == ["共1,000元，", "8:30开门"]


def clauses_of(text: str) -> Clauses:
    return read_clauses([Block(text, 0, len(text), [(0, len(text))], np.zeros(1))])


def seen(text: str, name: str, question: str = "旧衣回收有什么安排？") -> list[str]:
    """The clauses that have a feature."""
    asked, clauses = analyse(question), clauses_of(text)
    found = features(asked, np.ones(len(asked.terms)), clauses, TITLE)[name]
    return [clause for clause, has in zip(clauses.texts, found, strict=True) if has]


def test_what_only_repeats_the_title_is_seen() -> None:
    assert seen(NOTICE, "title") == [TITLE]


def test_who_signed_and_when_is_seen() -> None:
    assert seen(NOTICE, "sign_off") == ["幸福街道办事处", "2021年3月19日"]


def test_a_day_in_a_sentence_is_no_sign_off() -> None:
    assert seen("由街道办事处负责，2021年3月19日开始。", "sign_off") == []
