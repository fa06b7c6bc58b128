"""How many messages of many chats the Telegram channel answers a second, and how fast.

    python benchmarks/telegram_load.py [--chats 200] [--messages 5] [--handler assistant|parrot]

A server that speaks the Bot API runs in a process of its own; each chat sends its messages at once.
The bare encoder's rate on the same texts, on as many threads, is measured in the same run, and the
ratio of the two is what counts. `parrot` answers without understanding: what the channel alone can
do. Prints one JSON object.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.channels.serving import Serving, ServingParts
from bot.commands.parts import Parts
from bot.settings import Settings
from tests.bot.channels.bot_api import TOKEN, bot_api
from tests.bot.channels.parrot import Parrot

QUESTIONS = (
    "老年证怎么办",
    "加装电梯要多少户同意",
    "社保卡丢了去哪里补",
    "居住证要带什么材料",
    "我的事怎么样了",
    "垃圾分类有什么规定",
    "谢谢你",
)


def texts(chat: int, messages: int) -> list[str]:
    """What a chat sends: no two messages alike, so that nothing is answered from a cache."""
    return [f"{QUESTIONS[(chat + n) % len(QUESTIONS)]}（{chat}-{n}）" for n in range(messages)]


def play(pipe: Connection, chats: int, messages: int) -> None:
    """The Bot API and its users, in a process of their own."""
    with bot_api() as api:
        pipe.send(api.url)
        pipe.recv()
        api.say(1, "谢谢")  # loads what is loaded with the first message
        api.wait(lambda: api.texts(1), 120)
        begun = time.monotonic()
        for n in range(messages):
            for chat in range(chats):
                api.say(1000 + chat, texts(chat, messages)[n])
        api.wait(lambda: answered(api.sent(), chats) >= chats * messages, 600)
        calls = api.sent()
        seconds = max(call.at for call in calls) - begun
        pipe.send((seconds, [call.at - begun for call in calls]))
        pipe.recv()


def answered(calls: list, chats: int) -> int:
    """Answers so far; a chat's first contact brings one notice more."""
    sent: dict[str, int] = defaultdict(int)
    for call in calls:
        sent[call.values["chat_id"]] += "第一次见面" not in call.values["text"]
    return sum(count for chat, count in sent.items() if int(chat) >= 1000)


def encoder_rate(parts: Parts, chats: int, messages: int, threads: int) -> float:
    """Queries a second of the bare encoder, one at a time on each thread."""
    queries = [text for chat in range(chats) for text in texts(chat, messages)][:400]
    parts.encoder.encode_query(queries[:2])
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        list(pool.map(lambda text: parts.encoder.encode_query([text]), queries))
        return len(queries) / (time.perf_counter() - begun)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--chats", type=int, default=200)
    options.add_argument("--messages", type=int, default=5)
    options.add_argument("--handler", choices=("assistant", "parrot"), default="assistant")
    given = options.parse_args()
    threads = os.cpu_count() or 1
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=play, args=(theirs, given.chats, given.messages), daemon=True
    )
    server.start()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            _env_file=None,
            home=Path(home),
            telegram_token=TOKEN,
            telegram_api_url=ours.recv(),
            operations_port=0,
            messages_per_minute=100_000,
            telegram_messages_per_second=10_000.0,
            workers=threads,
        )
        with Parts(settings) as parts:
            bare = encoder_rate(parts, given.chats, given.messages, threads)
            handler = parts.assistant if given.handler == "assistant" else Parrot(parts.database)
            serving_parts = ServingParts(settings, parts.database, parts.responses, lambda: handler)
            serving = Serving(serving_parts, handles_signals=False)
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_until_complete, args=(serving.run(),))
            thread.start()
            ours.send("begin")
            seconds, waits = ours.recv()
            loop.call_soon_threadsafe(serving.stop)
            thread.join()
            ours.send("end")
            server.join()
    rate = given.chats * given.messages / seconds
    cuts = quantiles(waits, n=20)
    print(
        json.dumps(
            {
                "chats": given.chats,
                "messages": given.chats * given.messages,
                "handler": given.handler,
                "threads": threads,
                "messages_per_second": round(rate, 1),
                "bare_encodings_per_second": round(bare, 1),
                "ratio": round(rate / bare, 3),
                "answered_after_seconds": {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2)},
            }
        )
    )


if __name__ == "__main__":
    main()
