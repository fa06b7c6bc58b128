"""`linli prepare`: build what ships, so that the first question is answered at once."""

import typer


def prepare() -> None:
    """准备好随附的资料索引、意图分类器和服务目录（首次安装时自动运行）。"""
    from bot.commands.parts import Parts

    with Parts() as parts:
        if (parts.settings.index_root / "current").exists():
            parts.indexer.refresh()
        parts.knowledge.reading()
        parts.cross_encoder.score("您好", "您好")
        typer.echo("正在准备意图分类，第一次要几分钟…", err=True)
        parts.embedded.parse("您好")
        parts.categories.suggest("路灯坏了")
        parts.finder.search("社保卡")
    typer.echo("准备好了。", err=True)
