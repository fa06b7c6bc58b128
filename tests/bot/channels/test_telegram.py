"""Receiving and sending through a server that speaks the Bot API."""

import io
import json
import logging
import time
from pathlib import Path

import pytest

from bot.assistant import Handled
from bot.channels.channel import ChannelError
from bot.logs import configure_logging
from bot.messages import Message, Reply
from bot.storage.database import Database
from tests.bot.channels.bot_api import TOKEN, BotApi, Failure
from tests.bot.channels.conftest import Running, serving, settings_for
from tests.bot.channels.parrot import Parrot

A, B = 501, 502


def test_a_message_is_answered_and_confirmed(
    api: BotApi, service: Running, database: Database
) -> None:
    api.say(A, "你好")
    api.wait(lambda: "1 你好" in api.texts(A))
    api.wait(lambda: api.confirmed == 1001)
    with database.read() as rows:
        assert rows.inbox.depth("telegram") == {"pending": 0, "done": 1, "dead": 0}


def test_an_update_is_stored_before_it_is_confirmed(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []

    def look(method: str, values: dict[str, object]) -> float:
        if method == "getUpdates":
            with database.read() as rows:
                stored = sum(rows.inbox.depth("telegram").values())
            seen.append((int(str(values.get("offset", 0))), stored))
        return 0.0

    api.slow = look
    with serving(settings_for(api, tmp_path), database, parrot):
        for number in range(30):
            api.say(A + number % 3, f"第 {number}")
            time.sleep(0.01)
        api.wait(lambda: api.confirmed == 1030)
    assert all(stored >= offset - 1000 for offset, stored in seen if offset)


def test_messages_of_one_chat_stay_in_order_and_a_slow_chat_holds_up_nobody(
    api: BotApi, service: Running, parrot: Parrot
) -> None:
    api.say(A, "hold")
    for number in range(20):
        api.say(B, f"m{number}")
    api.wait(lambda: sum(" m" in text for text in api.texts(B)) == 20)
    assert "1 hold" not in api.texts(A)
    numbered = [text for text in api.texts(B) if " m" in text]
    assert numbered == [f"{number + 1} m{number}" for number in range(20)]
    parrot.held.set()
    api.wait(lambda: "1 hold" in api.texts(A))


def test_typing_is_shown_only_when_it_takes_longer(api: BotApi, service: Running) -> None:
    api.say(B, "quick")
    api.say(A, "slow")
    api.wait(lambda: "1 slow" in api.texts(A))
    assert {int(call.values["chat_id"]) for call in api.of("sendChatAction")} == {A}


def test_a_malformed_update_is_kept_aside_and_the_rest_is_handled(
    api: BotApi, service: Running, database: Database
) -> None:
    api.update("message", {"message_id": "x", "chat": 7})
    api.update("message", ["nothing"])
    api.update("thing_of_the_future", {"id": 1})
    api._updates.append("not even an object")  # type: ignore[arg-type]
    api._updates.append({"update_id": "seven"})
    api.say(A, "你好")
    api.wait(lambda: "1 你好" in api.texts(A))
    with database.read() as rows:
        assert [letter.error for letter in rows.inbox.dead("telegram")] == ["Malformed"] * 2


def test_what_we_cannot_read_in_a_message_does_not_make_it_unreadable(
    api: BotApi, service: Running, database: Database, parrot: Parrot
) -> None:
    """A poll as an older Bot API server gives it, by itself and in what is answered."""
    poll = {"id": "1", "question": "装不装电梯", "type": "regular"}
    asked = api.say(A, poll=poll)
    api.say(A, "我同意", reply_to_message=asked)
    api.say(A, sticker={"emoji": "👍"})
    api.wait(lambda: len(parrot.heard) == 3)
    assert [message.text for message in parrot.heard] == ["", "我同意", "👍"]
    assert parrot.heard[1].reply_to == f"{A}/{asked['message_id']}"
    with database.read() as rows:
        assert rows.inbox.dead("telegram") == []


def test_a_pressed_button_is_acknowledged_and_the_summary_edited_in_place(
    api: BotApi, service: Running
) -> None:
    api.say(A, "summary")
    api.wait(lambda: "1 summary" in api.texts(A))
    api.press(A, "好")
    api.wait(lambda: api.of("editMessageText"))
    assert api.of("answerCallbackQuery")
    assert api.of("editMessageText")[0].values["text"] == "2 yes:ok"


def test_a_summary_that_something_was_said_after_is_sent_anew(
    api: BotApi, service: Running
) -> None:
    api.say(A, "summary")
    api.say(A, "other")
    api.say(A, "summary again")
    api.wait(lambda: "3 summary again" in api.texts(A))
    assert not api.of("editMessageText")


def test_a_summary_that_was_deleted_is_sent_anew(api: BotApi, service: Running) -> None:
    api.say(A, "summary")
    api.wait(lambda: "1 summary" in api.texts(A))
    api.fail("editMessageText", Failure(400, "Bad Request: message to edit not found"))
    api.say(A, "summary two")
    api.wait(lambda: "2 summary two" in api.texts(A))
    assert not api.of("editMessageText")


def test_a_written_label_presses_the_button(api: BotApi, service: Running, parrot: Parrot) -> None:
    api.say(A, "summary")
    api.wait(lambda: "1 summary" in api.texts(A))
    time.sleep(0.1)
    api.say(A, "不好")
    api.wait(lambda: len(parrot.heard) == 2)
    assert (parrot.heard[1].text, parrot.heard[1].button) == ("", "no:ok")


def test_the_keyboard_for_sharing_comes_once_stays_for_notices_and_goes_when_done(
    api: BotApi, service: Running, database: Database
) -> None:
    def keyboards() -> list[str]:
        """What each message did to the keyboard: +, - or nothing."""
        markups = [json.loads(call.values.get("reply_markup", "{}")) for call in api.sent(A)]
        return ["+" if "keyboard" in m else "-" if "remove_keyboard" in m else "" for m in markups]

    api.say(A, "phone")
    api.wait(lambda: len(api.texts(A)) == 3)  # with the notice of first contact
    assert keyboards() == ["", "+", ""]
    api.say(A, "phone")
    api.wait(lambda: "2 phone" in api.texts(A))
    with database.unit_of_work() as work:
        work.outbox.add("telegram", str(A), Reply("进展"))
    api.wait(lambda: "进展" in api.texts(A))
    api.say(A, "choose")
    api.wait(lambda: "which?" in api.texts(A))
    assert api.texts(A)[-2:] == ["3 choose", "which?"]
    api.say(A, "choose")
    api.wait(lambda: "4 choose\nwhich?" in api.texts(A))
    assert keyboards() == ["", "+", "", "", "", "-", "", ""]


def test_retry_after_is_respected_and_only_that_chat_waits(api: BotApi, service: Running) -> None:
    begun = time.monotonic()
    api.fail("sendMessage", Failure(429, "Too Many Requests: retry after 1", retry_after=1))
    api.say(A, "first")
    time.sleep(0.3)
    api.say(B, "second")
    api.wait(lambda: api.texts(B))
    assert time.monotonic() - begun < 1
    api.wait(lambda: "1 first" in api.texts(A))
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize(
    "failure",
    [
        Failure(502, "Bad Gateway"),
        Failure(409, "Conflict: terminated by other getUpdates request"),
        Failure(500, "Internal Server Error"),
        Failure(429, "Too Many Requests", retry_after=1),
        Failure(200, body=b"<html>no JSON</html>"),
        Failure(200, body=b'{"ok": true, "result": {"not": "a list"}}'),
    ],
)
def test_trouble_in_polling_is_survived(api: BotApi, service: Running, failure: Failure) -> None:
    api.fail("getUpdates", failure)
    api.say(A, "你好")
    api.wait(lambda: "1 你好" in api.texts(A))


def test_trouble_in_sending_is_survived(api: BotApi, service: Running) -> None:
    api.fail("sendMessage", Failure(502, "Bad Gateway"), Failure(200, body=b"rubbish"))
    api.say(A, "你好")
    api.wait(lambda: "1 你好" in api.texts(A))


def test_trouble_at_the_start_is_waited_out(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    api.fail("getMe", Failure(502, "Bad Gateway"))
    with serving(settings_for(api, tmp_path), database, parrot):
        api.say(A, "你好")
        api.wait(lambda: "1 你好" in api.texts(A))


def test_who_has_blocked_us_is_noticed_and_not_tried_again(
    api: BotApi, service: Running, database: Database
) -> None:
    api.say(A, "你好")
    api.wait(lambda: "1 你好" in api.texts(A))
    api.blocked.add(A)
    with database.unit_of_work() as work:
        work.outbox.add("telegram", str(A), Reply("进展"))
        work.outbox.add("telegram", str(A), Reply("又有进展"))

    def blocked() -> bool:
        with database.read() as rows:
            resident = rows.people.find("telegram", str(A))
            dead = rows.outbox.depth("telegram")["dead"]
            return resident is not None and resident.blocked_at is not None and dead >= 2

    api.wait(blocked)
    api.blocked.clear()
    api.say(A, "我回来了")
    api.wait(lambda: "2 我回来了" in api.texts(A))


def test_files_are_fetched_and_big_ones_left(api: BotApi, service: Running, parrot: Parrot) -> None:
    api.add_file("photo1", b"x" * 1234)
    api.say(A, photo=[_size("small", 10), _size("photo1", 1234)], caption="坏了")
    api.say(A, document={"file_id": "huge", "file_unique_id": "h", "file_size": 99_000_000})
    api.say(A, voice={"file_id": "gone", "file_unique_id": "g", "duration": 3})
    api.wait(lambda: len(parrot.heard) == 3)
    photo, huge, gone = (message.attachments[0] for message in parrot.heard)
    assert (photo.bytes, photo.mime) == (1234, "image/jpeg")
    assert (huge.path, huge.bytes) == ("", 99_000_000)
    assert gone.path == ""
    assert not Path(photo.path).exists()


def test_words_do_not_wait_for_ever_for_a_file(
    api: BotApi, service: Running, parrot: Parrot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.dispatcher.FETCH_ATTEMPTS", 1)
    api.fail("getFile", *[Failure(502, "Bad Gateway")] * 9)
    api.say(A, photo=[_size("photo1", 1234)], caption="灯坏了")
    api.wait(lambda: parrot.heard)
    assert (parrot.heard[0].text, parrot.heard[0].attachments[0].path) == ("灯坏了", "")


def test_what_nobody_foresaw_is_tried_again_and_then_kept_aside(
    api: BotApi, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Parrot):
        def process(self, message: Message) -> Handled:
            if message.text == "boom":
                raise RuntimeError("我的秘密")
            return super().process(message)

    def depth() -> dict[str, int]:
        with database.read() as rows:
            return rows.inbox.depth("telegram")

    monkeypatch.setattr("bot.channels.dispatcher.HANDLE_ATTEMPTS", 2)
    with serving(settings_for(api, tmp_path), database, Broken(database)):
        api.say(A, "boom")
        api.say(A, "之后")
        api.wait(lambda: "1 之后" in api.texts(A))
    assert depth() == {"pending": 0, "done": 1, "dead": 1}


def test_an_album_is_one_message(api: BotApi, service: Running, parrot: Parrot) -> None:
    for number in range(3):
        api.add_file(f"p{number}", b"x" * (number + 1))
        caption = {"caption": "三张照片"} if number == 0 else {}
        photo = [_size(f"p{number}", number + 1)]
        api.say(A, photo=photo, media_group_id="album", **caption)
    api.say(A, "然后")
    api.wait(lambda: "2 然后" in api.texts(A))
    assert [each.bytes for each in parrot.heard[0].attachments] == [1, 2, 3]
    assert parrot.heard[0].text == "三张照片"


def test_the_first_contact_is_told_what_is_kept_once(api: BotApi, service: Running) -> None:
    api.say(A, "你好")
    api.wait(lambda: len(api.texts(A)) == 2)
    assert api.texts(A)[0] == "1 你好"
    assert "存下来" in api.texts(A)[1]
    api.say(A, "再来")
    api.wait(lambda: "2 再来" in api.texts(A))
    assert len(api.texts(A)) == 3


def test_start_has_the_notice_in_it(api: BotApi, service: Running) -> None:
    api.say(A, "/start")
    time.sleep(2.5)
    assert api.texts(A) == ["1 /start"]


def test_a_wrong_token_is_one_clear_line(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    wrong = "987654321:AAEwrong_wrong_wrong_wrong_wrong_123"
    with serving(settings_for(api, tmp_path, telegram_token=wrong), database, parrot) as running:
        error = running.join()
    assert isinstance(error, ChannelError)
    assert "LINLI_TELEGRAM_TOKEN" in str(error)
    assert wrong not in str(error)
    assert "\n" not in str(error)


def test_a_token_that_is_revoked_ends_it_with_one_clear_line(
    api: BotApi, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.say(A, "你好")
    api.wait(lambda: "1 你好" in api.texts(A))
    monkeypatch.setattr("tests.bot.channels.bot_api.TOKEN", "1:new")
    error = service.join()
    assert isinstance(error, ChannelError)
    assert "LINLI_TELEGRAM_TOKEN" in str(error)


def test_telegram_is_reached_through_a_proxy(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    nowhere = "http://telegram.invalid"
    changes = {"telegram_api_url": nowhere, "telegram_proxy": api.url}
    with serving(settings_for(api, tmp_path, **changes), database, parrot):
        api.say(A, "你好")
        api.wait(lambda: "1 你好" in api.texts(A))


def test_the_token_never_appears_in_logs(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    configure_logging("debug", "json", [TOKEN], stream)
    try:
        api.fail("getUpdates", Failure(200, body=b"rubbish"), Failure(409, "Conflict"))
        with serving(settings_for(api, tmp_path), database, parrot):
            api.say(A, "我的秘密 13800138000")
            api.wait(lambda: api.texts(A))
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    logged = stream.getvalue()
    assert logged
    assert TOKEN not in logged
    assert "AAE-fake" not in logged
    assert "13800138000" not in logged
    assert all(json.loads(line)["event"] for line in logged.splitlines())


def _size(file_id: str, size: int) -> dict[str, object]:
    return {
        "file_id": file_id,
        "file_unique_id": file_id,
        "width": 1,
        "height": 1,
        "file_size": size,
    }
