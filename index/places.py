"""How far a place is, and in which walking circle."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from knowledge.service import Office

_EARTH_RADIUS_METRES = 6_371_008.8
# The 5-, 10- and 15-minute living circles, for somebody who walks 80 metres a minute.
_METRES_A_MINUTE = 80.0
_CIRCLES = (5, 10, 15)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is: degrees, both or neither, and the community's name where known."""

    latitude: float | None = None
    longitude: float | None = None
    community: str = ""


def distance_metres(from_: tuple[float, float], to: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude) in degrees (haversine formula)."""
    latitude_1, longitude_1, latitude_2, longitude_2 = map(radians, (*from_, *to))
    half_chord = (
        sin((latitude_2 - latitude_1) / 2) ** 2
        + cos(latitude_1) * cos(latitude_2) * sin((longitude_2 - longitude_1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_METRES * asin(min(1.0, sqrt(half_chord)))


def circle_minutes(metres: float) -> int | None:
    """5, 10 or 15: the smallest living circle that holds this distance; None beyond them."""
    return next((each for each in _CIRCLES if metres <= each * _METRES_A_MINUTE), None)


def office_distance(office: Office, place: Place) -> float | None:
    """Metres from the place to the office, None where either has no coordinates."""
    if office.location is None or place.latitude is None or place.longitude is None:
        return None
    return distance_metres((place.latitude, place.longitude), office.location)


def nearest_office(offices: Iterable[Office], place: Place) -> Office | None:
    """The office of the person's own community, else the nearest one, else the first."""

    def order(numbered: tuple[int, Office]) -> tuple[bool, float, int]:
        number, office = numbered
        distance = office_distance(office, place)
        is_own = bool(place.community) and office.community == place.community
        return not is_own, float("inf") if distance is None else distance, number

    best = min(enumerate(offices), key=order, default=None)
    return best[1] if best else None
