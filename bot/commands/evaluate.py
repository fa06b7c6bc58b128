"""`linli evaluate`: quality on a labelled file, as a table or JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="在标注好的文件上测量质量。", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="标注文件")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command()
def intents(file: File, as_json: Json = False) -> None:
    """意图识别：TSV，每行“消息<Tab>意图”，没有表头。"""
    from bot.commands.parts import Parts
    from intents.evaluation import evaluate, load_labelled

    with Parts() as parts:
        _show(evaluate(load_labelled(file), parts.classifier), as_json)


@app.command()
def answers(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="标注文件；不写则用工作人员补答过的问题"),
    ] = None,
    as_json: Json = False,
) -> None:
    """政策问答：JSONL，每行 question、document 或 documents、可选 answer。"""
    from bot.commands.parts import Parts
    from bot.storage.home import ANSWERS_FILE
    from index.evaluation import evaluate_answers

    with Parts() as parts:
        labelled = file or parts.settings.home / ANSWERS_FILE
        if not labelled.exists():
            raise typer.BadParameter("还没有补答过问题，请指定标注文件。")
        reading = parts.knowledge.reading()
        _show(evaluate_answers(labelled, reading.retriever, reading.reader, parts.encoder), as_json)


@app.command()
def categories(file: File, as_json: Json = False) -> None:
    """类别分派：CSV，表头 text,label。"""
    from bot.commands.parts import Parts
    from intents.categories import evaluate_categories

    with Parts() as parts:
        _show(evaluate_categories(file, parts.categories), as_json)


@app.command()
def services(file: File, as_json: Json = False) -> None:
    """服务查找：JSONL，每行 question、service。"""
    from bot.commands.parts import Parts
    from index.service_evaluation import evaluate_services

    with Parts() as parts:
        _show(evaluate_services(file, parts.finder), as_json)


def _show(result: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    from bot.commands.tables import print_table

    figures = [(key, value) for key, value in result.items() if not isinstance(value, list | dict)]
    rounded = [
        (key, f"{value:.4f}" if isinstance(value, float) else value) for key, value in figures
    ]
    print_table(("指标", "数值"), rounded)
    for key, value in result.items():
        if isinstance(value, list) and value:
            print_table(tuple(value[0]), [tuple(row.values()) for row in value], title=key)
