"""`linli communities`: the tree of estates, communities, streets and districts."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="社区名册：区、街道、社区、小区四级。", no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="YAML 名册，每项有 id、name、level（district、street、community、estate）、parent",
        ),
    ],
) -> None:
    """导入名册；有错就不换，原来的照旧。正在运行的服务重启后用新的。"""
    from bot.commands.parts import Parts
    from bot.proposals.communities import Communities
    from bot.storage.home import COMMUNITIES_FILE
    from knowledge.directory import write_atomically

    tree = Communities.load(file)
    with Parts() as parts:
        home = parts.settings.home
        with parts.database.read() as rows:
            used = {worker.community for worker in rows.people.workers()} - {""}
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(home / COMMUNITIES_FILE, file.read_bytes())
    typer.echo(f"已导入 {len(list(tree))} 个地方。")
    for lost in sorted(each for each in used if tree.get(each) is None):
        typer.echo(f"注意：有工作人员负责 {lost}，新名册里没有这个编号。", err=True)


@app.command("list")
def list_communities(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """列出名册，一级一级缩进，附在办提案数。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table
    from bot.proposals.communities import CommunityError
    from bot.storage.proposals import OPEN_STAGES, Filter

    with Parts() as parts, parts.database.read() as rows:
        tree = parts.communities
        if not list(tree):
            raise CommunityError("还没有名册，先运行 linli communities import 文件")
        open_in = {
            place.id: rows.proposals.count(
                Filter(stages=OPEN_STAGES, communities=tree.within(place.id))
            )
            for place in tree
        }
    ordered = sorted(tree, key=lambda place: [each.id for each in tree.path(place.id)])
    if as_json:
        listed = [
            {"id": p.id, "name": p.name, "level": p.level.value, "parent": p.parent,
             "aliases": list(p.aliases), "open": open_in[p.id]}
            for p in ordered
        ]  # fmt: skip
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    print_table(
        ("名称", "编号", "级别", "别名", "在办"),
        [
            (
                "　" * (len(tree.path(place.id)) - 1) + place.name,
                place.id,
                place.level.value,
                "、".join(place.aliases),
                open_in[place.id],
            )
            for place in ordered
        ],
    )
