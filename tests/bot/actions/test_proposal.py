"""The proposal form with what comes beside the words: photos and where they were taken."""

from pathlib import Path
from typing import Any

import pytest

from bot.commands.parts import Parts
from bot.storage.photos import location_of
from bot.storage.records import Proposal
from tests.bot.pictures import picture

SHARE = "用照片里的位置"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a file, which says where it was taken."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(picture())
    return file


def filed(house: Parts, reply: str) -> Proposal:
    """The proposal that a receipt names."""
    code = next(word for word in reply.replace("：", "\n").split() if word.startswith("P20"))
    with house.database.read() as rows:
        found = rows.proposals.get(code)
    assert found is not None
    return found


def labels(person: Any) -> list[str]:
    return [button.label for button in person.buttons]


def test_the_place_of_a_photo_is_used_when_the_resident_says_so(
    house: Parts, resident: Any, enrol: Any, photo: Path
) -> None:
    assert "我没有写进去" in resident.say(files=(photo,))
    assert SHARE in labels(resident)
    assert "在哪里" in resident.say("路灯坏了")
    summary = resident.press(SHARE)
    assert "照片里的位置附上了" in summary
    assert "30.58361, 114.28389" in summary
    assert SHARE not in labels(resident)
    proposal = filed(house, resident.press("确认提交"))
    assert proposal.latitude == pytest.approx(30.58361, abs=1e-5)
    assert "uri.amap.com" in enrol("").say(f"/show {proposal.code}")


def test_a_place_in_words_may_have_the_photos_beside_it(
    house: Parts, resident: Any, photo: Path
) -> None:
    summary = resident.say("锦绣家园3号楼门口路灯坏了", files=(photo,))
    assert "附地图位置" not in summary
    assert "附地图位置" in resident.press(SHARE)
    proposal = filed(house, resident.say("确认"))
    assert (proposal.place, proposal.latitude is None) == ("锦绣家园3号楼门口", False)


def test_the_place_of_a_photo_goes_nowhere_otherwise(
    house: Parts, resident: Any, photo: Path
) -> None:
    resident.say("锦绣家园5号楼楼道灯不亮", files=(photo,))
    proposal = filed(house, resident.say("确认"))
    assert proposal.latitude is None
    with house.database.read() as rows:
        (file,) = rows.proposals.attachments(proposal.code)
        state, _ = rows.conversations.load("console", resident.user)
    assert location_of(house.files.path(file).read_bytes()) is None
    assert "30.58" not in state


def test_the_button_of_an_old_form_does_nothing(resident: Any) -> None:
    assert "没有正在填的内容" in resident.say(button="proposal:photo_location")


def test_a_file_that_cannot_be_taken_is_refused_in_words(resident: Any, tmp_path: Path) -> None:
    program = tmp_path / "photo.jpg"
    program.write_bytes(b"MZ a program")
    resident.say("锦绣家园5号楼楼道灯不亮")
    assert "这种文件收不了" in resident.say(files=(program,))
    assert "照片/文件" not in resident.say("已经三天了")
