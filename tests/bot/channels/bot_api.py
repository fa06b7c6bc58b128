"""A server that speaks the Bot API over HTTP, written from https://core.telegram.org/bots/api.

It keeps what it was asked to send, gives updates by offset with long polling, and misbehaves when
told to: `fail(method, Failure(...))` queues answers such as 429, 409 and 502.
"""

import asyncio
import html
import itertools
import json
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.http import listen

TOKEN = "123456789:AAE-fake_token_of_a_server_for_tests01"
BOT = {"id": 123456789, "is_bot": True, "first_name": "邻里", "username": "linli_test_bot"}
DATE = 1_790_000_000


@dataclass
class Failure:
    """One answer that is not the right one: a status, seconds to wait before it, or rubbish."""

    status: int = 200
    description: str = "failure"
    retry_after: int | None = None
    seconds: float = 0.0
    body: bytes | None = None


@dataclass
class Call:
    """One request that was made of the server."""

    method: str
    values: dict[str, Any]
    at: float


@dataclass
class BotApi:
    """The state of the server; its own HTTP address is `url`."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    deliveries: Counter[int] = field(default_factory=Counter)
    confirmed: int = 0
    requests: int = 0
    is_closing: bool = False
    slow: Callable[[str, dict[str, Any]], float] = lambda method, values: 0.0

    def __post_init__(self) -> None:
        self._updates: deque[dict[str, Any]] = deque()
        self._failures: dict[str, deque[Failure]] = defaultdict(deque)
        self._update_ids = itertools.count(1000)
        self._message_ids: dict[int, itertools.count[int]] = defaultdict(lambda: itertools.count(1))
        self._messages: dict[tuple[int, int], dict[str, Any]] = {}
        self._lock = threading.Lock()

    # -- what tests do

    def fail(self, method: str, *failures: Failure) -> None:
        """Answer the next calls of `method` so."""
        self._failures[method].extend(failures)

    def fails(self, method: str) -> bool:
        """Whether the next call of `method` is still to fail."""
        return bool(self._failures[method])

    def update(self, kind: str, value: Any) -> int:
        """Queue an update; its number."""
        with self._lock:
            number = next(self._update_ids)
            self._updates.append({"update_id": number, kind: value})
        return number

    def message(self, user: int, text: str = "", **content: Any) -> dict[str, Any]:
        """A private message from a user, as it stands in an update; nothing is queued."""
        chat = content.pop("chat", None) or {"id": user, "type": "private", "first_name": "居民"}
        message = {
            "message_id": next(self._message_ids[chat["id"]]),
            "date": int(time.time()),
            "chat": chat,
            "from": {"id": user, "is_bot": False, "first_name": f"居民{user}"},
            **({"text": text} if text else {}),
            **content,
        }
        self._messages[chat["id"], message["message_id"]] = message
        return message

    def say(self, user: int, text: str = "", **content: Any) -> dict[str, Any]:
        """A user sends a message."""
        message = self.message(user, text, **content)
        self.update("message", message)
        return message

    def press(self, user: int, label: str) -> None:
        """A user presses the button with this label under the newest message that has it."""
        for call in reversed(self.sent(user)):
            markup = json.loads(call.values.get("reply_markup", "{}"))
            for button in itertools.chain.from_iterable(markup.get("inline_keyboard", [])):
                if button["text"] == label:
                    message_id = int(call.values["message_id"])
                    self.update(
                        "callback_query",
                        {
                            "id": f"query{time.monotonic_ns()}",
                            "from": {"id": user, "is_bot": False, "first_name": f"居民{user}"},
                            "message": _plain(self._messages[user, message_id]),
                            "chat_instance": "1",
                            "data": button["callback_data"],
                        },
                    )
                    return
        raise AssertionError(f"no button {label}")

    def add_file(self, file_id: str, content: bytes) -> None:
        """A file that can be downloaded."""
        self.files[file_id] = content

    def of(self, method: str) -> list[Call]:
        """All calls of a method that succeeded."""
        return [call for call in list(self.calls) if call.method == method]

    def sent(self, chat: int | None = None) -> list[Call]:
        """Messages sent or edited, in a chat or in all."""
        return [
            call
            for call in list(self.calls)
            if call.method in ("sendMessage", "editMessageText")
            and chat in (None, int(call.values["chat_id"]))
        ]

    def texts(self, chat: int) -> list[str]:
        """What was said in a chat."""
        return [call.values["text"] for call in self.sent(chat)]

    def wait(self, met: Callable[[], object], seconds: float = 15.0) -> None:
        """Wait until `met`; AssertionError with what was sent when it never is."""
        end = time.monotonic() + seconds
        while not met():
            if time.monotonic() > end:
                tail = [(call.method, call.values) for call in self.calls[-12:]]
                raise AssertionError(f"nothing came of it; last calls: {tail}")
            time.sleep(0.02)

    # -- what the bot does

    async def call(self, request: Request) -> Response:
        """One method of the Bot API."""
        if request.path_params["token"] != TOKEN:
            return _error(401, "Unauthorized")
        self.requests += 1
        method = request.path_params["method"]
        values = await _values(request)
        if seconds := self.slow(method, values):
            await asyncio.sleep(seconds)
        if self._failures[method]:
            failure = self._failures[method].popleft()
            await asyncio.sleep(failure.seconds)
            if failure.body is not None:
                return Response(failure.body, status_code=failure.status)
            if failure.status != 200:
                return _error(failure.status, failure.description, failure.retry_after)
        answer = getattr(self, f"_do_{method}", None)
        if answer is None:
            return _error(404, "Not Found")
        result = answer(values)
        if asyncio.iscoroutine(result):
            result = await result
        if isinstance(result, Response):
            return result
        self.calls.append(Call(method, values, time.monotonic()))
        return JSONResponse({"ok": True, "result": result})

    async def download(self, request: Request) -> Response:
        """The content of a file."""
        content = self.files.get(request.path_params["path"])
        return Response(status_code=404) if content is None else Response(content)

    def _do_getMe(self, values: dict[str, Any]) -> Any:
        return BOT

    async def _do_getUpdates(self, values: dict[str, Any]) -> Any:
        if self.webhook.get("url"):
            return _error(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, end = int(values.get("offset", 0)), time.monotonic() + float(values["timeout"])
        with self._lock:
            self.confirmed = max(self.confirmed, offset)
            while self._updates and self._updates[0].get("update_id", 0) < offset:
                self._updates.popleft()
        while not self._updates and time.monotonic() < end and not self.is_closing:
            await asyncio.sleep(0.01)
        with self._lock:
            batch = list(itertools.islice(self._updates, int(values.get("limit", 100))))
        self.deliveries.update(each["update_id"] for each in batch if "update_id" in each)
        return batch

    def _do_setWebhook(self, values: dict[str, Any]) -> Any:
        self.webhook = dict(values)
        return True

    def _do_deleteWebhook(self, values: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    def _do_setMyCommands(self, values: dict[str, Any]) -> Any:
        return True

    _do_deleteMyCommands = _do_answerCallbackQuery = _do_sendChatAction = _do_setMyCommands

    def _do_sendMessage(self, values: dict[str, Any]) -> Any:
        chat = int(values["chat_id"])
        if chat in self.blocked:
            return _error(403, "Forbidden: bot was blocked by the user")
        if fault := _fault(values):
            return _error(400, f"Bad Request: {fault}")
        return self._new_message(chat, values)

    def _do_sendDocument(self, values: dict[str, Any]) -> Any:
        return self._new_message(int(values["chat_id"]), values)

    _do_sendPhoto = _do_sendLocation = _do_sendDocument

    def _new_message(self, chat: int, values: dict[str, Any]) -> dict[str, Any]:
        number = next(self._message_ids[chat])
        values["message_id"] = number
        markup = json.loads(values.get("reply_markup") or "{}")
        message = {
            "message_id": number,
            "date": DATE,
            "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"},
            "from": BOT,
            "text": values.get("text", ""),
            "markup": markup,
            "has_keyboard": bool(set(markup) - {"inline_keyboard"}),
        }
        self._messages[chat, number] = message
        return _plain(message)

    def _do_editMessageText(self, values: dict[str, Any]) -> Any:
        message = self._messages.get((int(values["chat_id"]), int(values["message_id"])))
        if message is None:
            return _error(400, "Bad Request: message to edit not found")
        if fault := _fault(values):
            return _error(400, f"Bad Request: {fault}")
        markup = json.loads(values.get("reply_markup") or "{}")
        if set(markup) - {"inline_keyboard"} or message.get("has_keyboard"):
            return _error(400, "Bad Request: message can't be edited")
        shown = (values["text"], markup)
        if (message["text"], message["markup"]) == shown:
            return _error(400, "Bad Request: message is not modified")
        message["text"], message["markup"] = shown
        return _plain(message)

    def _do_getFile(self, values: dict[str, Any]) -> Any:
        name = values["file_id"]
        if name not in self.files:
            return _error(400, "Bad Request: invalid file_id")
        size = len(self.files[name])
        return {"file_id": name, "file_unique_id": name, "file_size": size, "file_path": name}


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it stands in answers and updates."""
    return {key: value for key, value in message.items() if key not in ("markup", "has_keyboard")}


