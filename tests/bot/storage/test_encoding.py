import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Attachment, Button, Location, Message, Reply, Request
from bot.storage.encoding import (
    dump_message,
    dump_reply,
    iso,
    load_message,
    load_reply,
    storable,
)

TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates included
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
SHANGHAI = timezone(timedelta(hours=8))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    number = st.floats(-90, 90)
    return Message(
        id=draw(TEXT),
        channel=draw(TEXT),
        conversation_id=draw(TEXT),
        sender_id=draw(TEXT),
        sender_name=draw(TEXT),
        text=draw(TEXT),
        sent_at=draw(MOMENTS),
        attachments=tuple(draw(st.lists(st.builds(Attachment, TEXT, TEXT, TEXT), max_size=2))),
        location=draw(st.none() | st.builds(Location, number, number)),
        button=draw(TEXT),
        forwarded=draw(st.booleans()),
    )


@given(messages())
def test_a_message_comes_back_as_it_was_but_for_what_utf_8_cannot_hold(message: Message) -> None:
    back = load_message(dump_message(message))
    assert replace(back, id="", channel="", conversation_id="", sender_id="", sender_name="",
                   text="", attachments=(), button="") == replace(
        message, id="", channel="", conversation_id="", sender_id="", sender_name="",
        text="", attachments=(), button="")  # fmt: skip
    for name in ("id", "channel", "conversation_id", "sender_id", "sender_name", "text", "button"):
        assert getattr(back, name) == readable(getattr(message, name))
    assert [a.name for a in back.attachments] == [readable(a.name) for a in message.attachments]


def readable(text: str) -> str:
    """What is left of a text: surrogates in pairs are characters, alone they are lost."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@given(
    TEXT, st.lists(st.builds(Button, TEXT, TEXT), max_size=3), st.none() | st.sampled_from(Request)
)
def test_a_reply_comes_back_as_it_was(
    text: str, buttons: list[Button], request_: Request | None
) -> None:
    reply = Reply(text, tuple(buttons), request=request_, key="k", replaces="r")
    back = load_reply(dump_reply(reply))
    assert back.text == readable(text)
    assert [b.label for b in back.buttons] == [readable(b.label) for b in buttons]
    assert (back.request, back.key, back.replaces) == (request_, "k", "r")


def test_chinese_is_kept_readable_in_the_json() -> None:
    assert json.loads(dump_reply(Reply("好的")))["text"] == "好的"
    assert "好的" in dump_reply(Reply("好的"))


@given(TEXT)
def test_storable_text_is_valid_utf_8_without_nul_and_stays_itself(text: str) -> None:
    stored = storable(text)
    stored.encode()
    assert "\0" not in stored
    assert storable(stored) == stored


@given(st.lists(MOMENTS, min_size=2, max_size=5))
def test_text_order_is_time_order_and_nothing_is_lost(moments: list[datetime]) -> None:
    assert sorted(map(iso, moments)) == [iso(each) for each in sorted(moments)]
    assert [datetime.fromisoformat(iso(each)) for each in moments] == moments


def test_times_are_kept_in_utc_and_need_a_zone() -> None:
    local = datetime(2026, 11, 22, 1, 0, tzinfo=SHANGHAI)
    assert iso(local) == "2026-11-21T17:00:00.000000+00:00"
    with pytest.raises(ValueError, match="without a zone"):
        iso(datetime(2026, 11, 22))
