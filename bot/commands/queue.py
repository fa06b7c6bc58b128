"""`linli queue`: messages that could not be handled and replies that could not be sent."""

from typing import Annotated

import typer

app = typer.Typer(help="没能处理的消息、没能送达的回复：查看、重试。", no_args_is_help=True)

CHANNELS = ("telegram", "console")


@app.command("list")
def list_letters() -> None:
    """列出没能处理的消息（收）和没能送达的回复（发）；不显示内容。"""
    from bot.commands.parts import Parts
    from bot.commands.tables import print_table

    with Parts() as parts, parts.database.read() as rows:
        received = [
            ("收", channel, each.message_id, each.error, str(each.attempts))
            for channel in CHANNELS
            for each in rows.inbox.dead(channel)
        ]
        sent = [
            ("发", channel, str(each.id), each.error, str(each.attempts))
            for channel in CHANNELS
            for each in rows.outbox.dead(channel)
        ]
    if not received and not sent:
        typer.echo("没有。")
        return
    print_table(("方向", "渠道", "编号", "原因", "试过几次"), received + sent)


@app.command()
def retry(
    numbers: Annotated[list[str] | None, typer.Argument(help="编号，见 linli queue list")] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部重试")] = False,
) -> None:
    """再试一次；linli serve 在运行时马上就会处理。"""
    from bot.commands.parts import Parts

    wanted = set(numbers or [])
    if not wanted and not everything:
        raise typer.BadParameter("请写上编号，或者用 --all 全部重试。")
    revived: set[str] = set()
    with Parts() as parts, parts.database.unit_of_work() as work:
        for channel in CHANNELS:
            for letter in work.inbox.dead(channel):
                if everything or letter.message_id in wanted:
                    work.inbox.revive(channel, letter.message_id)
                    revived.add(letter.message_id)
            for outgoing in work.outbox.dead(channel):
                if everything or str(outgoing.id) in wanted:
                    work.outbox.revive(outgoing.id)
                    revived.add(str(outgoing.id))
    typer.echo(f"重新排队 {len(revived)} 条。")
    if unknown := sorted(wanted - revived):
        typer.echo(f"没有这些编号：{'、'.join(unknown)}", err=True)
        raise typer.Exit(1)
