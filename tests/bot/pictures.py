"""Photos as phones send them."""

from io import BytesIO
from typing import Any

from PIL import ExifTags, Image

PLACE = {1: "N", 2: (30.0, 35.0, 1.0), 3: "E", 4: (114.0, 17.0, 2.0)}


def picture(
    form: str = "JPEG", *, hidden: bool = True, place: dict[int, Any] = PLACE, **options: Any
) -> bytes:
    """A small picture with a place, a camera and an orientation in its hidden data."""
    image = Image.effect_noise((64, 48), 50).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Model] = "secret camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    content = BytesIO()
    image.save(content, form, **({"exif": exif} if hidden else {}), **options)
    return content.getvalue()
