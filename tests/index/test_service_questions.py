"""The labelled questions measure how services are found only while they stay apart from them."""

import json
from collections import Counter
from pathlib import Path

import pytest
import rjieba

from knowledge.directory import SHIPPED, load_folder
from knowledge.service import Kind, Service
from knowledge.traditional import simplified

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "tests" / "data" / "services.jsonl"
DEVELOPMENT = sorted((ROOT / "benchmarks" / "data" / "services").glob("*.jsonl"))
LEAST_QUESTIONS = 300
LEAST_SERVICES = 200
LEAST_UNLIKE = 0.5


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return {service.id: service for service in load_folder(SHIPPED)}


@pytest.fixture(scope="module")
def labelled() -> list[tuple[str, str]]:
    """Question and service id of every line."""
    return read(QUESTIONS)


@pytest.fixture(scope="module")
def development() -> list[tuple[str, str]]:
    """The same of the questions that the directory is developed with."""
    return [line for path in DEVELOPMENT for line in read(path)]


def read(path: Path) -> list[tuple[str, str]]:
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [(line["question"], line["service"]) for line in lines]


def plain(text: str) -> str:
    return "".join(filter(str.isalnum, simplified(text).lower()))


def words(*texts: str) -> set[str]:
    """Words of two characters or more, and the words inside long ones."""
    found = (word for text in texts for word in rjieba.cut_for_search(simplified(text)))
    return {word for word in found if len(word) >= 2}


def test_there_are_enough_of_every_kind(
    services: dict[str, Service], labelled: list[tuple[str, str]]
) -> None:
    assert len(labelled) >= LEAST_QUESTIONS
    assert len({service for _, service in labelled}) >= LEAST_SERVICES
    assert {services[service].kind for _, service in labelled} == set(Kind)


def test_every_service_exists(
    services: dict[str, Service],
    labelled: list[tuple[str, str]],
    development: list[tuple[str, str]],
) -> None:
    assert {service for _, service in labelled} <= services.keys()
    assert {service for _, service in development} == services.keys()


def test_no_question_is_asked_twice(
    labelled: list[tuple[str, str]], development: list[tuple[str, str]]
) -> None:
    times = Counter(plain(question) for question, _ in labelled + development)
    assert [question for question, count in times.items() if count > 1] == []


def test_no_question_stands_in_the_index(
    services: dict[str, Service],
    labelled: list[tuple[str, str]],
    development: list[tuple[str, str]],
) -> None:
    indexed = {
        plain(text)
        for service in services.values()
        for text in (service.name, *service.aliases, *service.situations)
    }
    asked = [question for question, _ in labelled + development]
    assert [question for question in asked if plain(question) in indexed] == []


def test_half_share_no_word_with_name_or_aliases(
    services: dict[str, Service], labelled: list[tuple[str, str]]
) -> None:
    unlike = [
        words(question).isdisjoint(words(services[service].name, *services[service].aliases))
        for question, service in labelled
    ]
    assert sum(unlike) / len(unlike) >= LEAST_UNLIKE
