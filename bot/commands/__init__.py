"""The `linli` command: one file a noun. `bot.commands.parts` joins the parts."""

import sys

import typer

from bot.commands import (
    ask,
    backup,
    chat,
    communities,
    doctor,
    evaluate,
    knowledge,
    prepare,
    proposals,
    qr,
    queue,
    serve,
    services,
    train,
    workers,
)
from bot.commands.failing import explain

app = typer.Typer(
    name="linli",
    help="邻里：社区治理助手。居民用平常话提建议、查办事、问政策。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("chat")(chat.chat)
app.command("ask")(ask.ask)
app.command("prepare")(prepare.prepare)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("serve")(serve.serve)
app.command("qr")(qr.qr)
app.add_typer(queue.app, name="queue")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(services.app, name="services")
app.add_typer(proposals.app, name="proposals")
app.add_typer(workers.app, name="workers")
app.add_typer(communities.app, name="communities")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(train.app, name="train")


def main() -> None:
    """Run the command; a known failure is one clear message on stderr and exit code 1."""
    try:
        app()
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        print(message, file=sys.stderr)
        sys.exit(1)
