"""The shipped digests and word table: complete, dated, in our own words and consistent."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.document import Status

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "knowledge" / "documents").glob("*.md"))
ANSWERS = ROOT / "tests" / "data" / "answers.jsonl"
UNANSWERABLE = ROOT / "tests" / "data" / "unanswerable.txt"
EVERYDAY_WORDS = ROOT / "knowledge" / "everyday_words.yml"

FIELDS = {
    "title", "issuer", "document_number", "issued_on", "source", "region", "status", "aliases",
}  # fmt: skip
NEVER_EMPTY = ("title", "issuer", "source", "region", "aliases")
SHARED_RUN = 30
SHORTEST, LONGEST = 400, 1500


def read(path: Path) -> tuple[dict[str, Any], str]:
    """Return front matter and body of one digest."""
    _, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(header), body


def characters(text: str) -> str:
    """Return `text` without white space: what length and sharing are measured on."""
    return re.sub(r"\s+", "", text)


each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=[p.stem for p in DOCUMENTS])


def test_there_are_enough_digests() -> None:
    assert len(DOCUMENTS) >= 26


@each_document
def test_front_matter_is_complete(path: Path) -> None:
    header, _ = read(path)
    assert set(header) == FIELDS
    assert [name for name in NEVER_EMPTY if not header[name]] == []
    assert all(isinstance(header[name], str) for name in FIELDS - {"aliases"})
    assert all(isinstance(alias, str) and alias for alias in header["aliases"])
    assert len(set(header["aliases"])) == len(header["aliases"])
    assert Status(header["status"])


@each_document
def test_date_is_iso_and_past_or_openly_missing(path: Path) -> None:
    header, _ = read(path)
    if header["issued_on"]:
        assert date(1949, 10, 1) < date.fromisoformat(header["issued_on"]) <= date.today()
    else:  # only a document whose origin is hidden may lack its date
        assert "来源隐去" in header["region"]


@each_document
def test_body_is_an_outline_of_whole_sentences(path: Path) -> None:
    _, body = read(path)
    assert SHORTEST <= len(characters(body)) <= LONGEST
    lines = [line for line in body.splitlines() if line.strip()]
    assert sum(line.startswith("## ") for line in lines) >= 3
    assert [
        line for line in lines if not re.fullmatch(r"## [一二三四五六七]、.+|\d+\. .+。", line)
    ] == []


@each_document
def test_headings_and_items_are_numbered_in_order(path: Path) -> None:
    _, body = read(path)
    headings = re.findall(r"^## (.)、", body, re.MULTILINE)
    assert "".join(headings) == "一二三四五六七"[: len(headings)]
    for section in body.split("## ")[1:]:
        items = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
        assert items == list(range(1, len(items) + 1))
        assert items


@each_document
def test_responsibility_brackets_are_well_formed(path: Path) -> None:
    _, body = read(path)
    brackets = re.findall(r"（[^（）]*牵头单位[^（）]*）", body)
    assert len(brackets) == body.count("牵头单位：")
    unit = r"[^、；：（）]+"
    units = rf"{unit}(、{unit})*"
    for bracket in brackets:
        assert re.fullmatch(rf"（牵头单位：{units}(；责任单位：{units})?）", bracket), bracket


def test_no_two_digests_share_a_long_run() -> None:
    seen: dict[str, str] = {}
    shared: list[tuple[str, str, str]] = []
    for path in DOCUMENTS:
        text = characters(read(path)[1])
        runs = {text[i : i + SHARED_RUN] for i in range(len(text) - SHARED_RUN + 1)}
        shared += [(seen[run], path.stem, run) for run in sorted(runs & seen.keys())]
        seen |= dict.fromkeys(runs, path.stem)
    assert shared == []


def test_no_sentence_stands_twice() -> None:
    items = [
        item for path in DOCUMENTS for item in re.findall(r"^\d+\. (.+)$", read(path)[1], re.M)
    ]
    assert [item for item, count in Counter(items).items() if count > 1] == []


def test_each_answer_stands_in_its_document() -> None:
    bodies = {path.stem: read(path)[1] for path in DOCUMENTS}
    rows = [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 120
    assert {row["document"] for row in rows} == set(bodies)
    missing = [r for r in rows if not r["answer"] or r["answer"] not in bodies[r["document"]]]
    assert missing == []
    assert [q for q, n in Counter(r["question"] for r in rows).items() if n > 1] == []


def test_unanswerable_questions_have_two_sections_without_repetition() -> None:
    near, off_topic = UNANSWERABLE.read_text(encoding="utf-8").split("\n# 离题\n")
    near_lines = [line for line in near.splitlines() if line and not line.startswith("#")]
    off_lines = [line for line in off_topic.splitlines() if line]
    assert len(near_lines) >= 120
    assert len(off_lines) >= 60
    assert [q for q, n in Counter(near_lines + off_lines).items() if n > 1] == []
    answered = {json.loads(line)["question"] for line in ANSWERS.read_text("utf-8").splitlines()}
    assert answered.isdisjoint(near_lines + off_lines)


def test_everyday_words_are_a_sound_table() -> None:
    root = yaml.compose(EVERYDAY_WORDS.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    # safe_load lets a repeated key overwrite the first in silence; the node tree does not.
    keys = [key.value for key, _ in root.value]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    table = yaml.safe_load(EVERYDAY_WORDS.read_text(encoding="utf-8"))
    assert len(table) >= 250
    for everyday, official in table.items():
        assert isinstance(everyday, str), everyday
        assert 2 <= len(everyday) <= 12, everyday
        assert isinstance(official, list), everyday
        assert official, everyday
        assert all(isinstance(term, str) and term.strip() == term and term for term in official)
        assert everyday not in official, f"{everyday} maps to itself"
        assert len(set(official)) == len(official), everyday
