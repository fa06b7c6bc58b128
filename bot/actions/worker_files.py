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
from bot.storage.proposals import Filter
from bot.storage.records import Worker

KEEP = timedelta(days=7)
"""How long files that are only passed on lie in the home folder."""

MAX_FILE_NAME = 80
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LAST_DAYS = re.compile(r"(\d{1,4})\s*天|^\s*(\d{1,4})\s*$")


@dataclass(frozen=True)
class Period:
    """A stretch of local days; `until` is exclusive. No `since` means from the beginning."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True)
class Export:
    """A written export, and how many proposals are in it."""

    file: Attachment
    count: int


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
        self._documents = home / "documents"
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

    def export(self, worker: Worker, wish: str, labels: Labels) -> Export:
        """The proposals of a period that are the worker's, as a workbook or CSV, masked."""
        sweep(self._exports, self._database.clock.now() - KEEP)
        period = read_period(wish, self._database.clock.now(), self._database.time_zone)
        wanted = Filter(
            since=period.since,
            until=period.until,
            other_communities=self._communities.outside(worker.community),
        )
        is_csv = "csv" in wish.lower()
        path = self._exports / export_name(period, self._database.time_zone, is_csv)
        with self._database.read() as rows:
            found = exported(rows.proposals.find(wanted), with_contacts=False)
            zone = self._database.time_zone
            if is_csv:
                count = write_csv(path, found, zone)
            else:
                figures = statistics(rows, wanted)
                lines = [line for each in figures for line in figure_lines(each)]
                count = write_xlsx(path, found, lines, zone, labels=labels)
        mime = "text/csv" if is_csv else XLSX_MIME
        return Export(Attachment(str(path), mime, friendly_name(path.name)), count)

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


def read_period(wish: str, now: datetime, zone: ZoneInfo) -> Period:
    """The period that words name: today, this or last week or month, so many days, all.

    The week (from Monday) is the default; whole local days, ending with today.
    """
    today = local(now, zone).date()
    tomorrow = today + timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    if re.search(r"全部|所有|\ball\b", wish):
        return Period(None, midnight(tomorrow, zone))
    if days := LAST_DAYS.search(wish):
        back = timedelta(days=int(days[1] or days[2]) - 1)
        return Period(midnight(today - back, zone), midnight(tomorrow, zone))
    if re.search(r"今[天日]|today", wish):
        return Period(midnight(today, zone), midnight(tomorrow, zone))
    if re.search(r"上个?(周|星期|礼拜)", wish):
        return Period(midnight(monday - timedelta(days=7), zone), midnight(monday, zone))
    if re.search(r"上个?月", wish):
        before = (first - timedelta(days=1)).replace(day=1)
        return Period(midnight(before, zone), midnight(first, zone))
    if re.search(r"[本这]个?月|month", wish):
        return Period(midnight(first, zone), midnight(tomorrow, zone))
    return Period(midnight(monday, zone), midnight(tomorrow, zone))


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
