"""The contract of `linli chat --jsonl`, and that state lasts between runs."""

import json
from pathlib import Path
from typing import Any


def chat(linli: Any, *lines: dict[str, Any] | str) -> list[dict[str, Any]]:
    text = "\n".join(
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    done = linli("chat", "--jsonl", stdin=text)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_proposal_from_first_words_to_the_csv(linli: Any, home: Any) -> None:
    asked, created = chat(
        linli,
        {"user": "u1", "text": "幸福里3号楼门口路灯坏了"},
        {"user": "u1", "text": "确认"},
    )
    assert set(asked) == {"user", "intent", "replies"}
    assert asked["intent"]["name"] == "submit_proposal"
    assert all(set(button) == {"label", "id"} for button in asked["replies"][-1]["buttons"])
    assert "P20" in created["replies"][0]["text"]
    out = home / "proposals.csv"
    assert linli("proposals", "export", "--format", "csv", "--out", str(out)).returncode == 0
    assert "幸福里3号楼门口路灯坏了" in out.read_text("utf-8-sig")


def test_a_draft_survives_the_end_of_the_process(linli: Any) -> None:
    chat(linli, {"user": "u2", "text": "垃圾堆满了没人清"})
    (summary,) = chat(linli, {"user": "u2", "text": "阳光花园南门"})
    assert "阳光花园南门" in summary["replies"][0]["text"]


def test_an_id_makes_a_line_idempotent(linli: Any) -> None:
    line = {"user": "u3", "text": "民主路8号下水道堵了", "id": "1"}
    first, again = chat(linli, line, line)
    assert first["replies"] == again["replies"]


def test_faulty_lines_are_answered_and_do_not_end_it(linli: Any) -> None:
    answers = chat(
        linli,
        "not json",
        {"text": "谁"},
        {"user": "u4", "location": [200, 0]},
        {"user": "u4", "text": "您好"},
    )
    assert ["error" in each for each in answers] == [True, True, True, False]


def test_location_and_photo(linli: Any, tmp_path: Any) -> None:
    answers = chat(
        linli,
        {"user": "u5", "photo": str(tmp_path / "missing.jpg")},
        {"user": "u5", "location": [30.59, 114.31]},
        {"user": "u5", "text": "这里井盖坏了"},
    )
    assert "没有收到" in answers[0]["replies"][0]["text"]
    assert "30.59" in answers[2]["replies"][0]["text"]


def test_a_worker_gets_a_file_that_can_be_opened(linli: Any) -> None:
    invite = linli("workers", "invite").stdout.strip()
    chat(
        linli,
        {"user": "u6", "text": "幸福里3号楼门口路灯坏了"},
        {"user": "u6", "text": "确认"},
        {"user": "w1", "text": invite},
    )
    (exported,) = chat(linli, {"user": "w1", "text": "/export 今天 csv"})
    (file,) = exported["replies"][-1]["attachments"]
    assert file["name"].endswith(".csv")
    assert "幸福里3号楼门口路灯坏了" in Path(file["path"]).read_text("utf-8-sig")
