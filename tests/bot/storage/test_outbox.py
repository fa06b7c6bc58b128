from datetime import timedelta

from bot.clock import FixedClock
from bot.messages import Button, Location, Reply
from bot.storage.database import Database


def texts(database: Database) -> list[str]:
    with database.read() as unit:
        return [each.reply.text for each in unit.outbox.due("console", unit.now)]


def test_replies_go_out_in_order_one_of_each_conversation(database: Database) -> None:
    with database.unit_of_work() as unit:
        first = unit.outbox.add("console", "a", Reply("a1"))
        unit.outbox.add("console", "b", Reply("b1"))
        unit.outbox.add("console", "a", Reply("a2"))
        unit.outbox.add("telegram", "a", Reply("another channel"))
    assert texts(database) == ["a1", "b1"]
    with database.unit_of_work() as unit:
        unit.outbox.mark_sent(first, "m1")
    assert texts(database) == ["b1", "a2"]


def test_a_reply_comes_back_whole(database: Database) -> None:
    reply = Reply("去哪办", (Button("地图", "map"),), location=Location(30.5, 114.3), key="k")
    with database.unit_of_work() as unit:
        unit.outbox.add("console", "a", reply, "1")
        (outgoing,) = unit.outbox.due("console", unit.now)
        assert outgoing.reply == reply
        assert unit.outbox.replies_for("console", "1") == [reply]


def test_a_reply_that_failed_holds_back_its_conversation_alone(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        failing = unit.outbox.add("console", "a", Reply("a1"))
        unit.outbox.add("console", "a", Reply("a2"))
        unit.outbox.add("console", "b", Reply("b1"))
        unit.outbox.mark_retry(failing, unit.now + timedelta(minutes=1), TimeoutError)
    assert texts(database) == ["b1"]
    clock.advance(timedelta(minutes=1))
    assert texts(database) == ["a1", "b1"]
    with database.unit_of_work() as unit:
        unit.outbox.mark_dead(failing, PermissionError)
    assert texts(database) == ["a2", "b1"]


def test_a_reply_for_later_does_not_hold_back_others(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work() as unit:
        later = unit.now + timedelta(days=1)
        unit.outbox.add("console", "a", Reply("明天提醒"), not_before=later)
        unit.outbox.add("console", "a", Reply("现在"))
    assert texts(database) == ["现在"]
    clock.advance(timedelta(days=1))
    assert texts(database) == ["明天提醒"]


def test_the_limit_takes_the_oldest(database: Database) -> None:
    with database.unit_of_work() as unit:
        for each in range(5):
            unit.outbox.add("console", f"c{each}", Reply(str(each)))
        assert [o.reply.text for o in unit.outbox.due("console", unit.now, limit=2)] == ["0", "1"]


def test_the_latest_sent_reply_is_found_by_its_key(database: Database) -> None:
    with database.unit_of_work() as unit:
        assert unit.outbox.find_by_key("console", "a", "form") is None
        for external_id in ("m1", "m2"):
            number = unit.outbox.add("console", "a", Reply("表单", key="form"))
            unit.outbox.mark_sent(number, external_id)
        unit.outbox.add("console", "a", Reply("还没发", key="form"))
        assert unit.outbox.find_by_key("console", "a", "form") == "m2"
        assert unit.outbox.find_by_key("console", "b", "form") is None


def test_depths(database: Database) -> None:
    with database.unit_of_work() as unit:
        numbers = [unit.outbox.add("console", "a", Reply(str(each))) for each in range(4)]
        unit.outbox.mark_sent(numbers[0])
        unit.outbox.mark_dead(numbers[1], PermissionError)
        unit.outbox.mark_retry(numbers[2], unit.now, TimeoutError)
        assert unit.outbox.depth("console") == {"pending": 2, "retrying": 1, "sent": 1, "dead": 1}


def test_what_was_sent_cannot_be_put_back_or_given_up(database: Database) -> None:
    with database.unit_of_work() as unit:
        number = unit.outbox.add("console", "a", Reply("好"))
        unit.outbox.mark_sent(number, "m1")
        unit.outbox.mark_retry(number, unit.now, TimeoutError)
        unit.outbox.mark_dead(number, TimeoutError)
        assert unit.outbox.depth("console")["sent"] == 1


def test_trimming_empties_what_was_sent(database: Database) -> None:
    with database.unit_of_work() as unit:
        unit.outbox.mark_sent(unit.outbox.add("console", "a", Reply("一"), "1"))
        unit.outbox.add("console", "a", Reply("二"), "2")
        assert unit.outbox.trim(unit.now + timedelta(seconds=1)) == 1
        assert unit.outbox.replies_for("console", "1") == []
        assert unit.outbox.replies_for("console", "2") == [Reply("二")]
