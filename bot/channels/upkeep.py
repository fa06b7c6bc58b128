"""What has to be done from time to time: reminders, the weekly summary, tidying up."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.notices import remind_workers
from bot.clock import local
from bot.messages import Reply
from bot.proposals.communities import Communities
from bot.proposals.deadlines import Deadlines
from bot.proposals.statistics import Statistics, statistics
from bot.responses import Responses
from bot.storage.attachments import AttachmentStore
from bot.storage.database import UnitOfWork
from bot.storage.proposals import Filter

log = logging.getLogger(__name__)

REMIND_WITHIN = timedelta(hours=4)
SUMMARY_WEEKDAY, SUMMARY_HOUR = 0, 9
"""Monday morning, local time."""

KEEP_MESSAGES = timedelta(days=30)
KEEP_CONVERSATIONS = timedelta(days=90)
KEEP_UNNAMED_FILES = timedelta(days=1)


@dataclass(frozen=True)
class Upkeep:
    """The chores of a running service. Each can be done at any time and as often as one likes."""

    deadlines: Deadlines
    communities: Communities
    responses: Responses
    files: AttachmentStore

    def remind(self, work: UnitOfWork) -> int:
        """Tell workers of deadlines that are near or past, once each; how many there were."""
        return remind_workers(work, self.communities, self.deadlines, self.responses, REMIND_WITHIN)

    def summarise(self, work: UnitOfWork) -> int:
        """Send every worker the summary of last week, once a week; how many were sent now.

        Who joined since then waits for the next one.
        """
        now = local(work.now, work.time_zone)
        if (now.weekday(), now.hour) < (SUMMARY_WEEKDAY, SUMMARY_HOUR):
            return 0
        key = f"weekly-summary-{now:%G-W%V}"
        days, hours = now.weekday() - SUMMARY_WEEKDAY, now.hour - SUMMARY_HOUR
        since = (now - timedelta(days=days, hours=hours)).replace(minute=0, second=0)
        due = [
            worker
            for worker in work.people.workers()
            if worker.enrolled_at < since
            and not work.outbox.has_key(worker.channel, worker.external_id, key)
        ]
        for worker in due:
            reply = Reply(self._summary(worker.community, now, work), key=key)
            work.outbox.add(worker.channel, worker.external_id, reply)
        return len(due)

    def tidy(self, work: UnitOfWork) -> None:
        """Empty and delete what has been kept long enough."""
        emptied = work.inbox.trim(work.now - KEEP_MESSAGES)
        emptied += work.outbox.trim(work.now - KEEP_MESSAGES)
        conversations = work.conversations.trim(work.now - KEEP_CONVERSATIONS)
        files = self.files.sweep(work, work.now - KEEP_UNNAMED_FILES)
        if emptied or conversations or files:
            log.info(
                "tidied: %d messages, %d conversations, %d files", emptied, conversations, files
            )

    def _summary(self, community: str, now: datetime, work: UnitOfWork) -> str:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        until = midnight - timedelta(days=now.weekday())
        since = until - timedelta(days=7)
        others = self.communities.outside(community)
        week = Filter(since=since, until=until, other_communities=others)
        last = statistics(work, week)[0]
        all_time = statistics(work, Filter(other_communities=others))[0]
        return self.responses.text(
            "notice.weekly",
            community=self.communities.name(community) or self.responses.text("worker.everywhere"),
            since=_day(since),
            until=_day(until - timedelta(days=1)),
            new=last.proposals,
            open=all_time.open,
            overdue=all_time.overdue,
            rates=self._rates(last),
        )

    def _rates(self, week: Statistics) -> str:
        rates = (
            ("response", week.response_rate),
            ("resolution", week.resolution_rate),
            ("satisfaction", week.satisfaction_rate),
        )
        known = [
            self.responses.text(f"notice.{name}", rate=f"{rate:.0%}")
            for name, rate in rates
            if rate is not None
        ]
        return "，".join(known) or self.responses.text("notice.no_rates")


def _day(moment: datetime) -> str:
    return f"{moment.month}月{moment.day}日"
