"""Dead letters, and the QR code, from the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.clock import SystemClock
from bot.commands import app
from bot.messages import Reply
from bot.storage.database import Database

run = CliRunner()


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    database = Database(tmp_path / "linli.db", SystemClock(), "Asia/Shanghai")
    with database.unit_of_work() as work:
        work.inbox.receive_raw("telegram", "5/1", "5", '{"text": "悄悄话"}', "5")
        work.inbox.mark_failed("telegram", "5/1", ValueError, max_attempts=1)
        number = work.outbox.add("telegram", "5", Reply("悄悄的回复"))
        work.outbox.mark_dead(number, OSError)
    return database


def test_letters_are_listed_without_their_words(database: Database) -> None:
    shown = run.invoke(app, ["queue", "list"])
    assert shown.exit_code == 0
    assert "ValueError" in shown.output
    assert "OSError" in shown.output
    assert "悄悄" not in shown.output


def test_letters_are_tried_again(database: Database) -> None:
    assert run.invoke(app, ["queue", "retry", "5/1"]).exit_code == 0
    with database.read() as rows:
        assert rows.inbox.depth("telegram")["pending"] == 1
        assert rows.outbox.depth("telegram")["dead"] == 1
    assert "2" not in run.invoke(app, ["queue", "retry", "--all"]).output
    assert "没有" in run.invoke(app, ["queue", "list"]).output
    assert run.invoke(app, ["queue", "retry", "nothing"]).exit_code == 1
    assert run.invoke(app, ["queue", "retry"]).exit_code == 2


def test_a_qr_code_is_drawn_and_written(database: Database, tmp_path: Path) -> None:
    shown = run.invoke(app, ["qr", "propose", "--username", "@linli_bot"])
    assert shown.output.strip().endswith("https://t.me/linli_bot?start=propose")
    poster = tmp_path / "poster.png"
    assert run.invoke(app, ["qr", "--username", "linli_bot", "--out", str(poster)]).exit_code == 0
    assert poster.read_bytes().startswith(b"\x89PNG")
    assert run.invoke(app, ["qr", "路灯", "--username", "linli_bot"]).exit_code == 2
    assert run.invoke(app, ["qr", "--username", "b", "--out", "x.doc"]).exit_code == 2


def test_serving_without_a_token_is_one_clear_line(database: Database) -> None:
    failed = run.invoke(app, ["serve"])
    assert failed.exit_code != 0
    assert "LINLI_TELEGRAM_TOKEN" in str(failed.exception) + failed.output
