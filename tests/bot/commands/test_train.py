import json
from pathlib import Path
from typing import Any

CASES = """text,label
小区路灯坏了,市政所
楼道灯不亮,市政所
路上有个大坑,市政所
井盖松动,市政所
狗没拴绳,城管队
垃圾桶满了没人清,城管队
门口摆摊占道,城管队
半夜施工太吵,城管队
"""


def test_a_report_after_training_on_departments_of_one_s_own(linli: Any, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(CASES, encoding="utf-8")
    done = linli("train", "categories", str(file))
    assert done.returncode == 0, done.stderr
    assert "8 件案例，2 个类别" in done.stdout
    measured = json.loads(linli("evaluate", "categories", str(file), "--json").stdout)
    assert (measured["messages"], measured["accuracy"]) == (8, 1.0)

    said = ("幸福里3号楼的路灯坏了", "不留", "确认")
    lines = "".join(json.dumps({"user": "u1", "text": text}) + "\n" for text in said)
    done = linli("chat", "--jsonl", stdin=lines)
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    summary = turns[0]["replies"][0]["text"]
    assert "类别：路灯照明" in summary  # the shipped model names the category
    exported = tmp_path / "proposals.json"
    linli("proposals", "export", "--out", str(exported), "--format", "json")
    [proposal] = json.loads(exported.read_text(encoding="utf-8"))
    assert (proposal["category"], proposal["department"]) == ("lighting", "市政所")


def test_a_model_that_cannot_be_read_leaves_the_shipped_categories(linli: Any, home: Path) -> None:
    folder = home / "categories"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.npz").write_bytes(b"of another time")
    done = linli("chat", "--jsonl", stdin=json.dumps({"user": "u1", "text": "三栋的路灯坏了"}))
    [turn] = [json.loads(line) for line in done.stdout.splitlines()]
    assert "请重新运行 linli train categories" in done.stderr
    assert turn["intent"]["name"] == "submit_proposal"
