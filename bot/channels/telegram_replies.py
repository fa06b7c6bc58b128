"""Our replies in Telegram's terms: HTML, keyboards, and messages that are not too long."""

import html
import re
from collections.abc import Callable, Iterator

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from bot.messages import Button, Reply, Request
from bot.slash_commands import CODE

MAX_MESSAGE = 4096
"""Telegram's limit for one message, in UTF-16 code units after the markup is taken out."""

SENTENCE = re.compile(r".*?(?:[。！？!?；;\n]+[”』」）)]*|$)", re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(\S.*?)\s*$", re.MULTILINE)
"""A heading as documents have it, in a quoted original."""

LINK = "link:"
"""A button `link:NAME` opens a private chat with us and starts it with NAME."""

WIDEST_OF_THREE, WIDEST_OF_TWO = 5, 9
"""The most characters on a button where three or two of them share a row on a small screen."""


def split(text: str, limit: int = MAX_MESSAGE) -> list[str]:
    """The text in pieces of at most `limit` UTF-16 units, parted between sentences.

    A sentence that is longer than that is cut where it must be, never within a character.
    """
    pieces = [""]
    for sentence in _pieces(text, limit):
        if _units(pieces[-1] + sentence) > limit:
            pieces.append("")
        pieces[-1] += sentence
    return [piece.strip() for piece in pieces if piece.strip()]


def _pieces(text: str, limit: int) -> Iterator[str]:
    for sentence in SENTENCE.findall(text):
        while _units(sentence) > limit:
            cut = limit // 2  # a character takes at most two units
            yield sentence[:cut]
            sentence = sentence[cut:]
        yield sentence


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def as_html(text: str) -> str:
    """Plain text as Telegram's HTML: headings bold, a proposal's code copied by a tap on it."""
    escaped = HEADING.sub(r"<b>\1</b>", html.escape(text, quote=False))
    return CODE.sub(lambda match: f"<code>{match[0]}</code>", escaped)


def button_rows(buttons: tuple[Button, ...]) -> list[tuple[Button, ...]]:
    """Buttons in rows of three, two or one, by how long their labels are."""
    widest = max((len(button.label) for button in buttons), default=0)
    if widest <= WIDEST_OF_THREE and len(buttons) != 4:
        width = 3
    else:
        width = 2 if widest <= WIDEST_OF_TWO else 1
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def inline_keyboard(buttons: tuple[Button, ...], username: str) -> InlineKeyboardMarkup | None:
    """Buttons under a message; None when there are none."""
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [[_inline(button, username) for button in row] for row in button_rows(buttons)]
    )


def _inline(button: Button, username: str) -> InlineKeyboardButton:
    if button.id.startswith(LINK):
        start = button.id.removeprefix(LINK)
        return InlineKeyboardButton(button.label, url=deep_link(username, start))
    return InlineKeyboardButton(button.label, callback_data=button.id)


def deep_link(username: str, start: str = "") -> str:
    """The address that opens a chat with the bot, for a button, a message or a poster."""
    return f"https://t.me/{username}" + (f"?start={start}" if start else "")


def request_keyboard(reply: Reply, say: Callable[[str], str]) -> ReplyKeyboardMarkup | None:
    """The keyboard by which a person shares a phone number or place; None when not asked for.

    `say` gives the words of a key of the responses. Where the reply has a single button it stands
    beside, as a key with the same label.
    """
    if reply.request is None:
        return None
    if reply.request is Request.PHONE:
        share = KeyboardButton(say("proposal.phone_button"), request_contact=True)
    else:
        share = KeyboardButton(say("proposal.place_button"), request_location=True)
    beside = [KeyboardButton(button.label) for button in reply.buttons[:1]]
    keys = [[share], beside] if len(reply.buttons) == 1 else [[share]]
    return ReplyKeyboardMarkup(keys, resize_keyboard=True, one_time_keyboard=True)
