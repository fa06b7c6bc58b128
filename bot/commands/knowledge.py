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
        for count, item in enumerate(read_paths(paths), 1):
            progress.counted(count)
            if isinstance(item, Failure):
                failures.append(item)
            else:
                yield item

    try:
        with Parts() as parts, progress_bar("读入资料") as progress:
            report = parts.indexer.add(documents(), progress)
    except KeyboardInterrupt:
        typer.echo("停下了，资料库还是原来的样子。已经编码的留着，再运行一次会接着做。", err=True)
        raise typer.Exit(130) from None
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
def remove(
    ids: Annotated[list[str], typer.Argument(help="文件编号，见 linli knowledge list")],
) -> None:
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
    from bot.clock import local
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from knowledge.check import check as find_faults

    with Parts() as parts:
        today = local(parts.clock.now(), parts.settings.zone).date()
        findings = find_faults(parts.snapshot().documents.values(), today)
    if not findings:
        typer.echo("没有发现问题。")
        return
    print_table(("问题", "文件", "说明"), [(f.kind, f.document_id, f.message) for f in findings])


@app.command()
def gaps(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    limit: Annotated[int, typer.Option(min=1, help="最多列几组")] = 30,
) -> None:
    """居民问了但没答上来、或答得不好的问题，按意思分组，问得多的在前。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.gaps import as_rows, group, unanswered

    with Parts() as parts:
        with parts.database.read() as rows:
            questions = unanswered(rows)
        found = group(questions, parts.encoder)[:limit]
    if as_json:
        typer.echo(json.dumps(as_rows(found), ensure_ascii=False))
        return
    if not found:
        typer.echo("没有答不上来的问题。")
        return
    print_table(
        ("编号", "问过", "其中答得不好", "居民的问法"),
        [
            (gap.questions[0].id, gap.count, gap.unhelpful or "", "\n".join(gap.examples))
            for gap in found
        ],
    )
    typer.echo("补上答案：linli knowledge answer 编号 --text 答案")


@app.command()
def answer(
    number: Annotated[int, typer.Argument(help="问题编号，见 linli knowledge gaps")],
    text: Annotated[str, typer.Option(help="答案")],
    author: Annotated[str, typer.Option(help="答复人")] = "社区工作人员",
) -> None:
    """给一个没答上来的问题写答案：从此有人问就能答，意思相同的问法一起算答过。"""
    from bot.clock import local
    from bot.commands.parts import Parts
    from bot.gaps import ANSWERED, answer_document, gap_of, keep_for_evaluation, unanswered

    with Parts() as parts:
        with parts.database.read() as rows:
            question = rows.questions.get(number)
            open_questions = unanswered(rows)
        if question is None:
            typer.echo(f"没有编号为 {number} 的问题。", err=True)
            raise typer.Exit(1)
        gap = gap_of(question, open_questions, parts.encoder)
        day = local(parts.clock.now(), parts.settings.zone).date()
        document = answer_document(question, text, author, day)
        report = parts.indexer.add([document])
        keep_for_evaluation(parts.settings.home, gap.wordings, document.id, text)
        # Last: what is interrupted before stays a gap, and answering again does no harm.
        with parts.database.unit_of_work() as work:
            for each in gap.questions:
                work.questions.give_feedback(each.id, ANSWERED)
    typer.echo(f"{describe(report)}：{document.id}")
    if len(gap.wordings) > 1:
        typer.echo("一起答了：" + "；".join(gap.wordings))


def describe(report: "Report") -> str:
    """What a change did, in one line."""
    counts = (
        ("新增", report.added),
        ("更新", report.changed),
        ("移除", report.removed),
        ("未变", report.unchanged),
    )
    return "，".join(f"{name} {len(ids)}" for name, ids in counts if ids) or "没有变化"
