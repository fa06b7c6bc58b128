"""Telegram: our own polling loop (or webhook), so that nothing is acknowledged before it is stored.

`Bot.get_updates` raises for a whole batch when one update in it is malformed, so updates are taken
raw and read one by one.
"""

import asyncio
import json
import logging
import os
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.channels.channel import (
    ChannelError,
    Incoming,
    Malformed,
    Membership,
    RemoteFile,
    TryLater,
    Undeliverable,
    Unreachable,
)
from bot.channels.reception import Arrival, Reception
from bot.channels.telegram_delivery import Delivery
from bot.channels.telegram_updates import CHANNEL, WANTED, Identity, read_update, update_key
from bot.messages import Attachment, Request
from bot.responses import Responses
from bot.storage.errors import StorageError
from bot.storage.outbox import Outgoing

log = logging.getLogger(__name__)

API = "https://api.telegram.org"
POLL_SECONDS = 25
"""How long Telegram may hold a request for updates open."""

TYPING_AFTER_SECONDS = 0.5
TYPING_EVERY_SECONDS = 4.5
"""Telegram shows the indicator for five seconds."""

TYPING_AT_MOST = 20
"""With more chats waiting, the indicator would cost the time that their answers need."""

LONGEST_WAIT_SECONDS = 60.0
GONE = ("chat not found", "user not found", "user is deactivated", "peer_id_invalid")

# The library would rather have us use `get_updates`; why we do not, see above.
warnings.filterwarnings("ignore", r"Please use 'Bot\.getUpdates'", PTBUserWarning)

# The library's switch by which `RetryAfter.retry_after` is a timedelta, as it is to be always.
os.environ.setdefault("PTB_TIMEDELTA", "true")


class Webhook(Protocol):
    """Takes updates over HTTP instead of asking for them."""

    secret: str

    async def serve(self, take: Callable[[list[Any]], Awaitable[None]]) -> None:
        """Hand over what Telegram posts until cancelled; answer once it is stored."""


@dataclass(frozen=True)
class Address:
    """Where Telegram is reached: the token, the API's URL and a proxy, each empty for none."""

    token: str
    api_url: str = ""
    proxy: str = ""

    def bot(self, poll_seconds: float = POLL_SECONDS) -> Bot:
        """The library's bot at this address. Raises ChannelError."""
        base = self.api_url.rstrip("/") or API
        try:
            return Bot(
                self.token,
                base_url=f"{base}/bot",
                base_file_url=f"{base}/file/bot",
                request=HTTPXRequest(
                    connection_pool_size=64,
                    read_timeout=20,
                    connect_timeout=10,
                    pool_timeout=10,
                    proxy=self.proxy or None,
                ),
                get_updates_request=HTTPXRequest(
                    connection_pool_size=1,
                    read_timeout=poll_seconds + 10,
                    connect_timeout=10,
                    pool_timeout=10,
                    proxy=self.proxy or None,
                ),
            )
        except InvalidToken:
            raise ChannelError(BAD_TOKEN) from None
        except (ValueError, RuntimeError):
            raise ChannelError(BAD_PROXY) from None


BAD_TOKEN = "LINLI_TELEGRAM_TOKEN 不对：Telegram 不认这个令牌，请向 @BotFather 核对。"
BAD_PROXY = "LINLI_TELEGRAM_PROXY 不能用，请写成 http://地址:端口；用 socks5 需另装 httpx[socks]。"


