"""A small bot that is killed over and over, run as a process of its own by test_crash.py.

    python crash_worker.py FOLDER MESSAGES WORKERS SEED SCALE

The outside world is three files: `updates.jsonl` (what residents wrote), `acknowledged.log` (which
updates the messenger was told to forget) and `sent.log` (what the messenger was given to deliver).
Workers are forked, so that each life costs milliseconds. In each life a worker kills itself with
SIGKILL at a named point, at a random pass through it, or is killed at a random moment from outside.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.messages import Message, Reply
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft
from bot.storage.database import Database
from bot.storage.encoding import load_message
from bot.storage.errors import AlreadyHandled, StaleConversation

CHANNEL = "script"
CONVERSATIONS = 23
POINTS = (
    "before receive commits", "after receive committed", "after acknowledgement",
    "before handling commits", "after handling committed",
    "before send", "after send", "before sent commits", "after sent committed",
)  # fmt: skip
ONCE_A_BATCH = POINTS[:3]
BATCH = 20
LIVES_PER_POINT = 8
RANDOM_LIVES = 60

Checkpoint = Callable[[str], None]


def script(number: int) -> list[Message]:
    """What residents write: every third message is a proposal, the others are small talk."""
    return [
        Message(
            id=str(each),
            channel=CHANNEL,
            conversation_id=f"c{each % CONVERSATIONS}",
            sender_id=f"r{each % CONVERSATIONS}",
            sender_name="居民",
            text=f"提案 {each}" if each % 3 == 0 else f"你好 {each}",
            sent_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
        for each in range(number)
    ]


def append(path: Path, line: str) -> None:
    """What the outside world notes, it has noted."""
    with path.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


class Worker:
    """Receives, handles and sends until nothing is left to do."""

    def __init__(
        self, folder: Path, updates: list[Message], checkpoint: Checkpoint, seed: int
    ) -> None:
        self.updates = updates
        self.acknowledged = folder / "acknowledged.log"
        self.sent = folder / "sent.log"
        self.checkpoint = checkpoint
        self.random = random.Random(seed)
        self.database = Database(folder / "home" / "linli.db", SystemClock(), "Asia/Shanghai")
        self.deadlines = Deadlines(self.database.time_zone)

    def run(self) -> None:
        """Live until all is done."""
        self.acknowledged.touch()
        while True:
            received = self.receive()
            handled = self.handle()
            sent = self.send()
            if not (received or handled or sent):
                return

    def receive(self) -> bool:
        """Take a batch of what is not acknowledged, and a few old updates once more."""
        known = set(self.acknowledged.read_text().split())
        fresh = [each for each in self.updates if each.id not in known][:BATCH]
        repeated = self.random.sample(self.updates[: len(known) + 1], min(2, len(known)))
        if not fresh:
            return False
        with self.database.unit_of_work() as unit:
            for message in (*fresh, *repeated):
                unit.inbox.receive(message)
            self.checkpoint("before receive commits")
        self.checkpoint("after receive committed")
        for message in fresh:
            append(self.acknowledged, message.id)
        self.checkpoint("after acknowledgement")
        return True

    def handle(self) -> bool:
        """Handle the next message of each conversation."""
        with self.database.read() as unit:
            waiting = unit.inbox.pending(CHANNEL)
        for received in waiting:
            message = load_message(received.body)
            with self.database.read() as unit:
                state, version = unit.conversations.load(CHANNEL, message.conversation_id)
            try:
                self.act(message, state, version)
            except (StaleConversation, AlreadyHandled):
                continue  # the other worker was quicker
            self.checkpoint("after handling committed")
        return bool(waiting)

    def act(self, message: Message, state: str, version: int) -> None:
        """One transaction: rows, replies, state, and the message is done."""
        with self.database.unit_of_work() as unit:
            resident = unit.people.meet(CHANNEL, message.sender_id, message.sender_name)
            replies = [f"收到 {message.id}"]
            if message.text.startswith("提案"):
                ledger = Ledger(unit, self.deadlines)
                proposal = ledger.create(Draft(message.text, "3栋"), resident)
                replies.append(f"编号 {proposal.code} {message.id}")
            for text in replies:
                unit.outbox.add(CHANNEL, message.conversation_id, Reply(text), message.id)
            history = [*json.loads(state or "[]"), message.id]
            unit.conversations.save(CHANNEL, message.conversation_id, json.dumps(history), version)
            unit.inbox.mark_done(CHANNEL, message.id)
            self.checkpoint("before handling commits")

    def send(self) -> bool:
        """Send the next reply of each conversation."""
        with self.database.read() as unit:
            waiting = unit.outbox.due(CHANNEL, unit.now)
        for outgoing in waiting:
            self.checkpoint("before send")
            line = {"id": outgoing.id, "to": outgoing.conversation_id, "text": outgoing.reply.text}
            append(self.sent, json.dumps(line, ensure_ascii=False))
            self.checkpoint("after send")
            with self.database.unit_of_work() as unit:
                unit.outbox.mark_sent(outgoing.id, f"m{outgoing.id}")
                self.checkpoint("before sent commits")
            self.checkpoint("after sent committed")
        return bool(waiting)


def die_at(point: str, passes: int) -> Checkpoint:
    """A checkpoint that ends the process at the given pass through `point`."""
    left = passes

    def checkpoint(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def live(folder: Path, updates: list[Message], checkpoint: Checkpoint, seed: int) -> int:
    """Fork a worker; its process id."""
    child = os.fork()
    if child == 0:
        try:
            Worker(folder, updates, checkpoint, seed).run()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return child


def warm_up() -> None:
    """Build what is built once a process, so that forked workers need not."""
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(Path(folder), script(3), die_at("never", 0), 0)
        worker.run()
        worker.database.close()


def plan(chance: random.Random, scale: int) -> list[tuple[str, int] | float]:
    """The ends of all lives: a point and the pass through it, or seconds until a random kill."""
    ends: list[tuple[str, int] | float] = [
        (point, chance.randint(1, 2 if point in ONCE_A_BATCH else 20))
        for point in POINTS
        for _ in range(scale * LIVES_PER_POINT)
    ]
    ends += [chance.uniform(0.002, 0.04) for _ in range(scale * RANDOM_LIVES)]
    chance.shuffle(ends)
    return ends


def main() -> None:
    """Live and die as planned, then once to the end; prints how often workers were killed."""
    folder, number, workers, seed, scale = Path(sys.argv[1]), *map(int, sys.argv[2:6])
    updates = script(number)
    warm_up()
    chance = random.Random(seed)
    ends = plan(chance, scale)
    killed = 0
    while ends:
        children: list[int] = []
        timers: list[tuple[float, int]] = []
        for _ in range(workers):
            end = ends.pop() if ends else ("never", 0)
            checkpoint = die_at(*end) if isinstance(end, tuple) else die_at("never", 0)
            child = live(folder, updates, checkpoint, chance.randrange(1 << 30))
            children.append(child)
            if isinstance(end, float):
                timers.append((end, child))
        begun = time.monotonic()
        for seconds, child in sorted(timers):
            time.sleep(max(0.0, begun + seconds - time.monotonic()))
            os.kill(child, signal.SIGKILL)
        for child in children:
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                killed += 1
            elif os.WEXITSTATUS(status):
                sys.exit("a worker failed")
    last = live(folder, updates, die_at("never", 0), seed)
    _, status = os.waitpid(last, 0)
    if status:
        sys.exit("the last worker failed")
    print(json.dumps({"killed": killed}))


if __name__ == "__main__":
    main()
