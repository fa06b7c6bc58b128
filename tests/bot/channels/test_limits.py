"""How much one person may send."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.limits import RateLimiter, Verdict
from bot.channels.reception import Arrival, Reception
from bot.responses import Responses
from bot.storage.database import Database, UnitOfWork
from bot.storage.errors import DiskFull
from tests.bot.channels.bot_api import BotApi
from tests.bot.channels.conftest import serving, settings_for
from tests.bot.channels.parrot import Parrot

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_limit_holds_for_each_person_and_is_told_once_a_minute() -> None:
    limiter = RateLimiter(3)
    verdicts = [
        limiter.judge("a", f"{number}", NOON + timedelta(seconds=number)) for number in range(6)
    ]
    assert verdicts == [Verdict.TAKE] * 3 + [Verdict.SLOW_DOWN] + [Verdict.DROP] * 2
    assert limiter.judge("b", "0", NOON) is Verdict.TAKE
    assert limiter.judge("a", "later", NOON + timedelta(minutes=3)) is Verdict.TAKE


def test_who_goes_on_flooding_stays_limited() -> None:
    limiter = RateLimiter(3)
    verdicts = [
        limiter.judge("a", f"{second}", NOON + timedelta(seconds=second)) for second in range(300)
    ]
    assert verdicts.count(Verdict.TAKE) == 3
    assert verdicts.count(Verdict.SLOW_DOWN) == 5


def test_the_same_words_again_and_again_are_junk() -> None:
    limiter = RateLimiter(100)
    verdicts = [limiter.judge("a", "加我微信", NOON) for _ in range(5)]
    assert verdicts == [Verdict.TAKE] * 3 + [Verdict.REPEATED, Verdict.DROP]
    assert [limiter.judge("b", "", NOON) for _ in range(9)] == [Verdict.TAKE] * 9
    assert [limiter.judge("c", "长" * 999, NOON) for _ in range(4)][-1] is Verdict.REPEATED


def test_an_album_is_one_message() -> None:
    limiter = RateLimiter(2)
    albums = [[limiter.judge("a", "", NOON, album) for _ in range(10)] for album in "xyz"]
    assert albums[:2] == [[Verdict.TAKE] * 10] * 2
    assert albums[2] == [Verdict.SLOW_DOWN] + [Verdict.DROP] * 9


def test_what_piled_up_while_we_were_away_is_no_flood() -> None:
    limiter = RateLimiter(3)
    verdicts = [limiter.judge("a", f"{hour}", NOON + timedelta(hours=hour)) for hour in range(50)]
    assert verdicts == [Verdict.TAKE] * 50


def test_what_could_not_be_stored_comes_again_and_is_no_junk(
    api: BotApi,
    database: Database,
    parrot: Parrot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures = iter(range(5))
    take = Reception._take

    def full(self: Reception, arrivals: list[Arrival], work: UnitOfWork) -> None:
        take(self, arrivals, work)
        if next(failures, None) is not None:
            raise DiskFull("磁盘已满")

    monkeypatch.setattr(Reception, "_take", full)
    monkeypatch.setattr("bot.channels.telegram.LONGEST_WAIT_SECONDS", 0.01)
    with serving(settings_for(api, tmp_path, messages_per_minute=2), database, parrot):
        api.say(7, "你好")
        api.say(7, "灯坏了")
        api.wait(lambda: "2 灯坏了" in api.texts(7))
    assert next(failures, None) is None
    assert api.deliveries[1000] == 6


def test_a_flood_is_told_once_and_does_not_slow_the_others(
    api: BotApi, database: Database, parrot: Parrot, tmp_path: Path
) -> None:
    settings = settings_for(api, tmp_path, messages_per_minute=20, blocked_senders="9")
    slow_down = Responses.load().text("limit.slow_down")
    with serving(settings, database, parrot):
        for number in range(500):
            api.say(7, f"m{number}")
        api.say(9, "我被拉黑了")
        api.say(8, "你好")
        api.wait(lambda: "1 你好" in api.texts(8), 10)
        api.wait(lambda: api.confirmed == 1502)
        api.wait(lambda: len(api.texts(7)) >= 21)
    assert api.texts(7).count(slow_down) == 1
    assert sum(message.sender_id == "7" for message in parrot.heard) == 20
    assert not any(message.sender_id == "9" for message in parrot.heard)
