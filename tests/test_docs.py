"""The documents say what is so: commands, targets and settings of the READMEs exist."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh.md")


@pytest.fixture(scope="module")
def reference() -> str:
    """The reference of all commands, made from the commands themselves."""
    done = subprocess.run(
        [sys.executable, "-m", "typer", "bot.commands", "utils", "docs", "--name", "linli"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout


def test_command_reference_is_up_to_date(reference: str) -> None:
    """Mend it with `make docs`."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8").strip() == reference.strip()


@pytest.mark.parametrize("name", READMES)
def test_commands_of_the_readme_exist(name: str, reference: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    shown = re.findall(r"^\.venv/bin/linli (.+?)(?:\s+#.*)?$", text, re.MULTILINE)
    assert shown
    for line in shown:
        words = line.split()
        nouns = [word for word in words if re.fullmatch(r"[a-z][a-z-]+", word)][:2]
        known = f"## `linli {' '.join(nouns)}`" in reference
        assert known or f"## `linli {nouns[0]}`" in reference, line
        for option in re.findall(r"--[a-z-]+", line):
            assert f"`{option}" in reference, line


@pytest.mark.parametrize("name", READMES)
def test_targets_of_the_readme_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"`?make ([a-z-]+)", text))
    assert {"chat", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("name", READMES)
def test_settings_of_the_readme_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for variable in set(re.findall(rf"{PREFIX}[A-Z_]+", text)):
        assert variable.removeprefix(PREFIX).lower() in Settings.model_fields, variable


@pytest.mark.parametrize("path", [*READMES, "CHANGELOG.md", *map(str, Path("docs").glob("*.md"))])
def test_links_lead_somewhere(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith(("http://", "https://")):
            assert ((ROOT / path).parent / target).exists(), target


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    reasons = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    block = project.split("dependencies = [", 1)[1].split("]", 1)[0]
    for package in re.findall(r'"([A-Za-z0-9-]+)', block):
        assert package in reasons, package


def test_both_readmes_have_the_same_parts() -> None:
    headings = [
        len(re.findall(r"^## ", (ROOT / name).read_text("utf-8"), re.MULTILINE)) for name in READMES
    ]
    assert headings[0] == headings[1]


def test_what_docs_deploy_has_to_copy_is_well_formed() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for name in re.findall(r"LINLI_([A-Z_]+)", text):
        assert name.lower() in Settings.model_fields, name
    (unit,) = re.findall(r"```ini\n(.*?)```", text, re.DOTALL)
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # names keep their case
    parser.read_string(unit)
    assert parser["Service"]["ExecStart"].endswith("linli serve")
    (compose,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    service = yaml.safe_load(compose)["services"]["linli"]
    assert 'CMD ["linli", "serve"]' in service["build"]["dockerfile_inline"]
    assert ".env" in (ROOT / ".dockerignore").read_text("utf-8").split()  # no secret in an image
