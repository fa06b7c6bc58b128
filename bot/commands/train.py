"""`linli train`: learn from the community's own past cases."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="用本社区过去的案例学习。", no_args_is_help=True)


@app.callback()
def train() -> None:
    """用本社区过去的案例学习。"""


@app.command()
def categories(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="过去的案例：CSV，表头 text,label")
    ],
) -> None:
    """从过去的案例学习该分给哪一类、哪个部门。"""
    from bot.commands.parts import Parts
    from bot.commands.progress import progress_bar
    from bot.storage.home import CATEGORIES_FOLDER
    from intents.categories import CategoryClassifier, load_cases

    with Parts() as parts, progress_bar("学习分派") as progress:
        cases = load_cases(file)
        trained = CategoryClassifier.train(cases, parts.encoder, progress)
        trained.save(parts.settings.home / CATEGORIES_FOLDER)
    typer.echo(f"学会了：{len(cases)} 件案例，{len({case.label for case in cases})} 个类别。")
