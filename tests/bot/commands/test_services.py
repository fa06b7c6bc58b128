"""`linli services`: the outputs, the exit codes, and what is left on disk."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.commands import app
from bot.commands.parts import Parts
from bot.settings import Settings
from knowledge.directory import COMMUNITY_FILE, Directory

TABLE = """编号,名称,主管部门,材料,联系电话,办公地址,办公时间
elder-card,老年优待证办理,民政局,身份证、照片,027-00001111,幸福路1号,周一至周五 9:00-17:00
tea,邻里茶话会,居委会,,12345,幸福路2号,看公告
bad,坏掉的一行,居委会,,12,,
"""
RESOURCES = """名称,类型,能做什么,联系电话,社区
老王水电,商户,修水管、换灯泡,027-00002222,幸福里
李律师,律师,遗产继承咨询,027-00003333,幸福里
舞蹈队,志愿者,教广场舞,,幸福里
"""


@pytest.fixture(scope="module")
def linli(home: Path) -> Any:
    """The command in this process, which spares loading the libraries for every call."""

    def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
        variables = {"LINLI_HOME": str(home), "COLUMNS": "200", **(environment or {})}
        return CliRunner().invoke(app, arguments, env=variables)

    return run


@pytest.fixture(scope="module")
def imported(linli: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A finished import of `TABLE`, which has one faulty row."""
    path = tmp_path_factory.mktemp("tables") / "services.csv"
    path.write_text(TABLE, encoding="utf-8")
    return linli("services", "import", str(path))


def test_import_shows_columns_numbers_and_faulty_rows(imported: Any, home: Path) -> None:
    assert imported.exit_code == 1  # one row is still to be mended
    assert "主管部门" in imported.stdout
    assert "共 3 行：新增 2" in imported.stdout
    assert "第 4 行 联系电话：电话“12”位数太少" in imported.stderr
    card = Directory.load(home).get("elder-card")
    assert card is not None
    assert card.offices[0].address == "幸福路1号"
    assert card.situations  # completed from the general entry


def test_a_dry_run_saves_nothing(linli: Any, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("名称\n低保\n", encoding="utf-8")
    done = linli("services", "import", str(tmp_path / "t.csv"), "--dry-run",
                 environment={"LINLI_HOME": str(tmp_path / "empty")})  # fmt: skip
    assert (done.exit_code, "未保存" in done.stdout) == (0, True)
    assert not (tmp_path / "empty" / COMMUNITY_FILE).exists()


def test_a_column_is_chosen_by_hand(linli: Any, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("甲\n低保\n", encoding="utf-8")
    arguments = ("services", "import", str(tmp_path / "t.csv"), "--dry-run")
    assert "找不到服务名称" in str(linli(*arguments).exception)
    assert linli(*arguments, "--map", "甲=name").exit_code == 0
    assert linli(*arguments, "--map", "甲").exit_code == 2


def test_export_and_import_again_changes_nothing(
    linli: Any, imported: Any, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.xlsx"
    done = linli("services", "export", "--out", str(out), "--community-only")
    assert done.stdout.startswith("已导出 2 项")
    before = (home / COMMUNITY_FILE).read_bytes()
    again = linli("services", "import", str(out))
    assert (again.exit_code, "没有变化 2" in again.stdout) == (0, True)
    assert (home / COMMUNITY_FILE).read_bytes() == before


def test_export_of_everything_as_csv(linli: Any, home: Path, tmp_path: Path) -> None:
    linli("services", "export", "--out", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as stream:
        ids = {row["编号"] for row in csv.DictReader(stream)}
    assert ids == {service.id for service in Directory.load(home)}


def test_the_template_can_be_imported_at_once(linli: Any, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    assert linli("services", "template", str(path)).exit_code == 0
    done = linli("services", "import", str(path), "--dry-run")
    assert (done.exit_code, "跳过的示例行 1" in done.stdout) == (0, True)


def test_list_by_kind_and_department(linli: Any, imported: Any) -> None:
    done = linli("services", "list", "--department", "居委会", "--kind", "service", "--json")
    assert "tea" in [json.loads(line)["id"] for line in done.stdout.splitlines()]
    assert linli("services", "list", "--kind", "shop").exit_code == 2


def test_find_in_everyday_words(linli: Any, imported: Any) -> None:
    done = linli("services", "find", "我妈想办老年证要带啥", "--json", "--limit", "2")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert hits[0]["id"] == "elder-card"
    assert len(hits) == 2
    assert hits[0]["kind"] == "one"
    table = linli("services", "find", "我妈想办老年证要带啥")
    assert "回答第一项" in table.stdout
    assert "幸福路1号" in table.stdout


def test_check_names_what_is_to_be_mended(linli: Any, imported: Any, home: Path) -> None:
    with Parts(Settings(_env_file=None, home=home)) as parts, parts.database.unit_of_work() as work:
        work.questions.add("哪里能修古琴", intent="lookup_service", confidence=0.9)
        several = work.questions.add("办证", intent="lookup_service", confidence=0.9)
        work.questions.settle(several, found=True, document_id="")
    done = linli("services", "check", "--json")
    issues = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"issue": "nothing_found", "question": "哪里能修古琴"} in issues
    assert {"issue": "nothing_found", "question": "办证"} not in issues
    assert ("dead_hours", "tea") in {(each["issue"], each.get("id")) for each in issues}
    assert done.exit_code == 0
    assert linli("services", "check", "--strict").exit_code == 1


def test_needs_and_resources_are_matched(linli: Any, home: Path, tmp_path: Path) -> None:
    elsewhere = {"LINLI_HOME": str(tmp_path / "home")}
    assert linli("services", "match", environment=elsewhere).exit_code == 1
    path = tmp_path / "resources.csv"
    path.write_text(RESOURCES, encoding="utf-8")
    assert "新增 3" in linli("services", "resources", str(path), environment=elsewhere).stdout
    listed = linli("services", "resources", environment=elsewhere).stdout
    assert "老王水电" in listed
    assert "00002222" not in listed
    with (
        Parts(Settings(_env_file=None, home=tmp_path / "home")) as parts,
        parts.database.unit_of_work() as work,
    ):
        for text in ("家里水管漏水没人修", "水管漏水找人修", "房产继承怎么弄", "想学开飞机"):
            work.questions.add(text, intent="lookup_service", confidence=0.9)
    done = linli("services", "match", "--json", environment=elsewhere)
    matches = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"need": "想学开飞机", "count": 1, "resource": None} in matches
    met = [each for each in matches if each["resource"]]
    best = {each["resource"]: (each["count"], each["why"]) for each in reversed(met)}
    assert best["老王水电"] == (2, "修水管")
    assert best["李律师"] == (1, "遗产继承咨询")
