"""Runs `linli` as a program, in a home of its own, with the artefacts that are built already."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def linli(home: Path) -> Run:
    """`linli("ask", "…", stdin="…")` gives the finished process."""

    def run(
        *arguments: str,
        stdin: str = "",
        environment: dict[str, str] | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "bot.commands", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**os.environ, "LINLI_HOME": str(home), **(environment or {})},
        )

    return run
