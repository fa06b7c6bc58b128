"""`linli backup` and `linli restore`."""

from pathlib import Path
from typing import Annotated

import typer


def backup(file: Annotated[Path, typer.Argument(help="备份写到哪个文件")]) -> None:
    """备份数据库、附件和导入的资料；运行中也可以备份。"""
    from bot.commands.parts import Parts
    from bot.storage.backup import backup as write

    with Parts() as parts:
        write(parts.database, parts.settings.attachments_path, file)
    typer.echo(f"备份好了：{file}")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="备份文件")],
) -> None:
    """核对备份后恢复；恢复前请先停止 linli serve。"""
    from bot.clock import SystemClock
    from bot.settings import load_settings
    from bot.storage.backup import restore as read

    settings = load_settings()
    restored = read(file, settings.database_path, settings.attachments_path, SystemClock())
    typer.echo(f"恢复好了：{restored.proposals} 件提案，{restored.others} 个资料文件。")
    if restored.previous:
        typer.echo(f"原来的数据另存为：{restored.previous}", err=True)
