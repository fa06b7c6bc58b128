import re

import pytest

from bot.settings import Settings, SettingsError, load_settings


def test_defaults_need_nothing_set() -> None:
    settings = load_settings({})
    assert settings.encoder == "bundled"
    assert settings.database_path.name == "linli.db"


def test_all_faults_are_named_at_once_without_their_values() -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings(
            {
                "LINLI_TIME_ZONE": "Mars/Olympus",
                "LINLI_WORKERS": "many",
                "LINLI_ENCODER": "word2vec",
                "LINLI_TELEGRAM_TOKEN": "secret token",
                "LINLI_TELEGRAM_PROXY": "user:secret@proxy",
                "LINLI_TELEGRAM_API_URL": "api.example.org",
                "LINLI_TELEGRAM_WEBHOOK_URL": "http://bot.example.org/hook",
                "LINLI_TELEGRAM_WEBHOOK_SECRET": "secret word",
                "LINLI_TELEGRAM_MESSAGES_PER_SECOND": "0",
                "LINLI_OPERATIONS_PORT": "99999",
                "LINLI_LOG_FORMAT": "xml",
                "LINLI_BLOCKED_SENDERS": "11, 小明",
            }
        )
    message = str(raised.value)
    assert re.findall(r"^  (LINLI_\w+)：", message, re.MULTILINE) == [
        "LINLI_TIME_ZONE",
        "LINLI_ENCODER",
        "LINLI_TELEGRAM_TOKEN",
        "LINLI_TELEGRAM_WEBHOOK_URL",
        "LINLI_TELEGRAM_WEBHOOK_SECRET",
        "LINLI_TELEGRAM_API_URL",
        "LINLI_TELEGRAM_PROXY",
        "LINLI_TELEGRAM_MESSAGES_PER_SECOND",
        "LINLI_OPERATIONS_PORT",
        "LINLI_WORKERS",
        "LINLI_LOG_FORMAT",
        "LINLI_BLOCKED_SENDERS",
    ]
    assert "secret" not in message
    assert "should" not in message  # all in the language of who runs it


def test_secrets_are_hidden() -> None:
    settings = load_settings({"LINLI_TELEGRAM_TOKEN": "123:hidden"})
    assert "hidden" not in repr(settings)
    assert "hidden" not in str(settings.model_dump())


def test_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_BLOCKED_SENDERS", "11, 22")
    assert Settings(_env_file=None).blocked_senders == ("11", "22")


def test_webhook_must_be_https() -> None:
    with pytest.raises(SettingsError, match="https"):
        load_settings({"LINLI_TELEGRAM_WEBHOOK_URL": "http://example.org"})
