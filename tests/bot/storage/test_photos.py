from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from bot.messages import Location
from bot.storage.errors import UnacceptableFile
from bot.storage.photos import location_of, without_metadata
from tests.bot.pictures import PLACE, picture

PHOTO = picture()


def test_the_fixture_really_hides_a_place() -> None:
    gps = Image.open(BytesIO(picture())).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert gps[2] == PLACE[2]


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"comment": "secret comment", "quality": 85}),
        ("JPEG", {"xmp": b"<x:xmpmeta>secret place</x:xmpmeta>"}),
        ("PNG", {}),
        ("WEBP", {"xmp": b"<x:xmpmeta>secret place</x:xmpmeta>"}),
    ],
)
def test_a_photo_loses_all_hidden_data_but_its_orientation(
    form: str, options: dict[str, Any]
) -> None:
    before = picture(form, **options)
    after = without_metadata(before)
    assert b"secret" in before
    assert b"secret" not in after
    with Image.open(BytesIO(after)) as image:
        exif = image.getexif()
        assert dict(exif) == {ExifTags.Base.Orientation: 6}
        assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
        assert "xmp" not in image.info
        assert (image.format, image.size) == (form, (64, 48))
    assert without_metadata(after) != before


def test_words_hidden_in_a_png_go() -> None:
    info = PngInfo()
    info.add_text("Comment", "secret place")
    assert b"secret" not in without_metadata(picture("PNG", hidden=False, pnginfo=info))


def test_a_jpeg_stays_as_good_as_it_was() -> None:
    before = picture(quality=85)
    with Image.open(BytesIO(before)) as old, Image.open(BytesIO(without_metadata(before))) as new:
        assert old.quantization == new.quantization  # type: ignore[attr-defined]


def test_an_animation_stays_one() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    content = BytesIO()
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:], xmp=b"<x>secret</x>")
    with Image.open(BytesIO(without_metadata(content.getvalue()))) as image:
        assert image.n_frames == 3


def test_a_photo_without_hidden_data_is_untouched() -> None:
    plain = picture(hidden=False)
    assert without_metadata(plain) == plain


def test_a_picture_that_unpacks_to_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(UnacceptableFile, match="broken_photo"):
        without_metadata(picture())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_says_where_it_was_taken(form: str) -> None:
    south = PLACE | {1: "S", 3: "W"}
    assert location_of(picture(form)) == Location(30 + 35 / 60 + 1 / 3600, 114 + 17 / 60 + 2 / 3600)
    there = location_of(picture(form, place=south))
    assert there is not None
    assert (there.latitude < 0, there.longitude < 0) == (True, True)


@pytest.mark.parametrize(
    "place",
    [
        {},
        {1: "N", 2: PLACE[2]},
        PLACE | {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        PLACE | {2: (91.0, 0.0, 0.0)},
        PLACE | {1: "?"},
        PLACE | {2: (30.0, 35.0)},
    ],
)
def test_no_place_and_no_such_place_are_none(place: dict[int, Any]) -> None:
    assert location_of(picture(place=place)) is None


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.binary(max_size=40), st.integers(0, 400))
def test_damaged_data_is_a_place_on_earth_none_or_refused(noise: bytes, at: int) -> None:
    content = bytearray(PHOTO)
    content[at : at + len(noise)] = noise
    try:
        place = location_of(bytes(content))
    except UnacceptableFile:
        return
    assert place is None or (abs(place.latitude) <= 90 and abs(place.longitude) <= 180)
