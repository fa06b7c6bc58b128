"""`linli proposals`: the worker's side of the ledger."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from bot.commands.exporting import export, show_statistics
from bot.commands.filters import (
    Categories,
    Communities,
    Since,
    Stages,
    Until,
    Words,
    wanted_filter,
)
from bot.commands.operator import operator
from bot.commands.topics import due, topics
from bot.storage.records import Stage

app = typer.Typer(help="提案台账：查看、推进、分派、导出、统计。", no_args_is_help=True)

app.command("export")(export)
app.command("statistics")(show_statistics)
app.command("topics")(topics)
app.command("due")(due)

Code = Annotated[str, typer.Argument(help="提案编号，如 P20261121-0001")]
Note = Annotated[str, typer.Option(help="说明，会告诉居民")]


@app.command("list")
def list_proposals(
    since: Since = None,
    until: Until = None,
    stage: Stages = None,
    category: Categories = None,
    community: Communities = None,
    words: Words = "",
    limit: Annotated[int, typer.Option(min=1, help="最多列几件")] = 50,
) -> None:
    """列出提案，新的在前。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.ledger import masked

    with Parts() as parts, parts.database.read() as rows:
        wanted = wanted_filter(
            parts.settings.zone, since, until, stage, category, community, parts.communities, words
        )
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
                    text(f"category.{p.category}")
                    if f"category.{p.category}" in parts.responses
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
    from bot.proposals.privacy import mask_contacts

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
            (
                f"{e.at.astimezone(zone):%m-%d %H:%M}",
                e.who.name or e.who.kind,
                e.what,
                e.from_value,
                e.to_value,
                e.note if with_contacts else mask_contacts(e.note),
            )
            for e in events
        ],
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


@app.command("return")
def return_(code: Code, reason: Annotated[str, typer.Argument(help="退单的理由")]) -> None:
    """退单：承办单位办不了，退回重新分派；要写理由。"""
    from bot.commands.parts import Parts

    with Parts() as parts, parts.database.unit_of_work() as work:
        parts.casework(work).ledger.hand_back(code, operator(), reason)
    typer.echo(f"{code} 已退单，等待重新分派。")


@app.command()
def note(code: Code, words: Annotated[str, typer.Argument(help="备注内容")]) -> None:
    """加一条备注，只有工作人员看得到。"""
    from bot.commands.parts import Parts

    with Parts() as parts, parts.database.unit_of_work() as work:
        parts.casework(work).ledger.note(code, operator(), words)
    typer.echo(f"已记在 {code} 里。")


@app.command()
def reply(code: Code, words: Annotated[str, typer.Argument(help="回复内容")]) -> None:
    """回复提出人。"""
    from bot.commands.parts import Parts

    with Parts() as parts, parts.database.unit_of_work() as work:
        reached = parts.casework(work).reply(code, operator(), words)
    typer.echo(
        f"回复已发给 {code} 的提出人。" if reached else "已记下；提出人联系不上了，没有发出去。"
    )


@app.command()
def edit(
    code: Code,
    urgency: Annotated[str, typer.Option(help="danger、utility、general、complex")] = "",
    category: Annotated[str, typer.Option(help="类别代号，如 lighting")] = "",
    community: Annotated[str, typer.Option(help="小区、社区、街道或区（名称或编号）")] = "",
    place: Annotated[str, typer.Option(help="地点")] = "",
    title: Annotated[str, typer.Option(help="一句话概括")] = "",
) -> None:
    """更正一件提案；改紧急程度时期限跟着改。居民的原话不改。"""
    from bot.commands.parts import Parts
    from bot.storage.records import Urgency

    if urgency and urgency not in list(Urgency):
        raise typer.BadParameter(f"没有“{urgency}”，可用：{'、'.join(Urgency)}")
    with Parts() as parts, parts.database.unit_of_work() as work:
        known = [key for key in parts.responses.all_keys() if key.startswith("category.")]
        if category and f"category.{category}" not in known:
            slugs = "、".join(key.removeprefix("category.") for key in known)
            raise typer.BadParameter(f"没有“{category}”这一类，可用：{slugs}")
        found = parts.communities.find(community) if community else None
        if community and found is None:
            raise typer.BadParameter(f"名册里没有“{community}”这个地方。")
        wanted = {
            "urgency": urgency,
            "category": category,
            "community": found.id if found else "",
            "place": place,
            "title": title,
        }
        changes = {name: value for name, value in wanted.items() if value}
        if not changes:
            raise typer.BadParameter("请写明要改哪一项，见 --help。")
        casework = parts.casework(work)
        proposal = casework.ledger.edit(code, operator(), **changes)
        if found:
            casework.tell_workers_of(proposal, parts.communities)
    typer.echo(f"{proposal.code} 已更正。")


@app.command()
def anonymise(
    older_than: Annotated[int, typer.Option(min=1, metavar="天数", help="办结多少天以上")] = 365,
) -> None:
    """删除早已办结的提案里的联系方式。"""
    from bot.commands.parts import Parts
    from bot.proposals.privacy import anonymise as remove_contacts

    with Parts() as parts, parts.database.unit_of_work() as work:
        count = len(remove_contacts(work, work.now - timedelta(days=older_than)))
    typer.echo(f"已删除 {count} 件提案的联系方式。")
