from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import FixedClock, SystemClock, local

MOMENT = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def test_the_system_clock_is_aware_and_goes_on() -> None:
    first = SystemClock().now()
    assert first.utcoffset() == timedelta()
    assert SystemClock().now() >= first


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(MOMENT)
    assert clock.now() == clock.now() == MOMENT
    clock.advance(timedelta(minutes=1))
    assert clock.now() == MOMENT + timedelta(minutes=1)


def test_a_fixed_clock_needs_a_zone_and_shows_utc() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 11, 21))
    assert FixedClock(local(MOMENT, "Asia/Shanghai")).now().tzinfo is UTC


def test_the_local_date_may_be_another_one() -> None:
    assert local(MOMENT, "Asia/Shanghai").date().isoformat() == "2026-11-22"
    assert local(MOMENT, "Asia/Shanghai") == MOMENT
