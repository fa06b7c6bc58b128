"""`linli ask`: one question, or a file of them, one a line."""

import json
import sys
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """How a question is to be understood."""

    AUTO = "auto"
    POLICY = "policy"
    SERVICE = "service"


def ask(
    text: Annotated[list[str] | None, typer.Argument(help="问题")] = None,
    kind: Annotated[Kind, typer.Option(help="按哪一类问题回答；auto 为自动判断")] = Kind.AUTO,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="从文件读问题，一行一个；- 为标准输入")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="每个问题输出一行 JSON")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="最多给出几段材料")] = 5,
    only: Annotated[
        list[str] | None, typer.Option(help="只在这些文件里找（文件编号），可重复")
    ] = None,
) -> None:
    """问一个问题，或一个文件里的许多问题。"""
    from bot.asking import Asker, answer_json
    from bot.commands.parts import Parts

    questions = list(_questions(text, from_file))
    if not questions:
        raise typer.BadParameter("请写上问题，或用 --from 指定文件。")
    with Parts() as parts:
        asker = Asker(parts.assistant, parts.knowledge, parts.finder, parts.database, parts.clock)
        for question in questions:
            started = time.perf_counter()
            asked = asker.ask(question, kind.value, limit, frozenset(only or ()))
            milliseconds = (time.perf_counter() - started) * 1000
            if as_json:
                print(json.dumps(answer_json(asked, milliseconds), ensure_ascii=False), flush=True)
            else:
                _show(asked.replies, question, many=len(questions) > 1)


def _questions(text: list[str] | None, from_file: Path | None) -> Iterator[str]:
    if text:
        yield " ".join(text)
    if from_file is None:
        return
    if str(from_file) == "-":
        lines = sys.stdin.read().splitlines()
    else:
        lines = from_file.read_text("utf-8-sig").splitlines()
    yield from (line.strip() for line in lines if line.strip())


def _show(replies: list[str], question: str, many: bool) -> None:
    if many:
        typer.secho(f"问：{question}", bold=True)
    typer.echo("\n\n".join(replies) + ("\n" if many else ""))
