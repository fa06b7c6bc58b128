"""Files that workers get and send: the export of a period, documents for the knowledge base.

Everything here runs before the transaction. The files lie in the home folder: an export until
it has surely been sent, a document for good once it was added.
"""

import re
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import local
from bot.messages import Attachment
from bot.proposals.communities import Communities
from bot.proposals.export import Labels, exported, figure_lines, write_csv, write_xlsx
from bot.proposals.statistics import statistics
from bot.storage.database import Database
from bot.storage.home import DOCUMENTS_FOLDER
from bot.storage.proposals import Filter
from bot.storage.records import Worker

KEEP = timedelta(days=7)
"""How long files that are only passed on lie in the home folder."""

MAX_FILE_NAME = 80
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LAST_DAYS = re.compile(r"(\d{1,4})\s*天|^\s*(\d{1,4})\s*$")
DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})")
MONTH = re.compile(r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*月|(\d{4})[-./](\d{1,2})(?!\d)")
FORMAT = re.compile(r"csv|xlsx|excel|表格?", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """A stretch of local days; `until` is exclusive. No `since` means from the beginning."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True)
class Export:
    """A written export, its period, and how many proposals are in it.

    There is neither when nobody could tell which period was meant by `wish`.
    """

    wish: str
    period: Period | None = None
    file: Attachment | None = None
    count: int = 0


@dataclass(frozen=True)
class Learned:
    """What became of a file that was to join the knowledge base: titles, and faults in words."""

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


Learn = Callable[[Path], Learned]
"""Adds the documents of a file to the knowledge base; takes its time."""


class WorkerFiles:
    """The folders `exports`, `uploads` and `documents` of the home folder."""

    def __init__(
        self,
        home: Path,
        database: Database,
        communities: Communities,
        learn: Learn,
    ) -> None:
        self._exports, self._uploads = home / "exports", home / "uploads"
        self._documents = home / DOCUMENTS_FOLDER
        self._database = database
        self._communities = communities
        self._learn = learn

    def worker(self, channel: str, external_id: str) -> Worker | None:
        """Who sends the message, as a worker; known before the transaction begins."""
        with self._database.read() as rows:
            return next(
                (
                    worker
                    for worker in rows.people.workers()
                    if (worker.channel, worker.external_id) == (channel, external_id)
                ),
                None,
            )

    def export(self, worker: Worker, wish: str, labels: Labels, *, strict: bool) -> Export:
        """The proposals of a period that are the worker's, as a workbook or CSV, masked.

        A wish that names no period that we know means this week, unless it is `strict`.
        """
        now, zone = self._database.clock.now(), self._database.time_zone
        sweep(self._exports, now - KEEP)
        period = read_period(FORMAT.sub("", wish), now, zone)
        if period is None:
            if strict:
                return Export(wish)
            period = this_week(now, zone)
        wanted = Filter(
            since=period.since,
            until=period.until,
            other_communities=self._communities.outside(worker.community),
        )
        is_csv = "csv" in wish.lower()
        path = self._exports / export_name(period, zone, is_csv)
        with self._database.read() as rows:
            found = exported(rows.proposals.find(wanted), with_contacts=False)
            if is_csv:
                count = write_csv(path, found, zone)
            else:
                figures = statistics(rows, wanted)
                lines = [line for each in figures for line in figure_lines(each)]
                count = write_xlsx(path, found, lines, zone, labels=labels)
        mime = "text/csv" if is_csv else XLSX_MIME
        return Export(wish, period, Attachment(str(path), mime, friendly_name(path.name)), count)

    def receive(self, attachments: Iterable[Attachment]) -> list[tuple[str, str]]:
        """Keep documents until the worker says that they shall be added: token and name of each."""
        sweep(self._uploads, self._database.clock.now() - KEEP)
        received = []
        for attachment in attachments:
            token, name = secrets.token_hex(8), safe_name(attachment.name or attachment.path)
            folder = self._uploads / token
            folder.mkdir(mode=0o700, parents=True)
            shutil.copyfile(attachment.path, folder / name)
            received.append((token, name))
        return received

    def learn(self, token: str) -> Learned | None:
        """Add a kept document to the knowledge base; None when it is no longer there.

        A file of the same name takes the place of the earlier one.
        """
        folder = self._uploads / re.sub(r"[^0-9a-f]", "", token)
        waiting = [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []
        if not token or not waiting:
            return None
        self._documents.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = self._documents / waiting[0].name
        shutil.copyfile(waiting[0], kept)
        learned = self._learn(kept)
        if not learned.added and not learned.unchanged:
            kept.unlink(missing_ok=True)
        return learned


def read_period(wish: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period that words name, in whole local days; None for words that name none.

    Days and months by number, today, this or last week or month, so many days, all. No words at all
    mean this week.
    """
    if not wish.strip():
        return this_week(now, zone)
    today = local(now, zone).date()
    try:
        days = _named_days(wish, today)
    except (ValueError, OverflowError):  # the 31st of February, the year 9999
        return None
    if days is None:
        return None
    since, last = days
    begin = None if since is None else midnight(since, zone)
    return Period(begin, midnight(last + timedelta(days=1), zone))


def this_week(now: datetime, zone: ZoneInfo) -> Period:
    """From Monday to the end of today."""
    today = local(now, zone).date()
    monday = today - timedelta(days=today.weekday())
    return Period(midnight(monday, zone), midnight(today + timedelta(days=1), zone))


def _named_days(wish: str, today: date) -> tuple[date | None, date] | None:
    """The first day (None: the beginning of time) and the last."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    if named := [date(*map(int, match.groups())) for match in DAY.finditer(wish)]:
        return min(named), max(named)
    if days := LAST_DAYS.search(wish):
        return today - timedelta(days=max(1, int(days[1] or days[2])) - 1), today
    if month := MONTH.search(wish):
        return _month(int(month[2] or month[4]), month[1] or month[3], today)
    one_day = timedelta(days=1)
    for pattern, since, last in (
        (r"全部|所有|\ball\b", None, today),
        (r"今[天日]|today", today, today),
        (r"昨[天日]|yesterday", today - one_day, today - one_day),
        (r"上个?(周|星期|礼拜)", monday - timedelta(days=7), monday - one_day),
        (r"上个?月", (first - one_day).replace(day=1), first - one_day),
        (r"[本这]个?月|month", first, today),
        (r"今年|本年|year", today.replace(month=1, day=1), today),
        (r"[本这]个?(周|星期|礼拜)|week", monday, today),
    ):
        if re.search(pattern, wish):
            return since, last
    return None


def _month(number: int, year: str | None, today: date) -> tuple[date, date]:
    """A month; without its year the latest one that has begun."""
    wanted = int(year) if year else today.year - (number > today.month)
    first = date(wanted, number, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of a local day."""
    return datetime.combine(day, time.min, zone)


def export_name(period: Period, zone: ZoneInfo, is_csv: bool) -> str:
    """A file name that says the period and cannot be guessed."""
    last = local(period.until, zone).date() - timedelta(days=1)
    first = f"{local(period.since, zone).date()}_" if period.since else ""
    return f"proposals_{first}{last}_{secrets.token_hex(4)}.{'csv' if is_csv else 'xlsx'}"


def friendly_name(name: str) -> str:
    """The file's name as the worker sees it, without the part that keeps it from being guessed."""
    return re.sub(r"_[0-9a-f]{8}(?=\.\w+$)", "", name)


def safe_name(name: str) -> str:
    """The last part of a file name, without characters that mean something to a file system."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r"[\x00-\x1f<>:\"|?*]", "_", last).strip(". ") or "file"
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:MAX_FILE_NAME]}{dot}{suffix}" if stem else plain[:MAX_FILE_NAME]


def sweep(folder: Path, before: datetime) -> None:
    """Delete what was put into a folder before then."""
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.stat().st_mtime < before.timestamp():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
