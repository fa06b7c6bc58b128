"""`linli services`: the directory of services, and what the community can offer."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.commands.parts import Parts
    from index.matching import Match, Need
    from index.service_finder import ServiceHit
    from knowledge.service_check import AskedQuestion
    from knowledge.service_import import ImportReport

app = typer.Typer(help="服务目录：导入、导出、查找、体检，需求和资源对接。", no_args_is_help=True)

MAX_PROBLEMS_SHOWN = 200
ISSUES = {
    "no_phone": "没有电话", "dead_hours": "时间不对", "no_office": "没有地点", "stale": "该核对了",
    "duplicate": "重复", "never_found": "没人找到",
}  # fmt: skip
Table = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="CSV、TSV、XLSX、JSON 或 YAML 文件")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，每行一条")]


@app.command("import")
def import_(
    file: Table,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="指定某列的含义，如 --map 窗口=offices.name；等号后空着则不导入"
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不保存")] = False,
) -> None:
    """把社区自己的服务表导入目录。有错的行会列出来，其余照常导入；再次导入按编号更新。"""
    from bot.settings import load_settings
    from knowledge.directory import load_community, save_community
    from knowledge.service_import import import_services

    home = load_settings().home
    services, report = import_services(file, load_community(home), _choices(column or []))
    _print_columns(report)
    if not dry_run and report.added + report.updated:
        save_community(home, services)
    _print_outcome(report, dry_run)


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到哪个文件")],
    format_name: Annotated[
        str, typer.Option("--format", help="csv、xlsx、json 或 yaml；默认看文件名")
    ] = "",
    community_only: Annotated[
        bool, typer.Option("--community-only", help="只导出本社区自己的条目")
    ] = False,
) -> None:
    """把目录导出成表格，改好后可以再导入。"""
    from bot.settings import load_settings
    from knowledge.directory import Directory, load_community
    from knowledge.service_export import export_services

    home = load_settings().home
    services = load_community(home) if community_only else Directory.load(home).services
    export_services(services, out, format_name)
    typer.echo(f"已导出 {len(services)} 项到 {out}")


@app.command()
def template(
    out: Annotated[Path, typer.Argument(help="写到哪个 XLSX 文件")] = Path("services.xlsx"),
) -> None:
    """生成空白表格：有表头、一行示例和填写说明。"""
    from knowledge.service_export import write_template

    write_template(out)
    typer.echo(f"已生成 {out}。填好后运行：linli services import {out}")


@app.command()
def find(
    text: Annotated[list[str], typer.Argument(help="居民的原话")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="最多列几项")] = 3,
    age: Annotated[int | None, typer.Option(min=0, max=120, help="办事人的年龄")] = None,
    community: Annotated[str, typer.Option(help="居民所在社区")] = "",
    as_json: Json = False,
) -> None:
    """用平常话找服务，看看居民问这句会找到什么。"""
    from bot.commands.parts import Parts
    from index.places import Place

    question = " ".join(text)
    with Parts() as parts:
        place, now = Place(community=community), parts.clock.now()
        finding = parts.finder.best(question, place=place, at=now, audience_age=age)
        hits = parts.finder.search(question, limit, place=place, at=now, audience_age=age)
    if as_json:
        _print_hits_json(finding.kind, hits)
        return
    verdict = {"one": "回答第一项", "several": f"请居民在前 {len(finding.hits)} 项里选"}
    hotline = f"，请他打 {finding.hotline.phones[0]}" if finding.hotline else ""
    typer.echo(f"{question}：{verdict.get(finding.kind, f'目录里没有{hotline}')}")
    _print_hits(hits)


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option(help="service、hotline 或 nuisance；默认全部")] = "",
    department: Annotated[str, typer.Option(help="部门名称里的字")] = "",
    as_json: Json = False,
) -> None:
    """列出目录里的服务。"""
    from bot.settings import load_settings
    from knowledge.directory import Directory
    from knowledge.service import Kind

    if kind and kind not in list(Kind):
        raise typer.BadParameter(f"类型只能是 {'、'.join(Kind)}，不能是“{kind}”。")
    services = [
        service
        for service in Directory.load(load_settings().home)
        if kind in ("", service.kind) and department in service.department
    ]
    if as_json:
        for service in services:
            typer.echo(service.model_dump_json(exclude_defaults=True))
        return
    from bot.commands.tables import print_table

    print_table(
        ("编号", "名称", "类型", "部门", "电话", "核对日期"),
        [(s.id, s.name, s.kind, s.department, "、".join(s.phones), s.checked_on) for s in services],
        title=f"{len(services)} 项服务",
    )


@app.command()
def check(
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="有问题就以 1 退出")] = False,
) -> None:
    """给目录体检：过期的、没有电话的、时间不对的、重复的、没人找到的，还有没找到的提问。"""
    from bot.clock import local
    from bot.commands.parts import Parts
    from knowledge.service_check import check_services

    with Parts() as parts:
        asked = list(_asked(parts))
        today = local(parts.clock.now(), parts.settings.time_zone).date()
        issues = check_services(parts.directory.services, today, asked)
    missed = [question.text for question in asked if not question.is_found]
    if as_json:
        _print_json({"issue": i.kind, "id": i.service_id, "name": i.name, "detail": i.detail}
                    for i in issues)  # fmt: skip
        _print_json({"issue": "nothing_found", "question": text} for text in missed)
    else:
        from bot.commands.tables import print_table

        rows = [(ISSUES[i.kind], i.service_id, i.name, i.detail) for i in issues]
        print_table(("问题", "编号", "名称", "说明"), rows, title=f"{len(issues)} 处要看看")
        if missed:
            rows_missed = [(text,) for text in dict.fromkeys(missed)]
            print_table(("没找到服务的提问",), rows_missed, title=f"{len(rows_missed)} 种问法")
    if strict and issues:
        raise typer.Exit(1)


@app.command()
def resources(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="要导入的资源表")
    ] = None,
) -> None:
    """社区资源清单：给文件就导入，不给就列出。电话只存不显示。"""
    from bot.commands.tables import print_table
    from bot.settings import load_settings
    from knowledge.resources import import_resources, load_resources, save_resources

    home = load_settings().home
    known = load_resources(home)
    if file is None:
        rows = [(r.name, r.kind, "、".join(r.skills), r.community, r.note) for r in known]
        print_table(
            ("名称", "类型", "能做什么", "社区", "备注"), rows, title=f"{len(known)} 项资源"
        )
        return
    joined, report = import_resources(file, known)
    _print_columns(report)
    if report.added + report.updated:
        save_resources(home, joined)
    _print_outcome(report, dry_run=False)


@app.command("match")
def match_(
    limit: Annotated[int, typer.Option(min=1, max=20, help="每个需求最多配几项资源")] = 3,
    days: Annotated[int, typer.Option(min=1, help="看最近多少天的诉求和提问")] = 90,
    as_json: Json = False,
) -> None:
    """把居民的需求（诉求和没答上的提问）和社区资源配对，说明为什么。"""
    from bot.commands.parts import Parts
    from index.matching import group_needs, match
    from knowledge.resources import load_resources

    with Parts() as parts:
        known = load_resources(parts.settings.home)
        if not known:
            typer.echo("还没有资源清单，先运行 linli services resources 文件", err=True)
            raise typer.Exit(1)
        needs = group_needs(list(_needs(parts, days)), parts.encoder)
        matches = match(needs, known, parts.encoder, limit)
    met = {each.need for each in matches}
    unmet = [need for need in needs if need not in met]
    if as_json:
        _print_json(
            {"need": m.need.text, "count": m.need.count, "resource": m.resource.name,
             "score": round(m.score, 4), "why": m.why}
            for m in matches
        )  # fmt: skip
        _print_json({"need": need.text, "count": need.count, "resource": None} for need in unmet)
        return
    _print_matches(matches, unmet)


def _choices(columns: Sequence[str]) -> dict[str, str]:
    choices = {}
    for each in columns:
        heading, equals, field = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"--map 要写成“列名=字段”，不能是“{each}”。")
        choices[heading.strip()] = field.strip()
    return choices


def _asked(parts: "Parts") -> "Iterable[AskedQuestion]":
    """The questions of the log that were about services, or that led to one."""
    from knowledge.service_check import AskedQuestion

    with parts.database.read() as rows:
        for question in rows.questions.find():
            led_to = question.document_id if question.found else ""
            if question.intent == "lookup_service" or parts.directory.get(led_to):
                yield AskedQuestion(question.text, led_to, question.found)


def _needs(parts: "Parts", days: int) -> Iterable[str]:
    """What residents wrote lately and did not get: proposals, and questions without an answer."""
    from datetime import timedelta

    from bot.proposals.privacy import mask_contacts
    from bot.storage.proposals import Filter

    since = parts.clock.now() - timedelta(days=days)
    with parts.database.read() as rows:
        for proposal in rows.proposals.find(Filter(since=since)):
            yield mask_contacts(proposal.description)
        for question in rows.questions.find(since=since, found=False):
            if question.intent in ("lookup_service", "ask_policy"):
                yield question.text


def _print_columns(report: "ImportReport") -> None:
    from bot.commands.tables import print_table
    from knowledge.resources import COLUMNS
    from knowledge.service_columns import SERVICE_COLUMNS

    written = {**COLUMNS, **SERVICE_COLUMNS}
    rows = [(title, written[field][0], field) for title, field in report.columns.items()]
    rows += [(title, "（不导入）", "") for title in report.unused]
    print_table(("表里的列", "当作", "字段"), rows, title=report.source)


def _print_outcome(report: "ImportReport", dry_run: bool) -> None:
    """Print the numbers, then the faulty rows on stderr; exit code 1 when there are any."""
    counts = {
        "新增": report.added, "更新": report.updated, "没有变化": report.unchanged,
        "并入同一项的行": report.merged, "跳过的示例行": report.skipped,
    }  # fmt: skip
    said = "，".join(f"{name} {count}" for name, count in counts.items() if count)
    typer.echo(
        f"共 {report.rows} {report.unit}：{said or '没有可导入的'}"
        + ("（未保存）" if dry_run else "")
    )
    if not report.problems:
        return
    for problem in report.problems[:MAX_PROBLEMS_SHOWN]:
        where = f"第 {problem.line} {report.unit} {problem.column}".rstrip()
        typer.echo(f"{where}：{problem.reason}", err=True)
    if (more := len(report.problems) - MAX_PROBLEMS_SHOWN) > 0:
        typer.echo(f"……另有 {more} 处没有列出", err=True)
    faulty = len({problem.line for problem in report.problems})
    typer.echo(f"有 {faulty} {report.unit}没有导入，改好后再导一次即可。", err=True)
    raise typer.Exit(1)


def _print_hits(hits: "Sequence[ServiceHit]") -> None:
    from bot.commands.tables import print_table

    print_table(
        ("分数", "名称", "部门", "电话", "办理点"),
        [
            (f"{hit.score:.2f}", hit.service.name, hit.service.department,
             "、".join(hit.service.phones), hit.office.address if hit.office else "")
            for hit in hits
        ],
    )  # fmt: skip


def _print_hits_json(kind: str, hits: "Sequence[ServiceHit]") -> None:
    _print_json(
        {"kind": kind, "id": hit.service.id, "name": hit.service.name, "score": round(hit.score, 4)}
        for hit in hits
    )


def _print_matches(matches: "Sequence[Match]", unmet: "Sequence[Need]") -> None:
    from bot.commands.tables import print_table

    rows = [
        (m.need.text[:40], m.need.count, m.resource.name, f"{m.score:.2f}", m.why) for m in matches
    ]
    rows += [(need.text[:40], need.count, "（还没有合适的资源）", "", "") for need in unmet]
    met = len({m.need for m in matches})
    title = f"{met + len(unmet)} 项需求，{met} 项有资源可对接"
    print_table(("需求", "次数", "资源", "合适程度", "因为能做"), rows, title=title)


def _print_json(rows: Iterable[dict[str, object]]) -> None:
    import json

    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False))
