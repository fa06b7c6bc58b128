import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.messages import Reply
from bot.storage.database import Database
from bot.storage.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseTooNew,
    DiskFull,
    HomeUnwritable,
    StorageError,
    translate,
)
from bot.storage.migrations import migrations

ROOT = Path(__file__).parents[3]
ZONE = "Asia/Shanghai"


def test_folder_and_file_are_made_and_are_their_owners_alone(database: Database) -> None:
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    with database.unit_of_work() as unit:
        unit.people.meet("console", "1")
    log = Path(f"{database.path}-wal")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_pragmas_that_durability_rests_on(database: Database) -> None:
    connection = database._rows().conn

    def pragmas(*names: str) -> list[object]:
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert pragmas("journal_mode", "foreign_keys", "secure_delete") == ["wal", 1, 1]
    for durable, synchronous in ((True, 2), (False, 1), (True, 2)):
        with database.unit_of_work(durable=durable) as unit:
            unit.people.meet("console", "1")
            assert pragmas("synchronous") == [synchronous]


def test_a_unit_of_work_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.unit_of_work() as unit:
        unit.people.meet("console", "1")
        unit.outbox.add("console", "1", Reply("好"))
        raise ZeroDivisionError
    with database.unit_of_work() as unit:
        assert unit.outbox.depth("console")["pending"] == 0
        assert unit.people.meet("console", "2").id == 1


def test_a_transaction_has_one_moment(database: Database, clock: FixedClock) -> None:
    with database.unit_of_work() as unit:
        assert unit.now == clock.now()
        assert unit.people.meet("console", "1").first_seen_at == clock.now()


def test_reading_cannot_write_and_writing_works_again_after_it(database: Database) -> None:
    with pytest.raises(StorageError), database.read() as unit:
        unit.people.meet("console", "1")
    with database.unit_of_work() as unit:
        assert unit.people.meet("console", "1").id == 1


def test_a_reader_keeps_its_view_while_others_write(database: Database) -> None:
    with database.read() as reader:
        assert reader.outbox.depth("console")["pending"] == 0

        def write() -> None:
            with database.unit_of_work() as unit:
                unit.outbox.add("console", "1", Reply("好"))

        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert reader.outbox.depth("console")["pending"] == 0
    with database.read() as reader:
        assert reader.outbox.depth("console")["pending"] == 1


def test_a_transaction_within_a_transaction_is_refused(database: Database) -> None:
    with (
        database.unit_of_work(),
        pytest.raises(RuntimeError, match="within"),
        database.read(),
    ):
        pass
    with database.unit_of_work() as unit:
        unit.people.meet("console", "1")


def test_threads_write_side_by_side(database: Database) -> None:
    def write(number: int) -> None:
        for each in range(20):
            with database.unit_of_work() as unit:
                unit.people.meet("console", f"{number}-{each}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with database.read() as unit:
        assert unit.people.get(160) is not None


def test_many_start_at_once_on_an_empty_home(home: Path, clock: FixedClock) -> None:
    barrier = threading.Barrier(8)

    def start(_: int) -> str:
        barrier.wait()
        opened = Database(home / "linli.db", clock, ZONE)
        with opened.unit_of_work() as unit:
            code = unit.proposals.next_code(unit.now.date())
        opened.close()
        return code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(start, range(8)))
    assert len(set(codes)) == 8


def test_migrations_are_recorded_once_and_opening_again_changes_nothing(
    database: Database, clock: FixedClock
) -> None:
    again = Database(database.path, clock, ZONE)
    with closing(sqlite3.connect(database.path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")]
    assert names == sorted(names)
    assert len(names) == len(set(names)) >= 4
    assert migrations.pending(again._rows()) == []
    again.close()


def test_a_database_of_a_newer_version_is_left_alone(database: Database, clock: FixedClock) -> None:
    database.close()
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('linli', 'm999_from_the_future', '2030')"
        )
    with pytest.raises(DatabaseTooNew, match="m999_from_the_future"):
        Database(database.path, clock, ZONE)


def test_the_columns_of_proposals_are_those_of_the_contract(database: Database) -> None:
    columns = [column.name for column in database._rows()["proposals"].columns]
    assert " ".join(columns) == (
        "code title description category urgency place community building latitude longitude"
        " contact_name contact_phone resident_id stage department channel created_at updated_at"
        " response_due_at resolution_due_at responded_at resolved_at satisfaction"
    )


def test_a_home_below_a_file_is_unwritable(home: Path, clock: FixedClock) -> None:
    home.write_text("not a folder")
    with pytest.raises(HomeUnwritable, match=r"无法写入.*linli\.db"):
        Database(home / "linli.db", clock, ZONE)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_home_without_permission_is_unwritable(home: Path, clock: FixedClock) -> None:
    home.mkdir()
    home.chmod(0o500)
    with pytest.raises(HomeUnwritable):
        Database(home / "linli.db", clock, ZONE)


def test_another_file_in_its_place_is_told_from_a_database(home: Path, clock: FixedClock) -> None:
    home.mkdir()
    (home / "linli.db").write_bytes("这是一封信，不是数据库。".encode() * 100)
    with pytest.raises(DatabaseDamaged, match="不是邻里的数据库"):
        Database(home / "linli.db", clock, ZONE)


def test_a_damaged_database_is_noticed(home: Path, clock: FixedClock) -> None:
    opened = Database(home / "linli.db", clock, ZONE)
    with opened.unit_of_work() as unit:
        for each in range(300):
            unit.outbox.add("console", "1", Reply(f"{each}" * 100))
    opened.close()
    with (home / "linli.db").open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 200_000)
    with pytest.raises(DatabaseDamaged, match="linli restore"):
        damaged = Database(home / "linli.db", clock, ZONE)
        with damaged.unit_of_work() as unit:
            unit.outbox.replies_for("console", "1")
            unit.outbox.depth("console")


