import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.proposals.places import likeness, read_place
from bot.proposals.similar import MIN_PLACE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("幸福里3号楼", "幸福里三号楼门口"),
        ("幸福里小区3栋", "幸福里3号楼"),
        ("阳光花园12号楼2单元", "阳光花园十二号楼"),
        ("书香名邸东门", "书香名邸小区东门外"),
        ("解放大道12号", "解放大道十二号门口"),
        ("武汉市江岸区解放大道12号", "解放大道12号"),
        ("3号楼门口", "3号楼"),
        ("幸福里", "幸福里小区里面"),
    ],
)
def test_one_place_in_many_words(one: str, other: str) -> None:
    assert likeness(read_place(one), read_place(other)) > MIN_PLACE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("幸福里3号楼", "幸福里5号楼"),
        ("幸福里3号楼", "阳光花园3号楼"),
        ("幸福里3号楼", "幸福里13号楼"),
        ("幸福里十三号楼", "幸福里三号楼"),
        ("和苑2号楼1单元", "和苑2号楼3单元"),
        ("书香名邸东门", "书香名邸南门"),
        ("解放大道12号", "解放大道120号"),
        ("阳光花园一期", "阳光花园二期"),
        ("建设路", "文化路"),
        ("江岸区解放大道", "江岸区建设大道"),
        ("小区门口", "小区里面"),
        ("", "幸福里"),
    ],
)
def test_places_that_are_not_one(one: str, other: str) -> None:
    assert likeness(read_place(one), read_place(other)) <= MIN_PLACE


def test_a_description_may_name_the_place() -> None:
    one = read_place("门口", "锦绣家园的门口积水")
    assert likeness(one, read_place("锦绣家园")) > MIN_PLACE


@given(st.text(), st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str, words: str) -> None:
    first, second = read_place(one, words), read_place(other)
    assert 0.0 <= likeness(first, second) <= 1.0
    assert likeness(first, second) == likeness(second, first)
