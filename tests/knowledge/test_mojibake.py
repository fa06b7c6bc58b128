"""GBK shifted by a byte. All damage is made here, from sentences of our own."""

from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.mojibake import INFERRED, UNREADABLE, realign

SENTENCES = (
    "为方便居民办事，社区在服务大厅设立了综合窗口，并公布了咨询电话和办理流程。",
    "楼栋长每周走访一次独居老人，把收集到的意见交给社区工作人员登记。",
    "物业公司应当每季度公示公共收益的收支情况，业主可以向居委会申请查阅账目。",
    "“小区的路灯坏了三天，请尽快派人来修！”王阿姨在议事会上说。",
    "停车位不够用的小区，由业主大会讨论怎样划分，社区可以派人参加并提出建议。",
    "（三）加强队伍建设。每个网格配一名专职网格员，负责收集意见、传达通知、调解矛盾。",
)


def shifted(text: str, byte: int) -> str:
    """The text as a browser shows it when one byte of its GBK form is lost."""
    data = text.encode("gb18030")
    return (data[:byte] + data[byte + 1 :]).decode("gb18030", errors="ignore")


def matching(text: str, original: str) -> int:
    """How many characters of the original the text has, in order."""
    blocks = SequenceMatcher(None, text, original, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks)


def restored(line: str) -> str:
    return realign(line, traditional=False, scraped=False).replace(INFERRED, "")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_run_that_lost_its_first_byte_comes_back(sentence: str) -> None:
    broken = shifted("\u3000" + sentence, 0)
    assert sentence[1:10] not in broken
    body = restored(broken)
    # The last byte has no partner any more: the last character may be lost, nothing else.
    assert body.rstrip(UNREADABLE).lstrip() == sentence[: len(body.rstrip(UNREADABLE).lstrip())]
    assert len(body.lstrip()) >= len(sentence) - 1


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_lost_byte_costs_little_more_than_its_character(sentence: str) -> None:
    for byte in range(41):  # few enough to try them all
        body = restored(shifted(sentence, byte))
        # The character that was hit, one or two beside it, and the last one, which has no end.
        assert matching(body, sentence) >= len(sentence) - 5, byte
        assert body.startswith(sentence[: max(0, byte // 2 - 2)]), byte


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map("".join))
@settings(max_examples=40, deadline=None)
def test_whole_sentences_stay(line: str) -> None:
    assert realign(line, traditional=False, scraped=False) == line
    assert realign(line, traditional=False, scraped=True) == line


def test_an_ascii_character_ends_the_run() -> None:
    broken = shifted("\u3000（一）推广垃圾分类", 0) + "(2024年)由街道办事处组织实施。"
    body = restored(broken)
    assert "（一）推广垃圾分" in body
    assert body.endswith("(2024年)由街道办事处组织实施。")


def test_punctuation_written_blindly_in_half_width() -> None:
    # "。“" is A1A3 A1B0: a scraper that turned the pair A3A1 into "!" left A1 ! B0 … behind.
    traditional = "委員會會議決定。“雙"
    data = traditional.encode("gb18030").replace(b"\xa3\xa1", b"!")
    line = data.decode("gb18030", errors="ignore") + "週清掃”從本月開始，由樓長召集。"
    assert "!" in line
    assert (
        realign(line, traditional=True, scraped=True)
        == "委員會會議決定。“雙週清掃”從本月開始，由樓長召集。"
    )


def test_a_reading_says_which_byte_was_lost() -> None:
    # 實 is 8C8D; after the shift 8C closes another character and 8D was dropped before "(".
    data = b"\xa1" + "（三）切實".encode("gb18030")
    line = data.decode("gb18030", errors="ignore") + "(shí)改善老舊小區的照明。"
    assert realign(line, traditional=True, scraped=True).endswith("（三）切實改善老舊小區的照明。")


def test_a_reading_put_between_two_characters_goes() -> None:
    # The last byte of 層 and "X" look like 覺 to a scraper that does not keep step.
    line = "推動基層X(jué)建工作，增強居民的參與意識。"
    assert realign(line, traditional=True, scraped=True) == "推動基層X建工作，增強居民的參與意識。"


def test_a_reading_that_ate_its_own_bracket() -> None:
    # A reading stood after F28C, the end of 序 and the start of 專, so that 8C and "(" became "?".
    line = "車位依照順序?qū)m?xiàng)登記，由樓長核對。"
    assert realign(line, traditional=True, scraped=True) == "車位依照順序專項登記，由樓長核對。"


def test_what_cannot_be_known_is_shown_as_such() -> None:
    sentence = "停车棚的门锁由物业公司保管，需要开门的居民可以拨打值班电话。"
    body = restored(shifted(sentence, 20))
    assert UNREADABLE in body
    assert matching(body, sentence) >= len(sentence) - 3


def test_a_character_is_inferred_only_from_a_clear_word() -> None:
    # 式 lost its second byte; 模 needs a partner, and 模式 is the one common word that fits.
    damaged = "\u3000（一）推广议事会的工作模".encode("gb18030")[1:] + b"\xca"
    line = damaged.decode("gb18030", errors="ignore") + "(2024年试行)由居民代表讨论后实施。"
    assert "工作模式" + INFERRED in realign(line, traditional=False, scraped=False)


def test_a_character_is_not_inferred_where_many_words_fit() -> None:
    damaged = "\u3000（二）办好社区的老年大".encode("gb18030")[1:] + b"\xcb"
    line = damaged.decode("gb18030", errors="ignore") + "(2024年)面向全体居民招生。"
    body = realign(line, traditional=False, scraped=False)
    assert INFERRED not in body
    assert "老年大" in body


@pytest.mark.parametrize(
    "line",
    [
        "报名请找A座的李老师，3号楼的WiFi密码贴在门口。",
        "日语角：ありがとう、こんにちは，每周六下午两点。",
        "注音教室：ㄅㄆㄇㄈ，零基础也能学。",
        "┏━━━┓ 通知栏 ┗━━━┛",
        "候选人：翀、璠、蒴、宓、堃，得票数见公示栏。",
        "检测甲醛、苯、甲苯、二甲苯、氡和氨，结果贴在大厅。",
        "①登记②审核③公示④发放，全程不收费。",
        "",
    ],
)
def test_odd_but_sound_lines_stay(line: str) -> None:
    assert realign(line, traditional=False, scraped=False) == line


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_line_can_be_read(line: str) -> None:
    assert isinstance(realign(line, traditional=False, scraped=True), str)
