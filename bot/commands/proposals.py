"""`linli proposals`: the worker's side of the ledger."""

import getpass
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.storage.proposals import Filter
from bot.storage.records import Person, PersonKind, Stage

app = typer.Typer(help="提案台账：查看、推进、分派、导出、统计。", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="提案编号，如 P20261121-0001")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="起始日期（含）")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="截止日期（含）")]
Stages = Annotated[list[str] | None, typer.Option("--stage", help="阶段，可重复")]
Categories = Annotated[list[str] | None, typer.Option("--category", help="类别，可重复")]
Communities = Annotated[list[str] | None, typer.Option("--community", help="社区，可重复")]
Note = Annotated[str, typer.Option(help="说明，会告诉居民")]


@app.command("list")
def list_proposals(
    since: Since = None,
    until: Until = None,
    stage: Stages = None,
    category: Categories = None,
    community: Communities = None,
    limit: Annotated[int, typer.Option(min=1, help="最多列几件")] = 50,
) -> None:
    """列出提案，新的在前。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.ledger import masked

    with Parts() as parts, parts.database.read() as rows:
        wanted = wanted_filter(parts.settings.zone, since, until, stage, category, community)
        found = [
            masked(proposal)
            for proposal in rows.proposals.find(wanted, newest_first=True, limit=limit)
        ]
        total = rows.proposals.count(wanted)
        text, zone = parts.responses.text, parts.settings.zone
        print_table(
            ("编号", "事项", "地点", "类别", "阶段", "承办", "提出时间"),
            [
                (
                    p.code,
                    p.title,
                    p.place,
                    text(f"category.{p.category}") if f"category.{p.category}" in parts.responses
                    else p.category,
                    text(f"stage.{p.stage.value}"),
                    p.department,
                    f"{p.created_at.astimezone(zone):%Y-%m-%d %H:%M}",
                )
                for p in found
            ],
        )
    typer.echo(f"共 {total} 件" + (f"，列出 {len(found)} 件" if total > len(found) else ""))


@app.command()
def show(
    code: Code,
    with_contacts: Annotated[
        str, typer.Option(metavar="用途", help="显示联系方式，须写明用途，会留下记录")
    ] = "",
) -> None:
    """看一件提案的全部内容和经过。"""
    from dataclasses import asdict

    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.ledger import Ledger, masked

    with Parts() as parts, parts.database.unit_of_work() as work:
        ledger = Ledger(work, parts.deadlines)
        proposal = ledger.proposal(code)
        shown = asdict(masked(proposal))
        if with_contacts:
            name, phone = ledger.contacts(code, operator(), with_contacts)
            shown |= {"contact_name": name, "contact_phone": phone}
        events = work.proposals.events(proposal.code)
    zone = parts.settings.zone
    print_table(
        ("项目", "内容"),
        [
            (key, value.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
            if isinstance(value, datetime)
            else (key, value)
            for key, value in shown.items()
            if value not in (None, "")
        ],
    )
    print_table(
        ("时间", "谁", "做了什么", "从", "到", "说明"),
        [
            (f"{e.at.astimezone(zone):%m-%d %H:%M}", e.who.name or e.who.kind, e.what,
             e.from_value, e.to_value, e.note)
            for e in events
        ],  # fmt: skip
    )


@app.command()
def move(
    code: Code,
    stage: Annotated[str, typer.Argument(help="新的阶段：discussed、decided、executed…")],
    note: Note = "",
    into: Annotated[str, typer.Option(help="合并到哪一件（只用于 merged）")] = "",
) -> None:
    """推进一件提案，并通知居民。"""
    from bot.commands.parts import Parts

    if stage not in list(Stage):
        raise typer.BadParameter(f"没有“{stage}”这个阶段，可用：{'、'.join(Stage)}")
    with Parts() as parts, parts.database.unit_of_work() as work:
        parts.casework(work).move(code, Stage(stage), operator(), note, into)
    typer.echo(f"{code} 已改为：{parts.responses.text(f'stage.{stage}')}")


@app.command()
def assign(
    code: Code,
    department: Annotated[str, typer.Argument(help="承办部门或单位")],
    note: Note = "",
) -> None:
    """把一件提案分派给部门，并通知居民。"""
    from bot.commands.parts import Parts

    with Parts() as parts, parts.database.unit_of_work() as work:
        parts.casework(work).assign(code, department, operator(), note)
    typer.echo(f"{code} 已分派给：{department}")


def operator() -> Person:
    """Whoever runs the command on this machine, as the one who did something."""
    return Person(PersonKind.WORKER, f"cli:{getpass.getuser()}", getpass.getuser())


def wanted_filter(
    zone: ZoneInfo,
    since: datetime | None = None,
    until: datetime | None = None,
    stages: list[str] | None = None,
    categories: list[str] | None = None,
    communities: list[str] | None = None,
) -> Filter:
    """The options of a command as a filter; `until` includes its day."""
    unknown = [stage for stage in stages or () if stage not in list(Stage)]
    if unknown:
        raise typer.BadParameter(f"没有“{unknown[0]}”这个阶段，可用：{'、'.join(Stage)}")
    return Filter(
        since=datetime.combine(since, time.min, zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
        stages=tuple(Stage(stage) for stage in stages or ()),
        categories=tuple(categories or ()),
        communities=tuple(communities or ()),
    )
