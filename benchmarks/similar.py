"""How well repeats are told from other matters, and how fast, among many open proposals.

    python benchmarks/similar.py pairs [FILE]     precision and recall on labelled pairs
    python benchmarks/similar.py speed [COUNT]    a search among COUNT open proposals

FILE is JSONL, a pair a line: `{"same": bool, "one": {"description", "place"}, "other": {…}}`.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot.clock import FixedClock
from bot.commands.parts import Parts
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.places import likeness, read_place
from bot.proposals.proposal import Draft
from bot.proposals.similar import SimilarFinder, similarity
from bot.storage.database import Database

SIDES = ("one", "other")
OWN = Path(__file__).parent.parent / "tests" / "data" / "similar.jsonl"


def pairs(file: Path) -> dict[str, float]:
    """Precision and recall of “the same matter in the same place”."""
    labelled = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    with Parts() as parts:
        finder = parts.similar
        sides = [
            parts.encoder.encode_query([each[side]["description"] for each in labelled])
            for side in SIDES
        ]
        everything = np.concatenate(sides)
        sides = [finder.centred(side, everything) for side in sides]
    meanings = np.sum(sides[0] * sides[1], axis=1)
    hits = wrong = missed = 0
    for each, meaning in zip(labelled, meanings, strict=True):
        places = [read_place(each[side]["place"], each[side]["description"]) for side in SIDES]
        near = likeness(*places)
        found = bool(similarity(float(meaning), near))
        hits += found and each["same"]
        wrong += found and not each["same"]
        missed += each["same"] and not found
        if found != each["same"]:
            print(f"{meaning:.2f} {near:.2f} {each}", file=sys.stderr)
    return {
        "pairs": len(labelled),
        "precision": round(hits / max(1, hits + wrong), 3),
        "recall": round(hits / max(1, hits + missed), 3),
    }


def speed(count: int) -> dict[str, float]:
    """Processor milliseconds of a search among `count` open proposals, and of an encoding."""
    rng = random.Random(0)
    things = ("路灯", "电梯", "垃圾桶", "下水道", "门禁", "井盖", "水管", "健身器材")
    faults = ("坏了", "没人修", "好几天了", "很危险", "老人不方便", "影响出行")
    with Parts() as parts, tempfile.TemporaryDirectory() as folder:
        clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
        database = Database(Path(folder) / "linli.db", clock, "Asia/Shanghai")
        texts = [f"{thing}{fault}" for thing in things for fault in faults]
        vectors = dict(zip(texts, parts.encoder.encode_query(texts), strict=True))
        with database.unit_of_work() as work:
            resident = work.people.meet("bench", "1")
            ledger = Ledger(work, Deadlines(work.time_zone))
            for _ in range(count):
                text, estate = rng.choice(texts), f"第{rng.randrange(300)}花园"
                place = f"{estate}{rng.randrange(1, 30)}号楼"
                proposal = ledger.create(Draft(text, place), resident)
                work.proposals.keep_vector(proposal.code, parts.encoder.name, vectors[text])
        finder = SimilarFinder(database, parts.encoder, parts.settings.cache)
        started = time.thread_time()
        finder.find("路灯坏了", "第1花园3号楼")
        first = time.thread_time() - started
        searches, encodings = [], []
        for number in range(30):
            text = f"楼下的路灯坏了{number}天"
            started = time.thread_time()
            vector = finder.encode(text)
            encodings.append(time.thread_time() - started)
            place = read_place("第7花园12号楼", text)
            started = time.thread_time()
            finder.search(vector, place)
            searches.append(time.thread_time() - started)
        database.close()
    return {
        "open": count,
        "first_ms": round(first * 1000, 1),
        "encode_ms": round(statistics.median(encodings) * 1000, 2),
        "search_ms": round(statistics.median(searches) * 1000, 2),
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pairs", *rest]:
            print(json.dumps(pairs(Path(rest[0]) if rest else OWN)))
        case ["speed", *rest]:
            print(json.dumps(speed(int(rest[0]) if rest else 10_000)))
        case _:
            sys.exit(__doc__)
