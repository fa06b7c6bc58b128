"""A small web server inside our own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from bot.channels.channel import ChannelError


class _Server(uvicorn.Server):
    """Leaves signals to the process that it runs in."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ChannelError when it is taken."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise ChannelError(f"端口 {port} 用不了（{error.strerror}），请换一个。") from None


async def serve_http(app: Starlette, listening: socket.socket) -> None:
    """Answer requests until cancelled; what is being answered then is finished."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=3
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        server.should_exit = True
        await task
        raise
