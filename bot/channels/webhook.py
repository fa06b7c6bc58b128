"""Telegram's webhook: answered 200 only after the update stands in the inbox."""

import hmac
import json
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.channel import Malformed
from bot.channels.http import serve_http
from bot.storage.errors import StorageError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_BODY_BYTES = 1_000_000

Take = Callable[[list[Any]], Awaitable[None]]


class WebhookServer:
    """Listens behind a reverse proxy for what Telegram posts to `path`."""

    def __init__(self, listening: socket.socket, path: str, secret: str) -> None:
        self.secret = secret
        self._listening = listening
        self._path = path

    async def serve(self, take: Take) -> None:
        """Hand over updates until cancelled."""
        await serve_http(webhook_app(self._path, self.secret, take), self._listening)


def webhook_app(path: str, secret: str, take: Take) -> Starlette:
    """The application: one address, for who knows the secret."""

    async def receive(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return Response(status_code=413)
        try:
            update = json.loads(bytes(body))
        except (ValueError, RecursionError):
            return Response(status_code=400)
        try:
            await take([update])
        except Malformed:
            return Response(status_code=400)
        except StorageError as error:
            log.error("an update cannot be stored: %s", error)
            return Response(status_code=503)  # Telegram will post it again
        return Response(status_code=200)

    return Starlette(routes=[Route(path, receive, methods=["POST"])])
