"""`make bench`: handling, start and memory, as ratios to the bare encoder in the same run."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bot.asking import Asker
from bot.commands.parts import Parts
from bot.settings import Settings

QUESTIONS = (
    "老小区加装电梯要多少业主同意",
    "业委会几年换一次",
    "低保的条件是什么",
    "噪音扰民晚上几点以后算违法",
    "物业费可以不交吗",
    "垃圾分类分几类",
    "居住证办了有什么用",
    "消防通道能不能停车",
)
ROUNDS = 25
START_LINE = '{"user": "bench", "text": "您好"}\n'


def main() -> None:
    """Print the table of budgets."""
    rows = [*handling(), start()]
    width = max(len(name) for name, *_ in rows)
    for name, value, budget in rows:
        print(f"{name:<{width}}  {value:>12}  {budget}")


def handling() -> list[tuple[str, str, str]]:
    """A policy question end to end against one bare `encode_query`, medians, interleaved."""
    with tempfile.TemporaryDirectory() as home, Parts(Settings(home=Path(home))) as parts:
        asker = Asker(parts.assistant, parts.knowledge, parts.finder, parts.database, parts.clock)
        bare, whole = [], []
        for number in range(ROUNDS * len(QUESTIONS)):
            question = QUESTIONS[number % len(QUESTIONS)]
            bare.append(seconds(lambda asked=question: parts.encoder.encode_query([asked])))
            whole.append(seconds(lambda asked=question: asker.ask(asked, "policy")))
        ratio = statistics.median(whole) / statistics.median(bare)
        return [
            ("encode_query p50", f"{statistics.median(bare) * 1000:.1f} ms", ""),
            ("policy question p50 / encode_query p50", f"{ratio:.2f}", "≤ 1.25"),
            ("resident memory", f"{resident_megabytes():.0f} MB", "≤ 350 MB"),
        ]


def start() -> tuple[str, str, str]:
    """`linli chat` from the command to its first reply, artefacts built, home new."""
    took = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as home:
            environment = {**os.environ, "LINLI_HOME": home}
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "bot.commands", "chat", "--jsonl"],
                input=START_LINE,
                text=True,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            took.append(time.perf_counter() - began)
    return ("start of chat to first reply and end", f"{min(took):.2f} s", "≤ 2 s")


def seconds(action: object) -> float:
    """How long a call takes."""
    assert callable(action)
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def resident_megabytes() -> float:
    """Memory that this process holds now; what it held at most where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
