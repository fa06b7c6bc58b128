"""`linli chat`: talk in the terminal, or let another program talk in JSON lines."""

import getpass
import sys
from typing import Annotated

import typer


def chat(
    user: Annotated[str | None, typer.Option(help="以谁的身份说话；默认用登录名")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="逐行读 JSON，逐行输出 JSON，供其他程序使用")
    ] = False,
) -> None:
    """在终端里和助手说话。"""
    from bot.channels.console import ConsoleChat, Delivery, answer_json_lines
    from bot.commands.parts import Parts

    with Parts() as parts:
        delivery = Delivery(parts.assistant, parts.database)
        if jsonl:
            for line in answer_json_lines(sys.stdin, delivery, parts.clock):
                print(line, flush=True)
            return
        ConsoleChat(delivery, parts.responses, parts.clock, user or getpass.getuser()).run()
