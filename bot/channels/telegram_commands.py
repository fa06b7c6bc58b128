"""The menu of commands that Telegram shows: one for residents, a longer one for workers."""

import logging
from contextlib import suppress

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden

from bot.channels.storing import Storing
from bot.channels.telegram_updates import CHANNEL
from bot.responses import Responses
from bot.storage.records import Role

log = logging.getLogger(__name__)

RESIDENT = ("propose", "service", "policy", "status", "human", "privacy", "help", "cancel")
WORKER = ("list", "due", "new", "tickets", "mine", "export")
ADMIN = ("invite",)
GROUP = ("service", "policy", "help")


class Menus:
    """Keeps the menus of Telegram in step with who is enrolled."""

    def __init__(self, bot: Bot, storing: Storing, responses: Responses) -> None:
        self._bot = bot
        self._storing = storing
        self._responses = responses
        self._told: dict[str, Role] | None = None

    async def update(self) -> None:
        """Tell Telegram what has changed since the last time. Raises TelegramError."""
        workers = await self._storing.read(lambda rows: rows.people.workers())
        roles = {each.external_id: each.role for each in workers if each.channel == CHANNEL}
        if self._told is None:
            await self._bot.set_my_commands(self._menu(RESIDENT))
            await self._bot.set_my_commands(self._menu(GROUP), scope=BotCommandScopeAllGroupChats())
            self._told = {}
        for person in self._told.keys() - roles.keys():
            with suppress(BadRequest, Forbidden):
                await self._bot.delete_my_commands(scope=BotCommandScopeChat(int(person)))
            del self._told[person]
        for person, role in roles.items():
            if self._told.get(person) is not role:
                await self._greet(person, role)
                self._told[person] = role

    async def _greet(self, person: str, role: Role) -> None:
        names = (*WORKER, *(ADMIN if role is Role.ADMIN else ()), *RESIDENT)
        try:
            await self._bot.set_my_commands(
                self._menu(names), scope=BotCommandScopeChat(int(person))
            )
        except (BadRequest, Forbidden) as error:  # has left or blocked us: needs no menu
            log.warning("no menu for a worker: %s", type(error).__name__)

    def _menu(self, names: tuple[str, ...]) -> list[BotCommand]:
        return [
            BotCommand(name, self._responses.text(f"telegram.commands.{name}")) for name in names
        ]
