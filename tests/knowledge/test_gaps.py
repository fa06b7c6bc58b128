from knowledge.document import Gap
from knowledge.gaps import mark, take_gaps


def test_marks_become_gaps_at_their_places() -> None:
    text = "甲" + mark("缺一段") + "乙丙" + mark("缺两段")
    assert take_gaps(text) == ("甲乙丙", (Gap(1, "缺一段"), Gap(3, "缺两段")))


def test_a_text_without_marks_is_left_alone() -> None:
    assert take_gaps("甲乙") == ("甲乙", ())