def test_a_database_held_by_another_program_is_reported(
    database: Database, clock: FixedClock
) -> None:
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        impatient = Database(database.path, clock, ZONE, busy_timeout_seconds=0.05)
        with pytest.raises(DatabaseLocked, match="占用"), impatient.unit_of_work():
            pass
        other.execute("ROLLBACK")
        with impatient.unit_of_work() as unit:
            unit.people.meet("console", "1")
        impatient.close()


def test_opening_needs_no_lock_when_the_tables_are_up_to_date(
    database: Database, clock: FixedClock
) -> None:
    with database.unit_of_work() as unit:
        unit.people.meet("console", "1")
        other = Database(database.path, clock, ZONE, busy_timeout_seconds=0.05)
        with other.read() as reader:
            assert reader.people.get(1) is None
        other.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_IOERR_WRITE, DiskFull),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseLocked),
        (sqlite3.SQLITE_LOCKED, DatabaseLocked),
        (sqlite3.SQLITE_READONLY_DIRECTORY, HomeUnwritable),
        (sqlite3.SQLITE_CANTOPEN, HomeUnwritable),
        (sqlite3.SQLITE_CORRUPT_INDEX, DatabaseDamaged),
        (sqlite3.SQLITE_NOTADB, DatabaseDamaged),
        (sqlite3.SQLITE_CONSTRAINT, StorageError),
        (None, StorageError),
    ],
)
def test_every_error_of_sqlite_has_a_meaning(code: int | None, kind: type[StorageError]) -> None:
    error = sqlite3.OperationalError("words of SQLite")
    if code is not None:
        error.sqlite_errorcode = code
    meaning = translate(error, Path("/home/of/linli.db"))
    assert type(meaning) is kind
    assert "/home/of/linli.db" in str(meaning)


def fill(database: Database) -> int:
    """Write replies until it fails; how many were committed."""
    written = 0
    while True:
        with database.unit_of_work() as unit:
            unit.outbox.add("console", "1", Reply("满" * 1000))
        written += 1


def test_a_full_disk_is_reported_and_does_no_damage(small_disk: Path, clock: FixedClock) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 400_000)
    database = Database(small_disk / "home" / "linli.db", clock, ZONE)
    with pytest.raises(DiskFull, match=r"磁盘.*没有写入"):
        fill(database)
    with database.read() as unit:
        kept = unit.outbox.depth("console")["pending"]
    assert kept > 0
    with pytest.raises(DiskFull):
        fill(database)
    ballast.unlink()
    with database.unit_of_work() as unit:  # the same process goes on
        unit.outbox.add("console", "1", Reply("有地方了"))
    with database.read() as unit:
        assert unit.outbox.depth("console")["pending"] >= kept + 1
    assert database._rows().conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_a_disk_full_from_the_start_is_reported(small_disk: Path, clock: FixedClock) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(b"\0" * 2_000_000)
    with pytest.raises(DiskFull):
        Database(small_disk / "linli.db", clock, ZONE)


LIMITED = """
import resource, sys
from pathlib import Path
from bot.clock import SystemClock
from bot.messages import Reply
from bot.storage.database import Database
from bot.storage.errors import StorageError

database = Database(Path(sys.argv[1]), SystemClock(), "Asia/Shanghai")
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
written = 0
try:
    while True:
        with database.unit_of_work() as unit:
            unit.outbox.add("console", "1", Reply("满" * 1000))
        written += 1
except StorageError as error:
    print(type(error).__name__, written)
"""


def test_a_limit_on_the_size_of_files_is_reported_and_does_no_damage(
    home: Path, clock: FixedClock
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(home / "linli.db")],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    name, written = done.stdout.split()
    assert name == "DiskFull"
    database = Database(home / "linli.db", clock, ZONE)
    with database.unit_of_work() as unit:
        assert unit.outbox.depth("console")["pending"] == int(written) > 0
        unit.outbox.add("console", "1", Reply("有地方了"))
    assert database._rows().conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
