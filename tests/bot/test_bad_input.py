"""Whatever arrives: a clear reply, nothing lost, the program lives."""

import sqlite3
import uuid

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.commands.parts import Parts
from bot.messages import Message


def say(parts: Parts, text: str, user: str | None = None) -> str:
    user = user or uuid.uuid4().hex
    message = Message(uuid.uuid4().hex, "console", user, user, "王阿姨", text, parts.clock.now())
    replies = parts.assistant.handle(message).replies
    assert replies
    return "\n".join(reply.text for reply in replies)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\x00\x01\x02", "\ud800"])
def test_nothing_to_read(parts: Parts, text: str) -> None:
    assert "没收到" in say(parts, text)


def test_only_emoji(parts: Parts) -> None:
    assert "文字" in say(parts, "😡😡😡")


def test_a_hundred_thousand_characters(parts: Parts) -> None:
    reply = say(parts, "路灯坏了没人修，" * 12_500)
    assert "4000" in reply


@pytest.mark.parametrize(
    "text",
    [
        "幸福里3号楼路灯坏了'); DROP TABLE proposals; --",
        "幸福里3号楼<script>alert(1)</script>路灯坏了",
        "幸福里3号楼路灯坏了 {slots} {0} %s",
        "幸福里\x003号\ud800楼\x1b[31m路灯坏了",
        "=cmd|' /C calc'!A0 幸福里3号楼路灯坏了",
    ],
)
def test_a_slot_may_hold_anything(parts: Parts, text: str) -> None:
    user = uuid.uuid4().hex
    first = say(parts, text, user)
    if "在哪里" in first:
        say(parts, "幸福里3号楼", user)
    assert "报上去了" in say(parts, "确认", user)
    with parts.database.read() as rows:
        assert rows.proposals.count() >= 1


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_any_string_gets_a_reply(parts: Parts, text: str) -> None:
    assert "出了点问题" not in say(parts, text)


def test_the_same_message_twice_has_one_effect(parts: Parts) -> None:
    user = uuid.uuid4().hex
    say(parts, "幸福里3号楼路灯坏了", user)
    confirm = Message("same", "console", user, user, "", "确认", parts.clock.now())
    first = parts.assistant.handle(confirm)
    again = parts.assistant.handle(confirm)
    assert [reply.text for reply in first.replies] == [reply.text for reply in again.replies]
    with sqlite3.connect(parts.settings.database_path) as rows:
        query = (
            "SELECT count(*) FROM proposals p JOIN residents r ON r.id = p.resident_id"
            " WHERE r.external_id = ?"
        )
        assert rows.execute(query, (user,)).fetchone() == (1,)
