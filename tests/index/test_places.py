import pytest

from index.places import Place, circle_minutes, distance_metres, nearest_office, office_distance
from knowledge.service import Office

HERE = Place(30.0, 114.0, "幸福里")
NEAR = Office(name="近", latitude=30.001, longitude=114.0)
FAR = Office(name="远", latitude=30.1, longitude=114.0)
OWN = Office(name="本社区", latitude=30.2, longitude=114.0, community="幸福里")
NOWHERE = Office(name="没有坐标")


def test_a_minute_of_latitude_is_a_nautical_mile() -> None:
    assert distance_metres((30.0, 114.0), (30.0 + 1 / 60, 114.0)) == pytest.approx(1852, rel=0.003)


def test_half_way_round_the_earth() -> None:
    assert distance_metres((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20_015_000, rel=0.001)


@pytest.mark.parametrize(
    ("metres", "minutes"), [(0, 5), (400, 5), (401, 10), (1200, 15), (1201, None)]
)
def test_circles(metres: float, minutes: int | None) -> None:
    assert circle_minutes(metres) == minutes


def test_distance_is_known_only_between_known_places() -> None:
    assert office_distance(NEAR, HERE) == pytest.approx(111, rel=0.01)
    assert office_distance(NOWHERE, HERE) is None
    assert office_distance(NEAR, Place(community="幸福里")) is None


@pytest.mark.parametrize(
    ("offices", "place", "expected"),
    [
        ([FAR, NEAR, NOWHERE], HERE, NEAR),
        ([NEAR, OWN], HERE, OWN),
        ([FAR, NEAR], Place(), FAR),
        ([], HERE, None),
    ],
)
def test_nearest_office(offices: list[Office], place: Place, expected: Office | None) -> None:
    assert nearest_office(offices, place) == expected
