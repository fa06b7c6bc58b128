"""Between Python values and what SQLite keeps: text that UTF-8 can hold, ISO times, JSON."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from bot.messages import Message, Reply

T = TypeVar("T")


def storable(text: str) -> str:
    """`text` as SQLite can hold it: lone surrogates become U+FFFD, NUL characters go.

    Telegram and terminals both let such characters through; a row must not fail on them.
    """
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return paired.replace("\0", "")


def iso(moment: datetime) -> str:
    """Aware `moment` as UTC ISO-8601 of fixed length, so that text order is time order."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def column(value: object) -> object:
    """One Python value as a column value."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return storable(value)
    return value


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def record(cls: Callable[..., T], row: dict[str, Any]) -> T:
    """The dataclass `cls` from a database row (columns it does not know are ignored)."""
    value: T = _adapter(cls).validate_python(row)
    return value


def _default(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"cannot be stored as JSON: {type(value).__name__}")


def _dump(value: Message | Reply) -> str:
    return storable(json.dumps(asdict(value), ensure_ascii=False, default=_default))


def dump_message(message: Message) -> str:
    """The whole message as JSON."""
    return _dump(message)


def load_message(body: str) -> Message:
    """The message that `dump_message` wrote."""
    message: Message = _adapter(Message).validate_json(body)
    return message


def dump_reply(reply: Reply) -> str:
    """The whole reply as JSON."""
    return _dump(reply)


def load_reply(body: str) -> Reply:
    """The reply that `dump_reply` wrote."""
    reply: Reply = _adapter(Reply).validate_json(body)
    return reply
