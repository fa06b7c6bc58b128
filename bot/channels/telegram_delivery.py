"""Sends one reply: as a new message or in place of an earlier one, with what hangs on it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.channels.channel import Undeliverable
from bot.channels.telegram_replies import as_html, inline_keyboard, request_keyboard, split
from bot.messages import Attachment, Reply, Request
from bot.responses import Responses
from bot.storage.outbox import Outgoing

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove

UNCHANGED = "message is not modified"
PHOTOS = ("image/jpeg", "image/png", "image/webp")
MAX_PHOTO_BYTES = 10_000_000
UPLOAD_SECONDS = 60


@dataclass(frozen=True)
class Delivery:
    """Sends replies through a bot."""

    bot: Bot
    username: str
    responses: Responses
    keyboards: dict[int, Request]
    """Which keyboard for sharing stands in which chat, as far as we remember."""

    async def deliver(self, chat: int, outgoing: Outgoing, edits: str = "") -> str:
        """The id of the message that holds the reply's buttons. Raises TelegramError."""
        reply = outgoing.reply
        if edits and await self._edit(chat, int(edits), reply):
            return edits
        sent = await self._send_text(chat, outgoing)
        for attachment in reply.attachments:
            await self._send_file(chat, attachment)
        if reply.location:
            await self.bot.send_location(chat, reply.location.latitude, reply.location.longitude)
        return str(sent.message_id) if sent else ""

    async def _edit(self, chat: int, message_id: int, reply: Reply) -> bool:
        """Whether the reply now stands where the earlier one stood."""
        pieces = split(reply.text)
        if len(pieces) != 1 or reply.attachments or reply.location:
            return False
        try:
            await self.bot.edit_message_text(
                as_html(pieces[0]),
                chat_id=chat,
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=inline_keyboard(reply.buttons, self.username),
            )
        except BadRequest as error:  # deleted by the resident, or too old: send it anew
            return UNCHANGED in error.message.lower()
        return True

    async def _send_text(self, chat: int, outgoing: Outgoing) -> Message | None:
        """Send the text, parted if it is long; what it offers hangs on the last part.

        A message has either buttons or a keyboard for sharing. Where a reply wants both, the
        keyboard comes with a message of its own, unless it stands there already; where buttons
        come and a keyboard is to go, the first line takes it away.
        """
        reply, sent = outgoing.reply, None
        pieces = split(reply.text)
        markups: list[Markup | None] = [*[None] * (len(pieces) - 1), self._markup(chat, outgoing)]
        is_outdated = chat in self.keyboards and reply.request is None and outgoing.in_reply_to
        if is_outdated and reply.buttons and "\n" in pieces[0]:
            pieces[:1] = (part.strip() for part in pieces[0].split("\n", 1))
            markups.insert(0, ReplyKeyboardRemove())
        for number, (piece, markup) in enumerate(zip(pieces, markups, strict=False)):
            sent = await self.bot.send_message(
                chat,
                as_html(piece),
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                reply_parameters=None if number else self._answered(chat, outgoing),
            )
            self._remember(chat, reply, markup)
        keyboard = request_keyboard(reply, self.responses.text)
        if sent and keyboard and chat > 0 and self.keyboards.get(chat) is not reply.request:
            share = self.responses.text("telegram.share_phone")
            await self.bot.send_message(chat, share, reply_markup=keyboard)
            self._remember(chat, reply, keyboard)
        return sent

    def _markup(self, chat: int, outgoing: Outgoing) -> Markup | None:
        """What hangs on the text; an answer puts away a keyboard that is no longer asked for."""
        reply, is_private = outgoing.reply, chat > 0
        if is_private and len(reply.buttons) <= 1:
            keyboard = request_keyboard(reply, self.responses.text)
            if keyboard is not None:
                return keyboard
        if reply.buttons or not is_private:
            return inline_keyboard(reply.buttons, self.username)
        return ReplyKeyboardRemove() if outgoing.in_reply_to else None

    def _remember(self, chat: int, reply: Reply, markup: Markup | None) -> None:
        if isinstance(markup, ReplyKeyboardRemove):
            self.keyboards.pop(chat, None)
        elif isinstance(markup, ReplyKeyboardMarkup) and reply.request is not None:
            self.keyboards[chat] = reply.request

    @staticmethod
    def _answered(chat: int, outgoing: Outgoing) -> ReplyParameters | None:
        """In a group, the message that is answered, so that everybody sees who is meant."""
        _, _, message = outgoing.in_reply_to.partition("/")
        if chat > 0 or not message.isdigit():
            return None
        return ReplyParameters(int(message), allow_sending_without_reply=True)

    async def _send_file(self, chat: int, attachment: Attachment) -> None:
        path = Path(attachment.path)
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise Undeliverable("file") from None
        if attachment.mime in PHOTOS and len(content) <= MAX_PHOTO_BYTES:
            await self.bot.send_photo(chat, content, write_timeout=UPLOAD_SECONDS)
        else:
            name = attachment.name or path.name
            await self.bot.send_document(chat, content, filename=name, write_timeout=UPLOAD_SECONDS)
