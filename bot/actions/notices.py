"""Telling workers of what concerns them, through the outbox."""

from datetime import timedelta

from bot.clock import local
from bot.messages import Button, Reply
from bot.proposals.communities import Communities
from bot.proposals.deadlines import Deadlines, Reminder
from bot.proposals.privacy import mask_contacts
from bot.responses import Responses
from bot.storage.database import UnitOfWork
from bot.storage.records import Proposal, Worker

MAX_REMINDERS = 20
MAX_REMINDER_BUTTONS = 5


def tell_workers(
    work: UnitOfWork, communities: Communities, community: str, reply: Reply, but: str = ""
) -> int:
    """Queue a notice for every worker who is responsible for `community`; how many there are.

    What has no known community concerns everybody; `but` is the number of a worker who knows.
    """
    concerned = [
        worker
        for worker in work.people.workers()
        if str(worker.resident_id) != but and communities.covers(worker.community, community)
    ]
    for worker in concerned:
        work.outbox.add(worker.channel, worker.external_id, reply)
    return len(concerned)


def remind_workers(
    work: UnitOfWork,
    communities: Communities,
    deadlines: Deadlines,
    responses: Responses,
    within: timedelta,
) -> int:
    """Tell workers once of each deadline that is near or past; how many deadlines.

    One notice a worker, however many deadlines it names.
    """
    due = deadlines.remind(work, within)
    for worker in work.people.workers() if due else ():
        theirs = [
            each for each in due if communities.covers(worker.community, each.proposal.community)
        ]
        if theirs:
            _remind(worker, theirs, work, responses)
    return len(due)


def _remind(worker: Worker, due: list[Reminder], work: UnitOfWork, responses: Responses) -> None:
    lines = [responses.text("worker.reminder_head", count=len(due))]
    lines += [due_line(each, work, responses) for each in due[:MAX_REMINDERS]]
    buttons = tuple(open_button(each.proposal, responses) for each in due[:MAX_REMINDER_BUTTONS])
    work.outbox.add(worker.channel, worker.external_id, Reply("\n".join(lines), buttons))


def due_line(reminder: Reminder, work: UnitOfWork, responses: Responses) -> str:
    """One deadline with what it is about, contacts masked."""
    return responses.text(
        "worker.due_line",
        kind=responses.text(f"worker.reminder.{reminder.kind.value}"),
        when=f"{local(reminder.due_at, work.time_zone):%m-%d %H:%M}",
        code=reminder.proposal.code,
        title=mask_contacts(reminder.proposal.title),
    )


def open_button(proposal: Proposal, responses: Responses) -> Button:
    """Opens a proposal in the worker's chat."""
    label = responses.text("worker.buttons.show", code=proposal.code)
    return Button(label, f"worker:show:{proposal.code}")
