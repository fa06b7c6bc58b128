import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.commands.knowledge import app
from index.indexer import Indexer

NOTICE = """幸福里小区停水通知
因管道检修，幸福里小区定于2026年12月3日8时至16时停水。请居民提前储水。
检修由和平水务公司负责，咨询电话：027-00001234。
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notices")
    (folder / "停水通知.txt").write_text(NOTICE, encoding="gb18030")
    (folder / "空白.txt").write_text("", encoding="utf-8")
    return folder


def test_good_files_go_in_and_bad_ones_are_named(linli: Any, folder: Path) -> None:
    done = linli("knowledge", "add", str(folder))
    assert done.returncode == 1
    assert "空白.txt" in done.stderr
    listed = json.loads(linli("knowledge", "list", "--json").stdout)
    assert any("停水" in each["title"] for each in listed)


def test_an_added_document_is_found_beside_the_shipped_ones(linli: Any) -> None:
    done = linli("ask", "--kind", "policy", "--json", "幸福里小区什么时候停水")
    answer = json.loads(done.stdout)
    assert "12月3日" in answer["passages"][0]["text"]


def test_a_document_can_be_removed(linli: Any) -> None:
    listed = json.loads(linli("knowledge", "list", "--json").stdout)
    (added,) = [each["id"] for each in listed if "停水" in each["title"]]
    assert linli("knowledge", "remove", added).returncode == 0
    assert linli("knowledge", "remove", added).returncode == 1


def test_jsonl_keeps_its_ids(linli: Any, tmp_path: Path) -> None:
    file = tmp_path / "notices.jsonl"
    lines = [{"docid": "n1", "title": "测试通知", "text": "社区食堂每天11时开饭，老人八折。"}]
    file.write_text("\n".join(json.dumps(each) for each in lines), encoding="utf-8")
    assert linli("knowledge", "add", str(file)).returncode == 0
    assert any(e["id"] == "n1" for e in json.loads(linli("knowledge", "list", "--json").stdout))


CIRCLE = (  # what was asked in vain, what is asked later, what the worker answers
    ("社区托管班放学后收费多少钱", "托管班一个月多少钱", "放学后托管班每月三百元，低保免费。"),
    ("怎么办理钓鱼证", "钓鱼证在哪里办理", "钓鱼证到镇水产站办理，带身份证，当天发证。"),
)


def test_gaps_are_answered_asked_again_and_evaluated(linli: Any) -> None:
    def chat(*texts: str) -> list[str]:
        lines = [json.dumps({"user": f"u{n}", "text": text}) for n, text in enumerate(texts)]
        said = linli("chat", "--jsonl", stdin="\n".join(lines) + "\n").stdout.splitlines()
        return ["\n".join(reply["text"] for reply in json.loads(one)["replies"]) for one in said]

    def gaps() -> dict[str, int]:
        listed = json.loads(linli("knowledge", "gaps", "--json").stdout)
        return {gap["examples"][0]: gap["id"] for gap in listed}

    before = chat(*(question for question, _, _ in CIRCLE))
    numbers = gaps()
    for (question, _, answer), said in zip(CIRCLE, before, strict=True):
        assert answer.rstrip("。") not in said
        options = ("--text", answer, "--author", "李姐")
        assert linli("knowledge", "answer", str(numbers[question]), *options).returncode == 0
    assert not set(gaps()) & {question for question, _, _ in CIRCLE}
    asked = [
        (wording, answer) for question, again, answer in CIRCLE for wording in (question, again)
    ]
    for said, (_, answer) in zip(chat(*(wording for wording, _ in asked)), asked, strict=True):
        assert answer.rstrip("。") in said and "李姐" in said
    figures = json.loads(linli("evaluate", "answers", "--json").stdout)
    assert (figures["questions"], figures["recall@1"]) == (len(CIRCLE), 1.0)
    assert figures["answer_f1"] > 0.5  # a clause may be quoted where it answers


def test_an_answer_to_nothing_is_refused(linli: Any) -> None:
    assert linli("knowledge", "answer", "999", "--text", "是").returncode == 1


def test_who_interrupts_is_told_that_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    monkeypatch.setattr(Indexer, "add", interrupted)
    done = CliRunner().invoke(app, ["add", str(folder)])
    assert done.exit_code == 130
    assert "接着做" in done.stderr
