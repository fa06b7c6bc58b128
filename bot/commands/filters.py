"""Options that several commands share: which proposals are meant."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.proposals.communities import Communities as Tree
from bot.storage.proposals import Filter
from bot.storage.records import Stage

Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="起始日期（含）")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="截止日期（含）")]
Stages = Annotated[list[str] | None, typer.Option(help="阶段，可重复，如 raised")]
Categories = Annotated[list[str] | None, typer.Option(help="类别，可重复，如 lighting")]
Communities = Annotated[
    list[str] | None, typer.Option(help="小区、社区、街道或区的名称或编号，连同其下各级；可重复")
]
Words = Annotated[str, typer.Option(help="标题或地点里有的词，可用空格隔开几个")]


def wanted_filter(
    zone: ZoneInfo,
    since: datetime | None = None,
    until: datetime | None = None,
    stages: list[str] | None = None,
    categories: list[str] | None = None,
    communities: list[str] | None = None,
    tree: Tree | None = None,
    words: str = "",
) -> Filter:
    """The options of a command as a filter; `until` includes its day.

    A community of `tree` stands for all that lies in it; any other for itself.
    """
    unknown = [stage for stage in stages or () if stage not in list(Stage)]
    if unknown:
        raise typer.BadParameter(f"没有“{unknown[0]}”这个阶段，可用：{'、'.join(Stage)}")
    return Filter(
        since=datetime.combine(since, time.min, zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
        stages=tuple(Stage(stage) for stage in stages or ()),
        categories=tuple(categories or ()),
        communities=tuple(_with_inner(communities or (), tree)),
        words=words,
    )


def _with_inner(names: Iterable[str], tree: Tree | None) -> Iterator[str]:
    for name in names:
        place = tree.find(name) if tree else None
        yield from tree.within(place.id) if tree and place else (name,)
