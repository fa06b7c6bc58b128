"""What photos hide beside the picture: removed, but for the orientation that they need."""

from collections.abc import Sequence
from io import BytesIO
from math import isfinite
from typing import Any

from PIL import ExifTags, Image

from bot.messages import Location
from bot.storage.errors import UnacceptableFile


def location_of(content: bytes) -> Location | None:
    """Where a JPEG, PNG or WebP says that it was taken; None where it does not, or no such place.

    Exif 2.3, section 4.6.6: GPSLatitude and GPSLongitude are degrees, minutes and seconds, which
    cameras give on WGS 84; their Ref fields name the hemisphere. Cameras without a fix write zeros.
    Raises UnacceptableFile for a broken picture.
    """
    try:
        with Image.open(BytesIO(content)) as image:
            gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnacceptableFile("broken_photo") from error
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef))
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef))
    if latitude is None or longitude is None or (latitude, longitude) == (0.0, 0.0):
        return None
    on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return Location(latitude, longitude) if on_earth else None


def _degrees(parts: object, hemisphere: object) -> float | None:
    if not isinstance(parts, Sequence) or len(parts) != 3 or hemisphere not in ("N", "S", "E", "W"):
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    angle = degrees + minutes / 60 + seconds / 3600
    if not isfinite(angle):
        return None
    return -angle if hemisphere in ("S", "W") else angle


def without_metadata(content: bytes) -> bytes:
    """A JPEG, PNG or WebP without hidden data but its orientation.

    JPEG keeps its quantisation tables, so that the picture stays as good as it was; a picture that
    has no hidden data comes back untouched. Raises UnacceptableFile for a broken picture.
    """
    try:
        with Image.open(BytesIO(content)) as image:
            image.load()
            if not _has_metadata(image):
                return content
            options = _save_options(image)
            cleaned = BytesIO()
            image.save(cleaned, **options)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnacceptableFile("broken_photo") from error
    return cleaned.getvalue()


def _has_metadata(image: Image.Image) -> bool:
    hidden = {"exif", "xmp", "comment", "photoshop", "mp"}
    return (
        bool(image.getexif()) or bool(hidden & set(image.info)) or bool(getattr(image, "text", 0))
    )


def _save_options(image: Image.Image) -> dict[str, Any]:
    orientation = image.getexif().get(ExifTags.Base.Orientation)
    kept = Image.Exif()
    if orientation:
        kept[ExifTags.Base.Orientation] = orientation
    options: dict[str, Any] = {"exif": kept.tobytes() if orientation else b"", "xmp": b""}
    if image.format == "JPEG":
        return options | {"format": "JPEG", "quality": "keep", "comment": b""}
    if image.format == "MPO":  # several JPEGs in one file: the first is the photo
        return options | {"format": "JPEG", "quality": 95, "comment": b""}
    animated = getattr(image, "is_animated", False)
    return options | {"format": image.format, "save_all": animated}
