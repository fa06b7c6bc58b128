"""`linli serve`: run the channels that the settings name."""

import logging
import os
import sys
import threading
import time

import typer

LEAVING_SECONDS = 1.0


def serve() -> None:
    """接收并回复 Telegram 消息，直到收到停止信号。"""
    import asyncio

    from bot.channels.channel import ChannelError
    from bot.channels.serving import Serving, ServingParts
    from bot.channels.upkeep import Upkeep
    from bot.commands.failing import explain
    from bot.commands.parts import Parts
    from bot.logs import Redactor, configure_logging

    with Parts() as parts:
        settings = parts.settings
        secrets = [
            secret.get_secret_value()
            for secret in (
                settings.telegram_token,
                settings.telegram_webhook_secret,
                settings.telegram_proxy,
            )
            if secret is not None
        ]
        configure_logging(settings.log_level, settings.log_format, secrets)
        if settings.telegram_token is None:
            raise ChannelError(
                "还没有设置 LINLI_TELEGRAM_TOKEN：向 Telegram 的 @BotFather 要一个令牌，写进 .env。"
            )
        upkeep = Upkeep(parts.deadlines, parts.communities, parts.responses, parts.files)
        serving = Serving(
            ServingParts(settings, parts.database, parts.responses, lambda: parts.assistant, upkeep)
        )
        try:
            asyncio.run(serving.run())
        except Exception as error:  # a traceback may hold addresses with the token in them
            if explain(error) is None:
                logging.getLogger(__name__).exception("the service failed")
                raise typer.Exit(1) from None
            typer.echo(Redactor(secrets).redact(str(explain(error))), err=True)
            raise typer.Exit(1) from None
        leave()


def leave() -> None:
    """End now, also where a thread is still at work, such as on training a classifier.

    Python would wait for it. What it has not committed will be done after the next start.
    """
    end = time.monotonic() + LEAVING_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                logging.getLogger(__name__).warning("%s is left unfinished", thread.name)
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)
