"""Logs hold no secrets, whoever writes them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import configure_logging

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz0123456"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_secrets_are_taken_out_of_messages_arguments_and_tracebacks() -> None:
    stream = io.StringIO()
    configure_logging("debug", "json", ["hook-secret"], stream)
    log = logging.getLogger("bot.test")
    log.info("asked https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info("proxy http://user:password@proxy:8080 and hook-secret")
    try:
        raise ValueError(f"https://api.telegram.org/bot{TOKEN}/sendMessage")
    except ValueError:
        log.exception("it failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["level"] for line in lines] == ["info", "info", "error"]
    assert "ValueError" in lines[2]["exception"]
    for secret in (TOKEN, TOKEN.split(":")[1], "hook-secret", "password"):
        assert secret not in stream.getvalue()


def test_libraries_that_log_addresses_are_quiet() -> None:
    stream = io.StringIO()
    configure_logging("debug", "readable", (), stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://example.org")
    logging.getLogger("telegram.request.BaseRequest").error("words of a resident")
    assert stream.getvalue() == ""


def test_a_readable_line_says_what_and_where() -> None:
    stream = io.StringIO()
    configure_logging("info", "readable", (), stream)
    logging.getLogger("bot.channels").warning("reply %d is given up", 7)
    assert "reply 7 is given up" in stream.getvalue()
    assert "bot.channels" in stream.getvalue()
    assert "\033" not in stream.getvalue()  # no colours in a file
