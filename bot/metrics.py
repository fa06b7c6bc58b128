"""What is counted while the channels run, in the terms of Prometheus."""

from prometheus_client import Counter, Histogram

UPDATES = Counter(
    "linli_updates", "Updates by what became of them at reception", ("channel", "outcome")
)
MESSAGES = Counter("linli_messages", "Messages handled, by intent", ("channel", "intent"))
FAILURES = Counter(
    "linli_failures",
    "Messages that could not be handled or sent at an attempt",
    ("channel", "what"),
)
SENT = Counter("linli_replies_sent", "Replies that the messenger took", ("channel",))
HANDLING_SECONDS = Histogram(
    "linli_handling_seconds",
    "From the start of handling a message to its replies in the outbox",
    ("channel",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
WAITING_SECONDS = Histogram(
    "linli_waiting_seconds",
    "From the arrival of a message to its replies in the outbox",
    ("channel",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
