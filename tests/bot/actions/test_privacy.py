from pathlib import Path
from typing import Any

from PIL import Image

from bot.commands.parts import Parts
from bot.conversation import Conversation
from bot.messages import Attachment, Message

PHONE = "13912345678"


def attach(house: Parts, code: str, tmp_path: Path) -> Path:
    picture = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(picture)
    file = house.files.keep(Attachment(str(picture), name="a.png")).file
    with house.database.unit_of_work() as work:
        work.proposals.attach(code, file)
    return house.files.path(file)


def test_what_is_kept_is_told(resident: Any) -> None:
    assert "我们存什么" in resident.say("/privacy")
    assert "我们存什么" in resident.say("隐私")


def test_forgetting_asks_first_and_may_be_left(house: Parts, resident: Any, raised: Any) -> None:
    code = raised(resident, phone=PHONE).code
    assert "确定要删吗" in resident.say("/forget")
    resident.press("先不删")
    with house.database.read() as rows:
        assert rows.proposals.get(code).contact_phone == PHONE


def test_forgetting_removes_contacts_files_and_vectors_but_not_the_matter(
    house: Parts, worker: Any, resident: Any, raised: Any, tmp_path: Path
) -> None:
    code = raised(resident, f"灯坏了，找王秀英，电话{PHONE}", phone=PHONE).code
    file = attach(house, code, tmp_path)
    vector = house.similar.encode("灯坏了")
    with house.database.unit_of_work() as work:
        work.proposals.keep_vector(code, house.similar.encoder_name, vector)
    assert file.exists()
    resident.say("/forget")
    assert "已经删掉" in resident.press("确定删除")
    assert not file.exists()
    with house.database.read() as rows:
        proposal = rows.proposals.get(code)
        assert rows.proposals.vectors(house.similar.encoder_name, [code]) == {}
        assert rows.proposals.attachments(code) == []
    assert proposal.resident_id is None
    assert proposal.contact_phone is None
    for secret in (PHONE, "王秀英"):
        assert secret not in proposal.description
    assert code in worker.say(f"/show {code}")
    assert "联系不上" in worker.say(f"/reply {code} 修好了")
    assert "没有留电话" in worker.say(f"/contacts {code} 回访")
    assert "还没有报过事" in resident.say("我的事怎么样了")


def test_files_stay_when_nothing_was_committed(
    house: Parts, resident: Any, raised: Any, tmp_path: Path
) -> None:
    """The transaction decides: a file goes only after it stands."""
    file = attach(house, raised(resident).code, tmp_path)
    message = Message(
        "m", "console", resident.user, resident.user, "", "", house.clock.now(),
        button="privacy:confirmed",
    )  # fmt: skip
    understanding = house.assistant.understand(message, Conversation())
    action = house.actions["privacy"]
    try:
        with house.database.unit_of_work() as work:
            outcome = action.act(understanding.turn, None, understanding.state, work)
            raise RuntimeError
    except RuntimeError:
        assert file.exists()
    assert outcome.after_commit is not None
