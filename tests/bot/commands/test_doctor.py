import json
from pathlib import Path
from typing import Any


def test_a_fresh_home_is_fit(linli: Any) -> None:
    done = linli("doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    states = {check["name"]: check["state"] for check in json.loads(done.stdout)}
    assert states["数据目录"] == states["编码器"] == states["资料库"] == "ok"
    assert states["Telegram"] == "warning"


def test_why_a_message_is_understood_so(linli: Any) -> None:
    done = linli("doctor", "--understanding", "幸福里3号楼路灯坏了", "--json")
    found = json.loads(done.stdout)
    assert found["intent"] == "submit_proposal"
    assert found["slots"]["place"] == "幸福里3号楼"
    assert len(found["nearest"]) == 5


def test_a_home_that_cannot_be_written_is_one_clear_line(linli: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    environment = {"LINLI_HOME": str(blocked / "home")}
    done = linli("proposals", "list", environment=environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(blocked) in done.stderr


def test_wrong_settings_are_named(linli: Any) -> None:
    done = linli("proposals", "list", environment={"LINLI_TIME_ZONE": "Mars/Olympus"})
    assert done.returncode == 1
    assert "LINLI_TIME_ZONE" in done.stderr