class Telegram:
    """The channel: connects, receives, reads, fetches, sends."""

    name = CHANNEL

    def __init__(
        self,
        address: Address,
        reception: Reception,
        responses: Responses,
        on_updates: Callable[[], None] = lambda: None,
        webhook: Webhook | None = None,
        webhook_url: str = "",
        poll_seconds: int = POLL_SECONDS,
    ) -> None:
        self.bot = address.bot(poll_seconds)
        self.last_contact = time.monotonic()
        self._reception = reception
        self._responses = responses
        self._on_updates = on_updates
        self._webhook = webhook
        self._webhook_url = webhook_url
        self._poll_seconds = poll_seconds
        self._identity = Identity(0, "")
        self._background: set[asyncio.Task[None]] = set()
        self._keyboards: dict[int, Request] = {}
        self._waiting = 0

    @property
    def username(self) -> str:
        """The bot's user name, once started."""
        return self._identity.username

    async def start(self) -> None:
        """Say who we are and how we take updates; wait for Telegram while it is out of reach."""
        me = await self._insist("getMe", self._introduce)
        self._identity = Identity(me.id, me.username or "")
        if self._webhook is None:
            await self._insist("deleteWebhook", self.bot.delete_webhook)
        else:
            await self._insist("setWebhook", self._set_webhook)
        log.info("connected as @%s", self.username)

    async def receive(self) -> None:
        """Take updates until cancelled."""
        if self._webhook is not None:
            await self._webhook.serve(self._take)
        else:
            await self._poll()

    def read(self, body: str) -> Incoming | Membership | None:
        """What a stored update says. Raises Malformed."""
        try:
            raw = json.loads(body)
        except ValueError:
            raise Malformed("not JSON") from None
        return read_update(raw, self._identity, datetime.now(UTC))

    async def fetch(self, file: RemoteFile, folder: Path) -> Attachment:
        """Download a file. Raises TryLater, Undeliverable."""
        with translated():
            remote = await self.bot.get_file(file.id)
            content = await remote.download_as_bytearray()
        path = folder / f"{abs(hash(file.id))}"
        try:
            await asyncio.to_thread(path.write_bytes, content)
        except OSError:  # no room at the moment
            raise TryLater from None
        return Attachment(str(path), file.mime, file.name, len(content))

    def typing(self, conversation_id: str) -> AbstractAsyncContextManager[None]:
        """Show “typing…” when the block takes longer than half a second."""
        return self._typing(chat_of(conversation_id))

    async def send(self, outgoing: Outgoing, edits: str = "") -> str:
        """Send or edit. Raises TryLater, Unreachable, Undeliverable."""
        delivery = Delivery(self.bot, self.username, self._responses, self._keyboards)
        chat = chat_of(outgoing.conversation_id)
        with translated():
            try:
                return await delivery.deliver(chat, outgoing, edits)
            except ChatMigrated as error:  # a group has become a supergroup
                return await delivery.deliver(error.new_chat_id, outgoing, "")

    async def stop(self) -> None:
        """Disconnect."""
        for task in self._background:
            task.cancel()
        with suppress(TelegramError):
            await self.bot.shutdown()

    # -- receiving

    async def _poll(self) -> None:
        offset, failures = 0, 0
        while True:
            try:
                updates = await self.bot.do_api_request(
                    "getUpdates",
                    {"offset": offset, "timeout": self._poll_seconds, "allowed_updates": WANTED},
                )
                await self._take(updates)
                latest = max((number_of(raw) for raw in updates), default=-1)
                if updates and latest < offset:
                    raise Malformed("updates without numbers")
            except (TelegramError, StorageError, Malformed) as error:
                failures += 1
                await self._wait_after(error, failures)
            else:
                failures = 0
                offset = max(offset, latest + 1)

    async def _take(self, updates: list[Any]) -> None:
        """Store updates durably. Raises StorageError: then they are not acknowledged."""
        self.last_contact = time.monotonic()
        if not isinstance(updates, list):
            raise Malformed("no list of updates")
        numbered = [raw for raw in updates if number_of(raw) >= 0]
        arrivals = [each for raw in numbered if (each := self._arrival(raw)) is not None]
        if arrivals:
            await self._reception.take(arrivals)
            self._on_updates()
            for arrival in arrivals:
                if isinstance(arrival.said, Incoming) and arrival.said.callback:
                    self._in_background(self._acknowledge(arrival.said.callback))

    def _arrival(self, raw: dict[str, Any]) -> Arrival | None:
        """An update with its key; None for what is nothing to us, which is not kept at all."""
        try:
            said = read_update(raw, self._identity, datetime.now(UTC))
        except Malformed as error:
            log.warning("update %s cannot be read: %s", raw["update_id"], error)
            return Arrival(update_key(raw), json.dumps(raw, ensure_ascii=False), None)
        if said is None:
            return None
        key = said.message.id if isinstance(said, Incoming) else update_key(raw)
        return Arrival(key, json.dumps(raw, ensure_ascii=False), said)

    async def _wait_after(self, error: Exception, failures: int) -> None:
        """Back off after a failure to receive. Raises ChannelError for a token that is no good."""
        seconds = min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** min(failures, 10))
        match error:
            case InvalidToken() | EndPointNotFound():  # so the library calls a revoked token
                raise ChannelError(BAD_TOKEN) from None
            case RetryAfter():
                seconds = seconds_of(error)
            case Conflict():
                log.error("another program takes this bot's updates; stop it, there can be one")
            case StorageError():
                log.error("updates cannot be stored: %s", error)
            case _:
                log.warning("Telegram does not answer: %s", type(error).__name__)
        await asyncio.sleep(seconds)

    async def _acknowledge(self, callback: str) -> None:
        """Stop the turning wheel on a pressed button. One pressed long ago needs it no more."""
        with suppress(TelegramError):
            await self.bot.answer_callback_query(callback)

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- starting

    async def _introduce(self) -> Any:
        await self.bot.initialize()
        return self.bot.bot

    async def _set_webhook(self) -> None:
        secret = self._webhook.secret if self._webhook else ""
        await self.bot.set_webhook(self._webhook_url, allowed_updates=WANTED, secret_token=secret)

    async def _insist(self, what: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Call until Telegram answers. Raises ChannelError where it never will."""
        failures = 0
        while True:
            try:
                return await call()
            except InvalidToken:
                raise ChannelError(BAD_TOKEN) from None
            except BadRequest as error:
                raise ChannelError(f"Telegram 拒绝了 {what}：{error.message}") from None
            except TelegramError as error:
                failures += 1
                await self._wait_after(error, failures)

    @asynccontextmanager
    async def _typing(self, chat: int) -> AsyncIterator[None]:
        async def show() -> None:
            await asyncio.sleep(TYPING_AFTER_SECONDS)
            while True:
                if self._waiting <= TYPING_AT_MOST:
                    with suppress(TelegramError):
                        await self.bot.send_chat_action(chat, ChatAction.TYPING)
                await asyncio.sleep(TYPING_EVERY_SECONDS)

        task = asyncio.create_task(show())
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            task.cancel()


def number_of(raw: object) -> int:
    """An update's number; -1 where it has none, which Telegram never sends."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else -1


def chat_of(conversation_id: str) -> int:
    """The chat of a conversation. Raises Undeliverable for what is no id of Telegram's."""
    try:
        return int(conversation_id.partition("/")[0])
    except ValueError:
        raise Undeliverable(conversation_id) from None


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait."""
    given = error.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of the library's, which may hold the token."""
    try:
        yield
    except TelegramError as error:
        raise translate(error) from None


def translate(error: TelegramError) -> TryLater | Unreachable | Undeliverable:
    """What an error of Telegram's means for the reply or file at hand."""
    match error:
        case RetryAfter():
            return TryLater(seconds_of(error))
        case Forbidden():
            return Unreachable()
        case BadRequest() if any(words in error.message.lower() for words in GONE):
            return Unreachable()
        case BadRequest() | EndPointNotFound():
            log.warning("Telegram refused: %s", error.message)
            return Undeliverable()
    return TryLater()


def webhook_path(url: str) -> str:
    """The path that Telegram posts to, of the webhook's public address."""
    return urlsplit(url).path or "/"
