"""The worker's side on the command line, in a home of its own; no encoder is needed."""

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.commands import app, main
from bot.commands.parts import Parts
from bot.proposals.proposal import Draft
from bot.settings import Settings
from bot.storage.records import EventKind, Role

PHONE = "13912345678"
TREE = """
- {id: jie, name: 南湖街道, level: street}
- {id: xing, name: 幸福社区, level: community, parent: jie}
- {id: yuan, name: 锦绣家园, level: estate, parent: xing}
- {id: guang, name: 光明社区, level: community, parent: jie}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, which the settings name."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "home"


@pytest.fixture
def parts(home: Path) -> Iterator[Parts]:
    with Parts(Settings(_env_file=None, home=home)) as built:
        yield built


@pytest.fixture
def code(parts: Parts) -> str:
    """A proposal with a phone in the ledger."""
    return raised(parts, f"灯坏了，打{PHONE}", "yuan")


def raised(parts: Parts, description: str, community: str, category: str = "lighting") -> str:
    draft = Draft(
        description, "锦绣家园2号楼", community=community, category=category,
        contact_name="王秀英", contact_phone=PHONE,
    )  # fmt: skip
    with parts.database.unit_of_work() as work:
        resident = work.people.meet("console", "wang", "王秀英")
        return parts.casework(work).ledger.create(draft, resident).code


def linli(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def ran(*words: str) -> str:
    result = linli(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def failed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the whole command says on stderr when it fails with exit code 1."""
    monkeypatch.setattr("sys.argv", ["linli", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return said.err


def heard(parts: Parts) -> list[str]:
    with parts.database.unit_of_work() as work:
        due = work.outbox.due("console", work.now)
        for outgoing in due:
            work.outbox.mark_sent(outgoing.id)
    return [outgoing.reply.text for outgoing in due]


def test_deadlines_are_those_of_the_city(
    parts: Parts, code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINLI_DEADLINES", "complex=24h/60d")
    ran("proposals", "edit", code, "--urgency", "complex")
    with parts.database.read() as rows:
        proposal = rows.proposals.get(code)
    assert proposal is not None
    assert proposal.resolution_due_at is not None
    assert proposal.resolution_due_at - proposal.created_at > timedelta(days=59)
    monkeypatch.setenv("LINLI_DEADLINES", "complex=bald")
    assert "LINLI_DEADLINES" in failed(monkeypatch, capsys, "proposals", "due")


def test_a_correction_from_the_command_line(parts: Parts, code: str) -> None:
    ran("proposals", "edit", code, "--urgency", "complex", "--title", "楼道灯不亮")
    with parts.database.read() as rows:
        proposal = rows.proposals.get(code)
    assert proposal is not None
    assert (proposal.urgency, proposal.title) == ("complex", "楼道灯不亮")


def test_list_and_show_hide_contacts_unless_a_purpose_is_given(parts: Parts, code: str) -> None:
    for words in (("list",), ("show", code)):
        said = ran("proposals", *words)
        assert code in said
        assert PHONE not in said
    ran("proposals", "note", code, f"打{PHONE}没人接")
    assert PHONE not in ran("proposals", "show", code)
    assert PHONE in ran("proposals", "show", code, "--with-contacts", "回访")
    with parts.database.read() as rows:
        assert [access.what for access in rows.people.accesses()] == ["contacts"]
        assert rows.proposals.events(code)[-1].what is EventKind.VIEWED


def test_a_case_from_the_command_line_reaches_the_resident(parts: Parts, code: str) -> None:
    ran("proposals", "assign", code, "物业")
    ran("proposals", "return", code, "不归我们")
    ran("proposals", "assign", code, "市政")
    ran("proposals", "note", code, "师傅姓刘")
    ran("proposals", "reply", code, "明天来修")
    ran("proposals", "move", code, "executed", "--note", "换了灯泡")
    said = []
    while more := heard(parts):
        said += more
    assert [words in text for words, text in zip(
        ("物业", "市政", "明天来修", "解决了吗"), said, strict=True
    )] == [True] * 4  # fmt: skip
    assert not any("师傅姓刘" in text for text in said)


def test_what_the_ledger_refuses_is_one_line_on_stderr(
    home: Path, code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "不能从" in failed(monkeypatch, capsys, "proposals", "move", code, "evaluated")
    assert "理由" in failed(monkeypatch, capsys, "proposals", "move", code, "declined")
    assert "没有找到" in failed(monkeypatch, capsys, "proposals", "show", "P20200101-9999")
    assert "还没有承办单位" in failed(monkeypatch, capsys, "proposals", "return", code, "不归我们")
    assert "还没有名册" in failed(monkeypatch, capsys, "communities", "list")


@pytest.mark.parametrize(
    "words",
    [
        ("proposals", "move", "P1", "flying"),
        ("proposals", "list", "--stage", "flying"),
        ("proposals", "list", "--since", "gestern"),
        ("proposals", "export", "--format", "doc", "--out", "x"),
        ("proposals", "anonymise", "--older-than", "0"),
        ("proposals", "statistics", "--group", "moon"),
        ("proposals", "edit", "P1"),
        ("proposals", "edit", "P1", "--urgency", "now"),
        ("proposals", "edit", "P1", "--category", "moon"),
        ("proposals", "edit", "P1", "--community", "火星"),
        ("workers", "invite", "--role", "king"),
        ("workers", "invite", "--community", "火星"),
        ("communities", "import", "gone.yml"),
        ("proposals", "return"),
    ],
)
def test_bad_usage_is_exit_code_2(home: Path, words: tuple[str, ...]) -> None:
    result = linli(*words)
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", "open311"])
def test_exports_count_as_many_as_the_ledger(
    parts: Parts, code: str, tmp_path: Path, kind: str
) -> None:
    raised(parts, "路面有坑", "guang", "road")
    out = tmp_path / f"out.{kind}"
    assert "导出 2 件" in ran("proposals", "export", "--format", kind, "--out", str(out))
    wanted = ("--category", "road", "--out", str(out), "--format", kind)
    assert "导出 1 件" in ran("proposals", "export", *wanted)
    with parts.database.read() as rows:
        assert rows.people.accesses() == []


def test_an_export_with_contacts_is_logged(parts: Parts, code: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ran("proposals", "export", "--out", str(out))
    assert PHONE not in out.read_text("utf-8-sig")
    ran("proposals", "export", "--out", str(out), "--with-contacts")
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["contact_phone"] for row in csv.DictReader(file)] == [PHONE]
    with parts.database.read() as rows:
        (access,) = rows.people.accesses()
    assert (access.what, access.subject, access.note) == ("export", "contacts", "csv，1 件")


def test_a_wider_place_stands_for_all_inside_it(
    home: Path, parts: Parts, code: str, tmp_path: Path
) -> None:
    file = tmp_path / "tree.yml"
    file.write_text(TREE, "utf-8")
    assert "4 个地方" in ran("communities", "import", str(file))
    other = raised(parts, "水管漏", "guang")
    assert {code, other} <= set(ran("proposals", "list", "--community", "南湖街道").split())
    inside = ran("proposals", "list", "--community", "幸福社区").split()
    assert code in inside
    assert other not in inside
    listed = json.loads(ran("communities", "list", "--json"))
    assert {each["id"]: each["open"] for each in listed} == {
        "jie": 2, "xing": 1, "yuan": 1, "guang": 1,
    }  # fmt: skip


def test_a_faulty_tree_changes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.yml", tmp_path / "bad.yml"
    good.write_text(TREE, "utf-8")
    bad.write_text("- {id: a, name: 甲, level: planet}", "utf-8")
    ran("communities", "import", str(good))
    assert "level" in failed(monkeypatch, capsys, "communities", "import", str(bad))
    assert (home / "communities.yml").read_text("utf-8") == TREE


def test_deadlines_are_listed_and_workers_reminded_once(parts: Parts, code: str) -> None:
    with parts.database.unit_of_work() as work:
        work.proposals.update(code, response_due_at=work.now)
        invite = work.people.create_invite(Role.WORKER, "", timedelta(days=1))
        worker = work.people.meet("console", "li", "李干事")
        work.people.redeem(invite, worker.id)
    rows = [json.loads(line) for line in ran("proposals", "due", "--json").splitlines()]
    assert {(row["code"], row["kind"]) for row in rows} == {(code, "response_overdue")}
    assert "提醒了 1 个" in ran("proposals", "due", "--remind")
    (notice,) = heard(parts)
    assert code in notice
    assert PHONE not in notice
    assert "提醒了 0 个" in ran("proposals", "due", "--remind")
    assert heard(parts) == []


def test_statistics_and_anonymise(parts: Parts, code: str) -> None:
    (figures,) = json.loads(ran("proposals", "statistics", "--json"))
    assert figures["proposals"] == 1
    assert "响应率" in ran("proposals", "statistics", "--group", "category")
    assert "0 件" in ran("proposals", "anonymise", "--older-than", "1")


def test_help_names_every_command(home: Path) -> None:
    said = ran("proposals", "--help")
    for name in ("list", "show", "move", "assign", "return", "note", "reply", "export",
                 "statistics", "topics", "due", "anonymise"):  # fmt: skip
        assert name in said
