"""The webhook: for who knows the secret, answered once it is stored; health and metrics."""

import socket
from pathlib import Path

import httpx

from bot.storage.database import Database
from tests.bot.channels.bot_api import BotApi, post_update
from tests.bot.channels.conftest import serving, settings_for
from tests.bot.channels.parrot import Parrot

SECRET = "a-secret_of-the-webhook"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_updates_come_by_webhook(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    port, operations = free_port(), free_port()
    settings = settings_for(
        api,
        tmp_path,
        telegram_webhook_url="https://linli.example/hook",
        telegram_webhook_secret=SECRET,
        telegram_webhook_port=port,
        operations_port=operations,
    )
    url = f"http://127.0.0.1:{port}/hook"
    update = {"update_id": 77, "message": api.message(5, "你好")}
    with serving(settings, database, parrot):
        api.wait(lambda: api.webhook.get("url"))
        assert api.webhook["url"] == "https://linli.example/hook"
        assert api.webhook["secret_token"] == SECRET
        assert post_update(url, update) == 403
        assert post_update(url, update, "wrong") == 403
        assert sum(_depth(database).values()) == 0
        assert post_update(url, update, SECRET) == 200
        assert sum(_depth(database).values()) == 1
        assert post_update(url, update, SECRET) == 200  # Telegram posts again what it doubts
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        for junk in (b"{", b"\xff", b"[" * 100_000):
            assert httpx.post(url, content=junk, headers=headers).status_code == 400
        assert httpx.post(url, content=b"x" * 1_100_000, headers=headers).status_code == 413
        assert httpx.get(url, headers=headers).status_code == 405
        api.wait(lambda: "1 你好" in api.texts(5))
        health = httpx.get(f"http://127.0.0.1:{operations}/healthz")
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        metrics = httpx.get(f"http://127.0.0.1:{operations}/metrics").text
    assert len(parrot.heard) == 1
    for name in (
        'linli_messages_total{channel="telegram",intent="echo"}',
        'linli_outbox_depth{channel="telegram",state="pending"}',
        "linli_handling_seconds_bucket",
        "linli_unanswered_share 0.0",
    ):
        assert name in metrics


def _depth(database: Database) -> dict[str, int]:
    with database.read() as rows:
        return rows.inbox.depth("telegram")
