"""Logs: readable or JSON, one line an event, never a secret.

Everything that is logged, by us or by a library, passes through one formatter, which takes out
secrets from the finished line. Libraries that log addresses (which hold the bot's token) or what
residents write are kept quiet besides.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

TOKEN = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")
"""What a Telegram bot's token looks like, also within an address."""

USER_INFO = re.compile(r"(?<=://)[^/\s@]+@")
"""User name and password in an address, such as a proxy's."""

HIDDEN = "***"
QUIET = {
    "httpx": logging.WARNING,  # logs each address at INFO
    "httpcore": logging.WARNING,
    "telegram": logging.CRITICAL + 1,  # logs answers that it cannot read, word for word
    "uvicorn": logging.WARNING,
    "asyncio": logging.WARNING,
    "faiss": logging.WARNING,  # tells at each start which builds of it are not there
}


class Redactor:
    """Takes secrets out of text: those it was given, and what looks like a token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted((each for each in secrets if each), key=len, reverse=True)

    def redact(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return USER_INFO.sub(f"{HIDDEN}@", TOKEN.sub(HIDDEN, text))

    def __call__(self, logger: WrappedLogger, name: str, line: EventDict | str) -> str:
        """The last processor: works on the finished line, so nothing comes after it."""
        return self.redact(str(line))


def configure_logging(
    level: str = "info",
    style: str = "readable",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send all logs to `stream` (standard error); `style` is readable or json."""
    stream = stream or sys.stderr
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper("iso", utc=True),
    ]
    finish: list[Processor]
    if style == "json":
        as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
        finish = [structlog.processors.format_exc_info, as_json]
    else:
        plain = structlog.dev.plain_traceback
        finish = [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *finish,
            Redactor(secrets),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(quiet)
