"""`linli knowledge`: documents into the index, and what is in it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from index.indexer import Report
    from knowledge.document import Document

app = typer.Typer(help="资料库：加入、查看、移除、检查文件。", no_args_is_help=True)


@app.command()
def add(
    paths: Annotated[
        list[Path], typer.Argument(help="文件或文件夹：txt、md、html、docx、pdf、jsonl")
    ],
) -> None:
    """把文件加进资料库。没有变化的文件不用重做。"""
    from bot.commands.parts import Parts
    from bot.commands.progress import progress_bar
    from knowledge.loaders import Failure, read_paths

    failures: list[Failure] = []

    def documents() -> "Iterator[Document]":
        for item in read_paths(paths):
            if isinstance(item, Failure):
                failures.append(item)
            else:
                yield item

    with Parts() as parts, progress_bar("读入资料") as progress:
        report = parts.indexer.add(documents(), progress)
    typer.echo(describe(report))
    for failure in failures:
        typer.echo(str(failure), err=True)
    if failures:
        raise typer.Exit(1)


@app.command("list")
def list_documents(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """列出资料库里的文件。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table

    with Parts() as parts:
        documents = list(parts.snapshot().documents.values())
    if as_json:
        rows = [
            {"id": d.id, "title": d.title, "issuer": d.issuer, "issued_on": d.issued_on}
            for d in documents
        ]
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        return
    print_table(
        ("编号", "标题", "发文机关", "日期", "地区"),
        [(d.id, d.title, d.issuer, d.issued_on, d.region) for d in documents],
    )


@app.command()
def remove(ids: Annotated[list[str], typer.Argument(help="文件编号，见 linli knowledge list")]) -> None:
    """从资料库移除文件。"""
    from bot.commands.parts import Parts

    with Parts() as parts:
        missing = [each for each in ids if each not in parts.snapshot().documents]
        report = parts.indexer.remove([each for each in ids if each not in missing])
    typer.echo(describe(report))
    if missing:
        typer.echo(f"没有这些编号：{'、'.join(missing)}", err=True)
        raise typer.Exit(1)


@app.command()
def check() -> None:
    """检查资料库：重复、失效、没有出处、内容缺失。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from knowledge.check import check as find_faults

    with Parts() as parts:
        findings = find_faults(parts.snapshot().documents.values())
    if not findings:
        typer.echo("没有发现问题。")
        return
    print_table(
        ("问题", "文件", "说明"), [(f.kind, f.document_id, f.message) for f in findings]
    )


def describe(report: "Report") -> str:
    """What a change did, in one line."""
    counts = (
        ("新增", report.added),
        ("更新", report.changed),
        ("移除", report.removed),
        ("未变", report.unchanged),
    )
    return "，".join(f"{name} {len(ids)}" for name, ids in counts if ids) or "没有变化"
