"""`linli workers`: who may work on proposals in chat."""

import json
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from bot.commands.filters import Since
from bot.commands.operator import operator

ACCESSES = {
    "contacts": "查看联系方式",
    "export": "导出",
    "refused": "被拒绝",
    "invite": "邀请",
    "document": "加资料",
}

app = typer.Typer(help="工作人员：邀请、查看、移除。", no_args_is_help=True)


@app.command()
def invite(
    role: Annotated[str, typer.Option(help="worker（社区工作者）或 admin（管理员）")] = "worker",
    community: Annotated[
        str, typer.Option(help="负责的小区、社区、街道或区（名称或编号）；空为全部")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=90, help="几天内有效")] = 7,
) -> None:
    """生成一次性邀请码；对方在聊天里发 /join 邀请码 就能加入。"""
    from bot.commands.parts import Parts
    from bot.storage.records import Role

    if role not in list(Role):
        raise typer.BadParameter(f"角色只能是 {'、'.join(Role)}，不能是“{role}”。")
    with Parts() as parts, parts.database.unit_of_work() as work:
        place = parts.communities.find(community) if community else None
        if community and place is None:
            known = "、".join(each.name for each in parts.communities)
            hint = f"名册里有：{known}" if known else "先运行 linli communities import 文件"
            raise typer.BadParameter(f"没有“{community}”这个地方。{hint}")
        where = place.id if place else ""
        code = work.people.create_invite(Role(role), where, timedelta(days=days))
        work.people.log_access(operator(), "invite", where, role)
    typer.echo(f"/join {code}")
    typer.echo(f"请把上面一行发给对方，{days} 天内在聊天里发送，只能用一次。", err=True)


@app.command("list")
def list_workers() -> None:
    """列出工作人员。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table

    with Parts() as parts, parts.database.read() as rows:
        workers = rows.people.workers()
    print_table(
        ("编号", "姓名", "角色", "社区", "渠道", "加入时间"),
        [
            (
                w.resident_id,
                w.name,
                w.role,
                parts.communities.name(w.community) or "全部",
                w.channel,
                w.enrolled_at.astimezone(parts.settings.zone).date(),
            )
            for w in workers
        ],
    )


@app.command()
def log(
    since: Since = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，每行一个")] = False,
) -> None:
    """谁看过联系方式、导出过什么，谁被拒绝过。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table

    with Parts() as parts, parts.database.read() as rows:
        zone = parts.settings.zone
        begin = datetime.combine(since, time.min, zone) if since else None
        accesses = rows.people.accesses(begin)
    lines = [
        {
            "at": f"{each.at.astimezone(zone):%Y-%m-%d %H:%M}",
            "who": each.who.name or each.who.id or each.who.kind.value,
            "what": each.what,
            "subject": each.subject,
            "note": each.note,
        }
        for each in accesses
    ]
    if as_json:
        for line in lines:
            typer.echo(json.dumps(line, ensure_ascii=False))
        return
    print_table(
        ("时间", "谁", "做了什么", "对象", "说明"),
        [
            tuple({**line, "what": ACCESSES.get(line["what"], line["what"])}.values())
            for line in lines
        ],
    )


@app.command()
def remove(number: Annotated[int, typer.Argument(help="编号，见 linli workers list")]) -> None:
    """取消一个人的工作人员身份。"""
    from bot.commands.parts import Parts

    with Parts() as parts, parts.database.unit_of_work() as work:
        removed = work.people.remove_worker(number)
    if not removed:
        typer.echo(f"没有编号为 {number} 的工作人员。", err=True)
        raise typer.Exit(1)
    typer.echo("已移除。")
