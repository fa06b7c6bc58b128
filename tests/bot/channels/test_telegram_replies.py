"""Replies in Telegram's terms."""

from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_replies import (
    as_html,
    button_rows,
    inline_keyboard,
    request_keyboard,
    split,
)
from bot.messages import Button, Reply, Request


def test_a_long_text_is_parted_between_sentences() -> None:
    text = "路灯坏了。" * 1000
    pieces = split(text)
    assert "".join(pieces) == text
    assert all(piece.endswith("。") for piece in pieces)
    assert [len(piece) for piece in pieces] == [4095, 905]


def test_an_endless_sentence_is_cut() -> None:
    pieces = split("长" * 5000)
    assert "".join(pieces) == "长" * 5000
    assert len(pieces) == 2


@given(st.text(max_size=300), st.integers(min_value=10, max_value=50))
def test_no_piece_is_too_long_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    units = [len(piece.encode("utf-16-le", "surrogatepass")) // 2 for piece in pieces]
    assert all(0 < count <= limit for count in units)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(alphabet=st.sampled_from("<>&\"'ab好"), max_size=50))
def test_markup_in_words_is_only_words(text: str) -> None:
    html = as_html(text)
    assert "<" not in html
    assert unescape(html) == text


def test_a_code_is_copied_by_a_tap() -> None:
    assert as_html("编号：P20261121-0001。") == "编号：<code>P20261121-0001</code>。"


def test_headings_of_a_document_are_bold() -> None:
    assert (
        as_html("## 一、要多少户 & 谁\n# 号\n#不是")
        == "<b>一、要多少户 &amp; 谁</b>\n<b>号</b>\n#不是"
    )


def test_buttons_share_a_row_when_they_are_short() -> None:
    def widths(*labels: str) -> list[int]:
        return [len(row) for row in button_rows(tuple(Button(each, each) for each in labels))]

    assert widths("事情", "地点", "类别") == [3]
    assert widths("确认提交", "不留电话", "修改", "不报了") == [2, 2]
    assert widths("报问题、提建议", "查怎么办事", "问政策规定") == [2, 1]
    assert widths("公共设施活动中心的意见", "其他") == [1, 1]
    assert widths() == []


def test_a_link_button_opens_a_private_chat() -> None:
    keyboard = inline_keyboard((Button("私下说", "link:propose"), Button("好", "yes")), "linli_bot")
    assert keyboard is not None
    link, plain = keyboard.inline_keyboard[0]
    assert link.url == "https://t.me/linli_bot?start=propose"
    assert plain.callback_data == "yes"


def test_sharing_a_place_leaves_the_single_button_within_reach() -> None:
    reply = Reply("在哪里？", (Button("不报了", "cancel:form"),), request=Request.LOCATION)
    keyboard = request_keyboard(reply, lambda key: key)
    assert keyboard is not None
    share, beside = (row[0] for row in keyboard.keyboard)
    assert (share.text, share.request_location) == ("proposal.place_button", True)
    assert beside.text == "不报了"
    assert request_keyboard(Reply("好"), str) is None
