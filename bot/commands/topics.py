"""`linli proposals topics` and `due`: what comes up again and again, and what is pressing."""

import json
from datetime import timedelta
from typing import Annotated

import typer

from bot.commands.filters import Categories, Communities, Since, Stages, Until, wanted_filter


def topics(
    since: Since = None,
    until: Until = None,
    stage: Stages = None,
    category: Categories = None,
    community: Communities = None,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="画最近几周")] = 8,
    limit: Annotated[int, typer.Option(min=1, help="最多列几个")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，每行一个")] = False,
) -> None:
    """同一地方反复提的事：按内容和地点归在一起，热的在前。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.ledger import masked
    from bot.proposals.topics import find_topics, spark

    with Parts() as parts, parts.database.read() as rows:
        wanted = wanted_filter(
            parts.settings.zone, since, until, stage, category, community, parts.communities
        )
        found = list(rows.proposals.find(wanted))
        if found:
            meanings = parts.similar.centred(parts.similar.vectors(found, rows))
            groups = find_topics([masked(each) for each in found], meanings, rows.now, weeks)
        else:
            groups = []
    if as_json:
        for topic in groups[:limit]:
            typer.echo(json.dumps(topic.as_dict(), ensure_ascii=False))
        return
    print_table(
        ("件数", "在办", f"最近 {weeks} 周", "事项", "地点", "最新编号"),
        [
            (
                len(topic.proposals),
                topic.open,
                spark(topic.counts),
                topic.title,
                topic.proposals[-1].place,
                topic.proposals[-1].code,
            )
            for topic in groups[:limit]
        ],
        title=f"{len(found)} 件提案，{len(groups)} 件事",
    )


def due(
    hours: Annotated[int, typer.Option(min=1, help="多少小时内到期算快到期")] = 24,
    remind: Annotated[
        bool, typer.Option("--remind", help="同时提醒工作人员，每个期限只提醒一次")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，每行一个")] = False,
) -> None:
    """列出快到期和超期的提案，急的在前。"""
    from bot.actions.notices import remind_workers
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.ledger import masked

    within = timedelta(hours=hours)
    with Parts() as parts, parts.database.unit_of_work() as work:
        listed = [*parts.deadlines.overdue(work), *parts.deadlines.due_soon(work, within)]
        listed.sort(key=lambda each: each.due_at)
        told = 0
        if remind:
            told = remind_workers(work, parts.communities, parts.deadlines, parts.responses, within)
        text, zone = parts.responses.text, parts.settings.zone
    if as_json:
        for each in listed:
            moment = each.due_at.astimezone(zone).isoformat(timespec="seconds")
            row = {"code": each.proposal.code, "kind": each.kind.value, "due_at": moment}
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    print_table(
        ("期限", "情形", "编号", "事项", "承办"),
        [
            (
                f"{each.due_at.astimezone(zone):%m-%d %H:%M}",
                text(f"worker.reminder.{each.kind.value}"),
                each.proposal.code,
                masked(each.proposal).title,
                each.proposal.department,
            )
            for each in listed
        ],
    )
    if remind:
        typer.echo(f"新提醒了 {told} 个期限。")
