"""`linli proposals export` and `statistics`: the ledger for other hands, and its figures."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.filters import Categories, Communities, Since, Stages, Until, wanted_filter

if TYPE_CHECKING:
    from bot.commands.parts import Parts

BAR_WIDTH = 6
GROUPS = "nothing|community|category|department|month|week"


class Format(StrEnum):
    """What kind of file to write."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    OPEN311 = "open311"


def export(
    out: Annotated[Path, typer.Option(help="写到哪个文件；open311 写到一个文件夹")],
    format: Annotated[Format, typer.Option(help="格式")] = Format.CSV,  # noqa: A002 - the option
    since: Since = None,
    until: Until = None,
    stage: Stages = None,
    category: Categories = None,
    community: Communities = None,
    with_contacts: Annotated[
        bool, typer.Option("--with-contacts", help="带上联系方式；这次导出会留下记录")
    ] = False,
) -> None:
    """导出提案；联系方式默认遮住。"""
    from bot.commands.operator import operator
    from bot.commands.parts import Parts
    from bot.commands.progress import counting_bar
    from bot.proposals import export as files
    from bot.proposals.statistics import statistics

    with Parts() as parts:
        zone = parts.settings.zone
        wanted = wanted_filter(zone, since, until, stage, category, community, parts.communities)
        if with_contacts:
            with parts.database.unit_of_work() as work:
                note = f"{format.value}，{work.proposals.count(wanted)} 件"
                work.people.log_access(operator(), "export", "contacts", note)
        with (
            parts.database.read() as rows,
            counting_bar("导出", rows.proposals.count(wanted)) as bar,
        ):
            found = files.exported(rows.proposals.find(wanted), with_contacts)
            if format is Format.CSV:
                count = files.write_csv(out, found, zone, bar)
            elif format is Format.JSON:
                count = files.write_json(out, found, zone, bar)
            elif format is Format.OPEN311:
                categories, stages = (labels(parts, group) for group in ("category", "stage"))
                count = files.write_open311(out, found, categories, stages, zone, bar)
            else:
                figures = [
                    line for each in statistics(rows, wanted) for line in files.figure_lines(each)
                ]
                count = files.write_xlsx(out, found, figures, zone, bar, column_labels(parts))
    typer.echo(f"导出 {count} 件：{out}")


def show_statistics(
    group: Annotated[str, typer.Option(help=f"按什么分组：{GROUPS}")] = "nothing",
    since: Since = None,
    until: Until = None,
    stage: Stages = None,
    category: Categories = None,
    community: Communities = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """响应率、解决率、满意率，以及各阶段件数。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.statistics import Group, statistics

    if group not in list(Group):
        raise typer.BadParameter(f"不能按“{group}”分组，可用：{GROUPS}")
    with Parts() as parts, parts.database.read() as rows:
        wanted = wanted_filter(
            parts.settings.zone, since, until, stage, category, community, parts.communities
        )
        found = statistics(rows, wanted, Group(group))
    if as_json:
        typer.echo(json.dumps([each.as_dict() for each in found], ensure_ascii=False, indent=1))
        return
    names = labels(parts, "category") | {place.id: place.name for place in parts.communities}
    print_table(
        ("分组", "件数", "在办", "超期", "响应率", "解决率", "满意率"),
        [
            (
                names.get(each.group, each.group) or "全部",
                each.proposals,
                each.open,
                each.overdue,
                rate_bar(each.response_rate),
                rate_bar(each.resolution_rate),
                rate_bar(each.satisfaction_rate),
            )
            for each in found
        ],
    )


def column_labels(parts: "Parts") -> dict[str, dict[str, str]]:
    """Words for the values of the columns that people read."""
    return {
        "category": labels(parts, "category"),
        "stage": labels(parts, "stage"),
        "urgency": labels(parts, "urgency"),
        "community": {place.id: place.name for place in parts.communities},
    }


def labels(parts: "Parts", group: str) -> dict[str, str]:
    """Words for the slugs of a group of responses, e.g. `category` or `stage`."""
    prefix = f"{group}."
    keys = [key for key in parts.responses.all_keys() if key.startswith(prefix)]
    return {key.removeprefix(prefix): parts.responses.text(key) for key in keys}


def rate_bar(rate: float | None) -> str:
    """A rate as a percentage with a small bar; a dash where there is nothing to count."""
    if rate is None:
        return "—"
    filled = round(rate * BAR_WIDTH)
    return f"{'█' * filled}{'░' * (BAR_WIDTH - filled)} {rate:.0%}"
