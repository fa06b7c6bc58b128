"""`/healthz` and `/metrics`, for whoever keeps the service running."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.storing import Storing
from bot.channels.telegram import Telegram
from bot.storage.database import UnitOfWork
from bot.storage.errors import StorageError

log = logging.getLogger(__name__)

SILENT_SECONDS = 180.0
"""After so long without an answer from Telegram while polling, something is wrong."""

UNANSWERED_OVER = timedelta(days=1)


class Depths(Collector):
    """Gauges read from the rows at each look: queues, and the share of questions unanswered."""

    def __init__(self, rows: UnitOfWork, channel: str) -> None:
        self._rows = rows
        self._channel = channel

    def collect(self) -> Iterator[Metric]:
        """Count now."""
        for name, depth in (
            ("inbox", self._rows.inbox.depth(self._channel)),
            ("outbox", self._rows.outbox.depth(self._channel)),
        ):
            gauge = GaugeMetricFamily(
                f"linli_{name}_depth", f"Rows of the {name} by state", labels=("channel", "state")
            )
            for state, count in depth.items():
                gauge.add_metric((self._channel, state), count)
            yield gauge
        yield GaugeMetricFamily(
            "linli_unanswered_share",
            "Share of the policy and service questions of the last day without an answer, 0 to 1",
            value=unanswered_share(self._rows),
        )


def unanswered_share(rows: UnitOfWork) -> float:
    """Of the questions of the last day, the share that found no answer; 0 when none was asked."""
    since = rows.now - UNANSWERED_OVER
    asked = [
        question.found
        for intent in ("ask_policy", "lookup_service")
        for question in rows.questions.find(since=since, intent=intent)
    ]
    return asked.count(False) / len(asked) if asked else 0.0


def operations_app(storing: Storing, telegram: Telegram, polls: bool) -> Starlette:
    """The application; `polls` says that Telegram must be heard of regularly."""

    async def healthz(request: Request) -> Response:
        silent = time.monotonic() - telegram.last_contact
        problems = ["telegram"] if polls and silent > SILENT_SECONDS else []
        try:
            await storing.read(lambda rows: rows.inbox.depth(telegram.name))
        except StorageError:
            problems.append("storage")
        state = "failed" if problems else "ok"
        return JSONResponse(
            {"status": state, "problems": problems, "seconds_since_contact": round(silent, 1)},
            status_code=503 if problems else 200,
        )

    async def metrics(request: Request) -> Response:
        def depths(rows: UnitOfWork) -> bytes:
            registry = CollectorRegistry()
            registry.register(Depths(rows, telegram.name))
            return generate_latest(registry)

        return Response(
            generate_latest(REGISTRY) + await storing.read(depths), media_type=CONTENT_TYPE_LATEST
        )

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])
