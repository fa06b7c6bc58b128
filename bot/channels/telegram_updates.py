"""Telegram's updates as messages. Pure functions of the update's JSON.

A message is known by `CHAT/MESSAGE`, so that an edit can name the one that it corrects; every
other update by its own number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.channel import Incoming, Malformed, Membership, RemoteFile
from bot.messages import Location, Message
from bot.slash_commands import COMMANDS

CHANNEL = "telegram"
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that we ask Telegram for (`allowed_updates`)."""

FILES = ("document", "voice", "audio", "video", "video_note")
SPEECHLESS = ("sticker", "poll", "dice", "animation", "story", "game")
"""Content without words for us; the assistant says what it can read instead.

The library never gets to see it: it refuses a whole message for what a Bot API server of another
version leaves out of a poll in it.
"""

GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
COMMAND = re.compile(r"(/[A-Za-z_]+)@(\w+)")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are on Telegram: the bot's number and user name."""

    id: int
    username: str


def update_key(raw: Mapping[str, Any]) -> str:
    """The id under which an unreadable or wordless update stands in the inbox."""
    return f"u{raw['update_id']}"


def read_update(
    raw: Mapping[str, Any], us: Identity, now: datetime
) -> Incoming | Membership | None:
    """What an update says to us; None when it is of a kind we do not know or not addressed to us.

    `now` (aware UTC) dates what carries no time of its own. Raises Malformed.
    """
    try:
        update = telegram.Update.de_json(_readable(raw), None)
        if update.my_chat_member:
            return _membership(update.my_chat_member)
        if update.callback_query:
            return _press(update.callback_query, update.update_id, now)
        if update.message:
            return _message(update.message, raw["message"], us)
        if update.edited_message:
            return _edit(update.edited_message, raw["edited_message"], update.update_id, us)
    except Exception as error:  # whatever the library stumbles over in foreign JSON
        raise Malformed(type(error).__name__) from None
    return None


def _readable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The update without what we do not read."""
    readable = dict(raw)
    for kind in ("message", "edited_message"):
        if kind in raw:
            message = {key: raw[kind][key] for key in raw[kind] if key not in SPEECHLESS}
            if answered := message.get("reply_to_message"):
                told = ("message_id", "date", "chat", "from")
                message["reply_to_message"] = {
                    key: answered[key] for key in told if key in answered
                }
            readable[kind] = message
    return readable


def _membership(change: telegram.ChatMemberUpdated) -> Membership | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    return Membership(str(change.from_user.id), change.new_chat_member.status in GONE)


def _press(query: telegram.CallbackQuery, update_id: int, now: datetime) -> Incoming | None:
    if query.message is None or not query.data:
        return None
    message = Message(
        id=f"u{update_id}",
        channel=CHANNEL,
        conversation_id=_conversation(query.message.chat, query.from_user),
        sender_id=str(query.from_user.id),
        sender_name=query.from_user.full_name,
        text="",
        sent_at=now,
        button=query.data,
        public=query.message.chat.type != ChatType.PRIVATE,
    )
    return Incoming(message, callback=query.id)


def _edit(
    edited: telegram.Message, raw: Mapping[str, Any], update_id: int, us: Identity
) -> Incoming | None:
    """An edit corrects words; a live location that moves on is none."""
    incoming = _message(edited, raw, us)
    if incoming is None or edited.location:
        return None
    original = incoming.message.id
    return replace(
        incoming,
        message=replace(incoming.message, id=f"u{update_id}", edited=original),
        album="",
    )


def _message(given: telegram.Message, raw: Mapping[str, Any], us: Identity) -> Incoming | None:
    sender = given.from_user
    if sender is None or sender.is_bot or not _has_content(raw):
        return None
    public = given.chat.type != ChatType.PRIVATE
    if public and not _is_addressed(given, us):
        return None
    message = Message(
        id=f"{given.chat.id}/{given.message_id}",
        channel=CHANNEL,
        conversation_id=_conversation(given.chat, sender),
        sender_id=str(sender.id),
        sender_name=sender.full_name,
        text=_text(given, raw, us),
        sent_at=given.date,
        location=_location(given),
        forwarded=given.forward_origin is not None,
        reply_to=_replied(given),
        phone=given.contact.phone_number if given.contact else "",
        public=public,
    )
    return Incoming(message, _files(given), given.media_group_id or "")


def _conversation(chat: telegram.Chat, sender: telegram.User) -> str:
    """A private chat, or one person's talk with us within a group."""
    return str(chat.id) if chat.type == ChatType.PRIVATE else f"{chat.id}/{sender.id}"


def _has_content(raw: Mapping[str, Any]) -> bool:
    """Whether it is something that a person sent, not a notice such as “joined the group”."""
    kinds = ("text", "caption", "photo", "location", "venue", "contact", *FILES, *SPEECHLESS)
    return any(raw.get(kind) for kind in kinds)


def _is_addressed(given: telegram.Message, us: Identity) -> bool:
    """Whether a group's message is meant for us: it names us, answers us or is our command."""
    text = given.text or given.caption or ""
    answered = given.reply_to_message
    if answered and answered.from_user and answered.from_user.id == us.id:
        return True
    if command := re.match(r"/([A-Za-z_]+)(@\w+)?", text):
        if command[2] is None:  # in a group with other bots it may be meant for one of them
            return command[1].lower() in COMMANDS
        return command[2][1:].lower() == us.username.lower()
    return _mention(us).search(text) is not None


def _mention(us: Identity) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(us.username)}\b", re.IGNORECASE | re.ASCII)


def _text(given: telegram.Message, raw: Mapping[str, Any], us: Identity) -> str:
    text = given.text or given.caption or ""
    if given.venue:
        text = f"{given.venue.title} {given.venue.address}".strip()
    elif sticker := raw.get("sticker"):
        text = sticker.get("emoji", "")
    text = COMMAND.sub(lambda match: match[1], text, count=1) if text[:1] == "/" else text
    return _mention(us).sub("", text).strip()


def _location(given: telegram.Message) -> Location | None:
    place = given.venue.location if given.venue else given.location
    return Location(place.latitude, place.longitude) if place else None


def _replied(given: telegram.Message) -> str:
    answered = given.reply_to_message
    return f"{given.chat.id}/{answered.message_id}" if answered else ""


def _files(given: telegram.Message) -> tuple[RemoteFile, ...]:
    files = []
    if given.photo:
        largest = given.photo[-1]
        files.append(RemoteFile(largest.file_id, "image/jpeg", "", largest.file_size or 0))
    for kind in FILES:
        if file := getattr(given, kind):
            mime = getattr(file, "mime_type", None) or ""
            name = getattr(file, "file_name", None) or ""
            files.append(RemoteFile(file.file_id, mime, name, file.file_size or 0))
    return tuple(files)
