from pathlib import Path

import pytest

from bot.proposals.communities import Communities, Community, CommunityError, Level

SHIPPED = Path(__file__).parents[3] / "knowledge" / "communities" / "communities.yml"
TREE = Communities(
    (
        Community("jiangnan", "江南区", Level.DISTRICT),
        Community("nanhu", "南湖街道", Level.STREET, "jiangnan"),
        Community("beihu", "北湖街道", Level.STREET, "jiangnan"),
        Community("xingfu", "幸福社区", Level.COMMUNITY, "nanhu"),
        Community("guangming", "光明社区", Level.COMMUNITY, "beihu"),
        Community("xingfuli-community", "幸福里社区", Level.COMMUNITY, "nanhu"),
        Community("xingfuli", "幸福里小区", Level.ESTATE, "xingfuli-community", ("幸福里一期",)),
        Community("jinyuan-nan", "锦苑小区", Level.ESTATE, "xingfu"),
        Community("jinyuan-bei", "锦苑小区", Level.ESTATE, "guangming"),
    )
)


def names(text: str) -> list[str]:
    return [place.id for place in TREE.candidates(text)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("幸福里小区3栋门口", "xingfuli"),
        ("幸福里3栋", "xingfuli"),
        ("幸福里一期的路灯", "xingfuli"),
        ("南湖街道幸福社区", "xingfu"),
        ("南湖街道", "nanhu"),
        ("江南区北湖街道光明社区锦苑小区", "jinyuan-bei"),
        ("光明社区锦苑小区5栋", "jinyuan-bei"),
        ("南湖街道的锦苑小区", "jinyuan-nan"),
        ("幸福里社区活动室", "xingfuli-community"),
    ],
)
def test_a_place_is_found_in_what_people_write(text: str, place: str) -> None:
    found = TREE.resolve(text)
    assert found is not None
    assert found.id == place


@pytest.mark.parametrize("text", ["", "我家门口", "幸福大道的路灯", "锦苑小区5栋"])
def test_what_names_no_place_or_two_is_not_guessed(text: str) -> None:
    assert TREE.resolve(text) is None


def test_places_of_one_name_are_candidates_until_a_wider_one_decides() -> None:
    assert names("锦苑小区5栋") == ["jinyuan-nan", "jinyuan-bei"]
    assert names("光明社区锦苑小区5栋") == ["jinyuan-bei"]
    assert names("别处") == []


def test_path_and_inside() -> None:
    assert [place.id for place in TREE.path("xingfuli")] == [
        "jiangnan", "nanhu", "xingfuli-community", "xingfuli",
    ]  # fmt: skip
    assert TREE.path("nowhere") == ()
    assert TREE.within("nanhu") == (
        "nanhu",
        "xingfu",
        "xingfuli-community",
        "xingfuli",
        "jinyuan-nan",
    )
    assert len(TREE.within("jiangnan")) == len(list(TREE))
    assert TREE.within("nowhere") == ()
    street = TREE.get("nanhu")
    assert street is not None
    assert street.level is Level.STREET


@pytest.mark.parametrize(
    ("worker", "proposal", "covered"),
    [
        ("nanhu", "xingfuli", True),
        ("nanhu", "nanhu", True),
        ("jiangnan", "jinyuan-bei", True),
        ("xingfu", "nanhu", False),
        ("nanhu", "jinyuan-bei", False),
        ("", "xingfuli", True),
        ("xingfu", "", True),
        ("xingfu", "not in the tree", True),
        ("not in the tree", "xingfuli", False),
    ],
)
def test_each_level_covers_what_lies_in_it(worker: str, proposal: str, covered: bool) -> None:
    assert TREE.covers(worker, proposal) is covered


GOOD = """
- {id: jiangnan, name: 江南区, level: district}
- {id: nanhu, name: 南湖街道, level: street, parent: jiangnan, aliases: [南湖]}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "- {id: nanhu, name: 又一个, level: street}", "nanhu 出现了 2 次"),
        (GOOD + "- {id: a, name: 甲, level: community, parent: gone}", "gone 不存在"),
        (GOOD + "- {id: a, name: 甲, level: district, parent: nanhu}", "不能归在"),
        (GOOD + "- {id: a, name: 甲, level: street, parent: nanhu}", "不能归在"),
        (GOOD + "- {id: a, name: 甲, level: planet}", "2 → level"),
        (GOOD + "- {id: a, level: street}", "2 → name"),
        ("just words", "社区名册"),
        ("- [", "读不了"),
        ("\ufeff- {id: a", "读不了"),
    ],
)
def test_a_faulty_file_is_refused_with_the_entry(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "communities.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(CommunityError, match=words):
        Communities.load(path)


def test_files_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "communities.yml"
    path.write_text(GOOD, "utf-8")
    tree = Communities.load(path)
    assert [place.name for place in tree] == ["江南区", "南湖街道"]
    assert tree.resolve("南湖有个坑") == tree.get("nanhu")
    path.write_text("", "utf-8")
    assert list(Communities.load(path)) == []
    with pytest.raises(CommunityError, match="读不了"):
        Communities.load(tmp_path / "gone.yml")
    path.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(CommunityError, match="读不了"):
        Communities.load(path)


@pytest.mark.skipif(not SHIPPED.exists(), reason="no tree is shipped yet")
def test_the_shipped_example_is_sound() -> None:
    tree = Communities.load(SHIPPED)
    assert {place.level for place in tree} == set(Level)
    for place in tree:
        assert tree.covers(place.id, place.id)
        assert tree.resolve("".join(each.name for each in tree.path(place.id))) == place
