"""How often the right service is found, on labelled questions."""

import json
from pathlib import Path
from typing import Any

from index.errors import RetrievalError
from index.service_finder import ServiceFinder


def evaluate_services(path: Path, finder: ServiceFinder) -> dict[str, Any]:
    """Measure on a JSONL file of {"question", "service"}; "service" is an id, a name, or a list
    of them where several are right.

    Returns {"questions", "hit@1", "hit@3"}: the share of questions whose service is the first, or
    among the first three. Raises RetrievalError for a file that cannot be read, names the line.
    """
    questions = _read(path, finder)
    first = third = 0
    for question, wanted in questions:
        found = [hit.service.id for hit in finder.search(question, limit=3)]
        first += bool(wanted.intersection(found[:1]))
        third += bool(wanted.intersection(found))
    count = len(questions)
    return {
        "questions": count,
        "hit@1": first / count if count else 0.0,
        "hit@3": third / count if count else 0.0,
    }


def _read(path: Path, finder: ServiceFinder) -> list[tuple[str, set[str]]]:
    ids: dict[str, str] = {service.name: service.id for service in finder.services}
    ids |= {service.id: service.id for service in finder.services}
    questions = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RetrievalError(f"{path.name} 读不出来：{error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            question, wanted = entry["question"], entry["service"]
        except (ValueError, KeyError, TypeError) as error:
            raise RetrievalError(
                f'{path.name} 第 {number} 行应是 {{"question", "service"}}'
            ) from error
        names = [wanted] if isinstance(wanted, str) else wanted
        # A service that the directory does not hold stays in the count: it cannot be found.
        questions.append((str(question), {ids.get(name, name) for name in names}))
    return questions
