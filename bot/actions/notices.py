"""Telling workers of what concerns them, through the outbox."""

from bot.messages import Reply
from bot.storage.database import UnitOfWork


def tell_workers(work: UnitOfWork, community: str, reply: Reply) -> int:
    """Queue a notice for every worker of `community`, and for those of all; how many there are.

    A worker without a community works for all of them; what has no community concerns everybody.
    """
    concerned = [
        worker
        for worker in work.people.workers()
        if not worker.community or not community or worker.community == community
    ]
    for worker in concerned:
        work.outbox.add(worker.channel, worker.external_id, reply)
    return len(concerned)
