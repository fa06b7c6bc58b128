import threading
from datetime import timedelta

import pytest

from bot.storage.database import Database
from bot.storage.errors import StaleConversation


def test_a_new_conversation_has_no_state(database: Database) -> None:
    with database.read() as unit:
        assert unit.conversations.load("console", "a") == ("", 0)


def test_each_save_counts_the_version_up(database: Database) -> None:
    with database.unit_of_work() as unit:
        assert unit.conversations.save("console", "a", "{}", 0) == 1
        assert unit.conversations.save("console", "a", '{"form": "提案"}', 1) == 2
        assert unit.conversations.load("console", "a") == ('{"form": "提案"}', 2)


@pytest.mark.parametrize("expected_version", [0, 2])
def test_a_state_read_before_another_change_is_refused(
    database: Database, expected_version: int
) -> None:
    with database.unit_of_work() as unit:
        unit.conversations.save("console", "a", "{}", 0)
    with pytest.raises(StaleConversation), database.unit_of_work() as unit:
        unit.people.meet("console", "an effect that must be undone")
        unit.conversations.save("console", "a", "[]", expected_version)
    with database.read() as unit:
        assert unit.conversations.load("console", "a") == ("{}", 1)
        assert unit.people.get(1) is None


def test_of_two_that_read_the_same_version_one_wins(database: Database) -> None:
    barrier, results = threading.Barrier(2), []

    def change() -> None:
        with database.read() as unit:
            _, version = unit.conversations.load("console", "a")
        barrier.wait()
        try:
            with database.unit_of_work() as unit:
                results.append(unit.conversations.save("console", "a", "{}", version))
        except StaleConversation:
            results.append(None)

    threads = [threading.Thread(target=change) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [1, None]


def test_mentions_and_trimming(database: Database) -> None:
    with database.unit_of_work() as unit:
        unit.conversations.save("console", "a", '{"file": "attachments/x.jpg"}', 0)
        assert unit.conversations.mention("attachments/x.jpg")
        assert not unit.conversations.mention("attachments/y.jpg")
        assert unit.conversations.trim(unit.now) == 0
        assert unit.conversations.trim(unit.now + timedelta(seconds=1)) == 1
        assert unit.conversations.load("console", "a") == ("", 0)
