"""Whole conversations of residents and workers, through HTTP, with the real assistant."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.commands.parts import Parts
from bot.storage.proposals import Filter
from bot.storage.records import Proposal, Role
from tests.bot.channels.bot_api import BotApi, bot_api
from tests.bot.channels.conftest import Running, serving, settings_for

GROUP = {"id": -1001, "type": "supergroup", "title": "幸福里居民群"}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BotApi, Parts, Running]]:
    """The service with all its real parts."""
    home = tmp_path_factory.mktemp("golden")
    with (
        bot_api() as api,
        Parts(settings_for(api, home)) as parts,
        serving(parts.settings, parts.database, parts.assistant) as running,
    ):
        yield api, parts, running


def replied(api: BotApi, user: int, words: str) -> str:
    """The newest text to `user` that holds the words; waits for it."""

    def found() -> str:
        return next((text for text in reversed(api.texts(user)) if words in text), "")

    api.wait(found, 40)
    return found()


def proposals_of(parts: Parts, user: int) -> list[Proposal]:
    with parts.database.read() as rows:
        resident = rows.people.find("telegram", str(user))
        assert resident is not None
        return list(rows.proposals.find(Filter(resident_id=resident.id)))


def photo(path: Path) -> bytes:
    Image.new("RGB", (8, 8), "red").save(path, "JPEG")
    return path.read_bytes()


def test_a_resident_raises_a_matter_with_an_album_a_place_a_phone_and_an_edit(
    real: tuple[BotApi, Parts, Running], tmp_path: Path
) -> None:
    api, parts, _ = real
    user = 601
    api.say(user, "/start")
    assert "存下来" in replied(api, user, "邻里助手")
    for name in ("a1", "a2"):
        api.add_file(name, photo(tmp_path / name))
        picture = {"file_id": name, "file_unique_id": name, "width": 8, "height": 8}
        caption = {"caption": "楼道里的灯坏了三天，老人上楼看不清"} if name == "a1" else {}
        api.say(user, photo=[picture], media_group_id="g1", **caption)
    replied(api, user, "在哪里呢")
    answer = api.say(user, "3号楼2单元")
    replied(api, user, "3号楼2单元")
    edited = {**answer, "text": "5号楼2单元", "edit_date": answer["date"] + 5}
    api.update("edited_message", edited)
    summary = replied(api, user, "5号楼2单元")
    assert "2 个" in summary
    assert "3号楼" not in summary
    contact = {"phone_number": "13800138000", "first_name": "居民", "user_id": user}
    api.say(user, contact=contact)
    replied(api, user, "138 0013 8000")
    api.press(user, "确认提交")
    replied(api, user, "报上去了")
    (proposal,) = proposals_of(parts, user)
    assert (proposal.place, proposal.contact_phone) == ("5号楼2单元", "13800138000")
    with parts.database.read() as rows:
        assert len(rows.proposals.attachments(proposal.code)) == 2
    assert any(f"<code>{proposal.code}</code>" in text for text in api.texts(user))
    assert api.of("editMessageText")
    api.update("edited_message", {**edited, "text": "6号楼2单元"})
    replied(api, user, "已经报上去的")


def test_the_buttons_of_the_greeting_ask_what_it_is_about(
    real: tuple[BotApi, Parts, Running],
) -> None:
    api, parts, _ = real
    user = 608

    def asked() -> int:
        with parts.database.read() as rows:
            return len(list(rows.questions.find()))

    before = asked()
    api.say(user, "/start")
    replied(api, user, "邻里助手")
    api.press(user, "查怎么办事")
    replied(api, user, "您要办什么事")
    api.press(user, "问政策规定")
    replied(api, user, "您想问哪方面的规定")
    assert asked() == before  # nothing that the knowledge base would lack


def test_a_forwarded_message_is_raised_only_when_that_is_wanted(
    real: tuple[BotApi, Parts, Running],
) -> None:
    api, parts, _ = real
    user = 602
    origin = {"type": "hidden_user", "sender_user_name": "邻居", "date": 1_790_000_000}
    api.say(user, "6号楼门口的井盖裂了，差点绊倒人", forward_origin=origin)
    replied(api, user, "这是转发的消息")
    api.press(user, "不用")
    replied(api, user, "不报了")
    assert proposals_of(parts, user) == []
    api.say(user, "6号楼门口的井盖裂了，差点绊倒人", forward_origin=origin)
    api.wait(lambda: sum("这是转发的消息" in text for text in api.texts(user)) == 2, 40)
    api.press(user, "报上去")
    replied(api, user, "我记下来了")
    api.press(user, "不留电话")
    api.press(user, "确认提交")
    replied(api, user, "报上去了")
    assert len(proposals_of(parts, user)) == 1


def test_a_voice_message_is_kept_and_asked_to_be_typed(
    real: tuple[BotApi, Parts, Running],
) -> None:
    api, _, _ = real
    user = 603
    api.add_file("v1", b"OggS\x00\x02" + b"\0" * 22 + b"OpusHead" + b"\0" * 100)
    voice = {"file_id": "v1", "file_unique_id": "v1", "duration": 2, "mime_type": "audio/ogg"}
    api.say(user, voice=voice)
    replied(api, user, "语音我存下来了")


def test_a_venue_is_the_place_of_a_matter(real: tuple[BotApi, Parts, Running]) -> None:
    api, _, _ = real
    user = 604
    api.say(user, "我要报修，路灯不亮了")
    replied(api, user, "在哪里呢")
    spot = {"latitude": 30.5, "longitude": 114.3}
    venue = {"location": spot, "title": "和平广场", "address": "和平路1号"}
    api.say(user, venue=venue, location=spot)
    replied(api, user, "和平广场 和平路1号")


def test_in_a_group_only_who_addresses_us_is_answered_and_proposals_go_on_in_private(
    real: tuple[BotApi, Parts, Running],
) -> None:
    api, parts, _ = real
    api.say(605, "今天天气不错", chat=GROUP)
    api.say(605, "@linli_test_bot 社保卡丢了怎么补办", chat=GROUP)
    replied(api, GROUP["id"], "社保卡")
    api.say(605, "@linli_test_bot 3号楼电梯坏了，要报修", chat=GROUP)
    replied(api, GROUP["id"], "私下和我说")
    linked = api.sent(GROUP["id"])[-1].values
    assert "https://t.me/linli_test_bot?start=propose" in linked["reply_markup"]
    api.say(605, "@linli_test_bot 我的事怎么样了", chat=GROUP)
    api.wait(lambda: len(api.texts(GROUP["id"])) == 3, 40)
    assert "?start=status" in api.sent(GROUP["id"])[-1].values["reply_markup"]
    api.say(605, "/weather", chat=GROUP)  # another bot's
    api.say(605, "/weather@linli_test_bot", chat=GROUP)
    replied(api, GROUP["id"], "没有这个命令")
    assert len(api.texts(GROUP["id"])) == 4
    assert proposals_of(parts, 605) == []
    with parts.database.read() as rows:
        assert not any("天气" in question.text for question in rows.questions.find())
    api.say(605, "/start propose")
    replied(api, 605, "您说说是什么事")


def test_a_worker_joins_gets_a_menu_and_hears_of_new_matters(
    real: tuple[BotApi, Parts, Running],
) -> None:
    api, parts, _ = real
    worker, resident = 606, 607
    with parts.database.unit_of_work() as work:
        code = work.people.create_invite(Role.WORKER, "", timedelta(days=1))
    api.say(worker, f"/join {code}")
    replied(api, worker, "欢迎")
    api.wait(lambda: any(str(worker) in str(call.values) for call in api.of("setMyCommands")), 30)
    api.say(resident, "8号楼后面垃圾堆了一个星期没人清，13900139000")
    replied(api, resident, "我记下来了")
    api.press(resident, "确认提交")
    replied(api, resident, "报上去了")
    notice = replied(api, worker, "新提案")
    assert "13900139000" not in notice
    (proposal,) = proposals_of(parts, resident)
    api.say(worker, f"/reply {proposal.code} 今天下午就来清")
    assert proposal.code in replied(api, resident, "今天下午就来清")
