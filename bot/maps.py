"""Links that open a point in a map."""

from bot.messages import Location


def map_link(place: Location) -> str:
    """A link that opens a point in a map that is at home in China (Amap's URI API)."""
    return (
        f"https://uri.amap.com/marker?position={place.longitude},{place.latitude}&coordinate=wgs84"
    )