def _fault(values: dict[str, Any]) -> str:
    """What the Bot API would refuse a text for; empty when it would not."""
    text = values.get("text", "")
    if values.get("parse_mode") == "HTML":
        bare = re.sub(r"<(b|code)>([^<>]*)</\1>", r"\2", text)
        if "<" in bare or re.search(r"&(?!(lt|gt|amp|quot|#\d+);)", bare):
            return "can't parse entities"
        text = html.unescape(bare)
    if not text.strip():
        return "message text is empty"
    if len(text.encode("utf-16-le")) // 2 > 4096:
        return "message is too long"
    markup = json.loads(values.get("reply_markup") or "{}")
    for button in itertools.chain.from_iterable(markup.get("inline_keyboard", [])):
        if not button["text"] or not ("url" in button or _is_data(button.get("callback_data", ""))):
            return "BUTTON_DATA_INVALID"
    return ""


def _is_data(data: str) -> bool:
    return 1 <= len(data.encode()) <= 64


async def _values(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(await request.json())
    form = await request.form()
    return {
        key: value if isinstance(value, str) else await value.read() for key, value in form.items()
    }


def _error(status: int, description: str, retry_after: int | None = None) -> JSONResponse:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return JSONResponse(body, status_code=status)


class Proxy:
    """Answers a request to any host as its own, as an HTTP proxy gets it: with a whole address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "://" in scope["path"]:
            scope = {**scope, "path": urlsplit(scope["path"]).path}
        await self._app(scope, receive, send)


@contextmanager
def bot_api() -> Iterator[BotApi]:
    """The server on a free port of this machine, in a thread of its own."""
    api = BotApi()
    app = Starlette(
        routes=[
            Route("/bot{token}/{method}", api.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", api.download),
        ],
        middleware=[Middleware(Proxy)],
    )
    listening = listen("127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    api.wait(lambda: server.started)
    try:
        yield api
    finally:
        api.is_closing = True  # ends the poll that is held open
        server.should_exit = True
        thread.join(5)


def post_update(url: str, update: dict[str, Any], secret: str = "") -> int:
    """Post an update to a webhook as Telegram does; the status of the answer."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    return httpx.post(url, json=update, headers=headers, timeout=5).status_code
