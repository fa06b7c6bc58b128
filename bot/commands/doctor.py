"""`linli doctor`: what is set up, what is missing, how to mend it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.commands.parts import Parts


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `state` is ok, warning or failed; `remedy` says what to do."""

    name: str
    state: str
    detail: str
    remedy: str = ""


def doctor(
    understanding: Annotated[
        str, typer.Option(metavar="TEXT", help="说明一句话为什么被这样理解")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """检查安装和设置：有什么、缺什么、怎么补。"""
    from bot.commands.parts import Parts

    with Parts() as parts:
        if understanding:
            _explain(parts, understanding, as_json)
            return
        checks = list(examine(parts))
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=1))
    else:
        for check in checks:
            mark = {"ok": "✓", "warning": "!", "failed": "✗"}[check.state]
            typer.echo(f"{mark} {check.name}：{check.detail}")
            if check.remedy:
                typer.echo(f"    {check.remedy}")
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(1)


def examine(parts: "Parts") -> Iterator[Check]:
    """Look at each part; a part that fails does not stop the next from being looked at."""
    for name, look in (
        ("数据目录", _home),
        ("编码器", _encoder),
        ("资料库", _knowledge),
        ("意图识别", _classifier),
        ("服务目录", _services),
        ("消息队列", _queues),
        ("Telegram", _telegram),
    ):
        yield _guarded(name, look, parts)


def _guarded(name: str, look: "Callable[[Parts], Check]", parts: "Parts") -> Check:
    try:
        return look(parts)
    except Exception as error:  # whatever is wrong with a part is what a check reports
        from bot.commands.failing import explain

        reason = explain(error) or type(error).__name__
        return Check(name, "failed", reason, "改好后再运行 linli doctor。")


def _home(parts: "Parts") -> Check:
    with parts.database.unit_of_work() as work:
        count = work.proposals.count()
    return Check("数据目录", "ok", f"{parts.settings.home.resolve()}，{count} 件提案")


def _encoder(parts: "Parts") -> Check:
    vector = parts.encoder.encode_query(["社区"])
    return Check("编码器", "ok", f"{parts.encoder.name}，{vector.shape[1]} 维")


def _knowledge(parts: "Parts") -> Check:
    snapshot = parts.snapshot()
    detail = f"{len(snapshot.documents)} 个文件，{len(snapshot.chunks)} 段"
    return Check("资料库", "ok", detail)


def _classifier(parts: "Parts") -> Check:
    parse = parts.classifier.parse("路灯坏了")
    detail = f"{parts.settings.nlu}，“路灯坏了”→ {parse.intent}（{parse.confidence:.2f}）"
    if parts.settings.nlu == "rasa" and parse.engine != "rasa":
        return Check(
            "意图识别", "warning", detail, "Rasa 没有应答，暂由内置分类器代替：make rasa-serve"
        )
    return Check("意图识别", "ok", detail)


def _services(parts: "Parts") -> Check:
    return Check("服务目录", "ok", f"{len(parts.directory)} 项")


def _queues(parts: "Parts") -> Check:
    with parts.database.read() as rows:
        inbox = {name: rows.inbox.depth(name) for name in ("telegram", "console")}
        outbox = {name: rows.outbox.depth(name) for name in ("telegram", "console")}
    waiting = inbox["telegram"]["pending"] + outbox["telegram"]["pending"]
    dead = sum(depth["dead"] for depth in (*inbox.values(), *outbox.values()))
    detail = f"待处理 {waiting}，没能处理或送达 {dead}"
    if dead:
        return Check(
            "消息队列", "warning", detail, "linli queue list 查看，linli queue retry 重试。"
        )
    return Check("消息队列", "ok", detail)


def _telegram(parts: "Parts") -> Check:
    if parts.settings.telegram_token is None:
        remedy = "向 Telegram 的 @BotFather 要一个令牌，写进 .env 的 LINLI_TELEGRAM_TOKEN。"
        return Check("Telegram", "warning", "还没有设置", remedy)
    way = "webhook" if parts.settings.telegram_webhook_url else "长轮询"
    return Check("Telegram", "ok", f"已设置令牌，{way}")


def _explain(parts: "Parts", text: str, as_json: bool) -> None:
    """Why a message is read as it is: route, ranking, nearest examples, slots."""
    from bot.commands.tables import print_table
    from bot.conversation import Conversation
    from bot.router import route_text
    from intents.entities import read_slots

    vector = parts.encoder.encode_query([text])[0]
    parse = parts.classifier.parse(text, vector)
    slots = read_slots(text)
    reading = {
        "act": route_text(text, parse, slots, Conversation()).act,
        "intent": parse.intent,
        "confidence": round(parse.confidence, 4),
        "is_unsure": parse.is_unsure,
        "engine": parse.engine,
    }
    ranking = [(name, round(share, 4)) for name, share in parse.ranking[:5]]
    nearest = [
        (example.text, example.intent, round(likeness, 4))
        for example, likeness in parts.embedded.nearest(vector, 5)
    ]
    found = [(entity.entity, entity.value) for entity in slots.entities]
    if as_json:
        whole = {"text": text, **reading, "ranking": ranking, "nearest": nearest}
        typer.echo(json.dumps({**whole, "slots": dict(found)}, ensure_ascii=False))
        return
    print_table(("项目", "内容"), list(reading.items()))
    print_table(("意图", "概率"), ranking)
    print_table(("最接近的例句", "意图", "相似度"), nearest)
    print_table(("词槽", "值"), found)
