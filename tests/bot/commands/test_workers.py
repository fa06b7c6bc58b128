import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.commands import app
from bot.commands.parts import Parts
from bot.settings import Settings


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    home = tmp_path / "home"
    monkeypatch.setenv("LINLI_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    home.mkdir()
    tree = "- {id: xing, name: 幸福社区, level: community, aliases: [幸福居委会]}\n"
    (home / "communities.yml").write_text(tree, "utf-8")
    with Parts(Settings(_env_file=None, home=home)) as built:
        yield built


def ran(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["workers", *words])
    assert result.exit_code == code, result.output
    return result.stdout


def test_invited_listed_removed(parts: Parts) -> None:
    said = ran("invite", "--community", "幸福居委会", "--role", "admin")
    (line,) = said.splitlines()
    with parts.database.unit_of_work() as work:
        resident = work.people.meet("console", "li", "李干事")
        worker = work.people.redeem(line.removeprefix("/join "), resident.id)
    assert worker.community == "xing"
    listed = ran("list")
    assert "李干事" in listed
    assert "幸福社区" in listed
    with parts.database.read() as rows:
        assert [access.what for access in rows.people.accesses()] == ["invite"]
    assert "邀请" in ran("log")
    (line,) = ran("log", "--json", "--since", "2020-01-01").splitlines()
    assert json.loads(line)["subject"] == "xing"
    assert not ran("log", "--json", "--since", "2999-01-01")
    ran("remove", str(resident.id))
    assert "李干事" not in ran("list")
    ran("remove", str(resident.id), code=1)
