"""Shared by all tests: the assistant with its real parts, in a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from bot.commands.parts import Parts
from bot.settings import Settings

# How long an example takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile("linli", deadline=None)
hypothesis.settings.load_profile("linli")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as a fresh installation has them, but for the home."""
    return Settings(_env_file=None, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def parts(settings: Settings) -> Iterator[Parts]:
    """Everything real, built once; use a user of your own in each test."""
    with Parts(settings) as built:
        yield built


@pytest.fixture
def fresh(parts: Parts, tmp_path: Path) -> Iterator[Parts]:
    """The same encoder, classifiers and index, over an empty database."""
    shared = (
        "encoder",
        "embedded",
        "classifier",
        "categories",
        "shipped_root",
        "finder",
        "cross_encoder",
    )
    with Parts(parts.settings.model_copy(update={"home": tmp_path / "home"})) as built:
        built.__dict__.update({name: getattr(parts, name) for name in shared})
        yield built


@pytest.fixture
def sample_data() -> Path:
    """Real data beside the checkout, to try things on; skips where there is none."""
    folder = Path(__file__).parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no sample data beside the checkout")
    return folder
