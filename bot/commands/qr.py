"""`linli qr`: a QR code for posters, which opens the chat with the bot."""

import re
from pathlib import Path
from typing import Annotated

import typer


def qr(
    start: Annotated[
        str, typer.Argument(help="扫码后做什么：propose（报问题）、提案编号，或空")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="写到文件（.png、.svg 或 .pdf）；不写则显示在终端")
    ] = None,
    username: Annotated[str, typer.Option(help="机器人的用户名；不写则问 Telegram")] = "",
    scale: Annotated[int, typer.Option(min=1, max=100, help="每个小方格几个像素")] = 12,
) -> None:
    """生成贴在楼道里的二维码，扫一扫就能和助手说话。"""
    import segno

    from bot.channels.telegram_replies import deep_link

    if start and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
        raise typer.BadParameter("只能是 64 个以内的字母、数字、- 和 _。")
    if out is not None and out.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise typer.BadParameter("文件名要以 .png、.svg 或 .pdf 结尾。")
    link = deep_link(username.removeprefix("@") or _username(), start)
    code = segno.make(link, error="q")  # a poster gets scratched and faded
    if out is None:
        code.terminal(compact=True)
    else:
        code.save(str(out), scale=scale)
    typer.echo(link)


def _username() -> str:
    """The bot's user name, from Telegram. Raises ChannelError."""
    import asyncio

    from telegram.error import InvalidToken, TelegramError

    from bot.channels.channel import ChannelError
    from bot.channels.telegram import BAD_TOKEN, Address
    from bot.settings import load_settings

    settings = load_settings()
    token, proxy = settings.telegram_token, settings.telegram_proxy
    if token is None:
        raise ChannelError(
            "还没有设置 LINLI_TELEGRAM_TOKEN；也可以用 --username 写出机器人的用户名。"
        )
    address = Address(
        token.get_secret_value(),
        settings.telegram_api_url,
        proxy.get_secret_value() if proxy else "",
    )

    async def ask() -> str:
        async with address.bot() as bot:
            return str(bot.username)

    try:
        return asyncio.run(ask())
    except InvalidToken:
        raise ChannelError(BAD_TOKEN) from None
    except TelegramError as error:
        raise ChannelError(
            f"联系不上 Telegram（{type(error).__name__}），可用 --username。"
        ) from None
