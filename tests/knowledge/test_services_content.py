"""The shipped service directory and the example community: what each entry must hold."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.directory import load_file, load_folder
from knowledge.service import Kind, Scope

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "knowledge"
CATEGORIES = ROOT / "intents" / "data" / "categories.yml"
SERVICES = KNOWLEDGE / "services"
COMMUNITIES = KNOWLEDGE / "communities"
NATIONAL = load_folder(SERVICES)
LOCAL = load_file(COMMUNITIES / "xingfuli.yml")
EVERY = [*NATIONAL, *LOCAL]

# The lines that a resident anywhere in the country may need, each with an entry of its own.
NATIONAL_LINES = re.findall(
    r"\d+",
    """
    110 114 119 120 122 11185 12110 12119 12122 12123 12300 12305 12306 12308 12309 12310
    12313 12314 12315 12316 12317 12318 12319 12320 12321 12322 12325 12326 12328 12329
    12333 12336 12338 12339 12340 12345 12348 12349 12350 12351 12355 12356 12360 12366
    12367 12368 12369 12371 12377 12378 12379 12380 12381 12385 12386 12388 12389 12390
    12391 12393 12395 12398 95598 96110
    """,
)

LAW = re.compile(r"《[^《》]+》(?:（[^（）]+）)?")
DIGITS = re.compile(r"\d{3,6}|0\d{2,3}-\d{7,8}")
# Walking at 80 metres a minute, as the crow flies.
CIRCLES = {5: 400, 10: 800, 15: 1200}
METRES_PER_DEGREE = 111_195


def repeated(words: Iterable[str]) -> dict[str, int]:
    return {word: times for word, times in Counter(words).items() if times > 1}


def read(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load((COMMUNITIES / name).read_text("utf-8"))
    return entries


def metres(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Flat distance; good to a metre over the two kilometres that matter here."""
    north = (end[0] - start[0]) * METRES_PER_DEGREE
    east = (end[1] - start[1]) * METRES_PER_DEGREE * math.cos(math.radians(start[0]))
    return math.hypot(north, east)


def test_there_are_enough_services_of_every_kind() -> None:
    kinds = Counter(service.kind for service in NATIONAL)
    assert len(NATIONAL) >= 150
    assert kinds[Kind.NUISANCE] >= 22
    assert kinds[Kind.HOTLINE] >= 50


@pytest.mark.parametrize("number", NATIONAL_LINES)
def test_every_national_line_has_an_entry_that_names_it(number: str) -> None:
    lines = [service for service in NATIONAL if service.id == f"hotline-{number}"]
    assert [number in service.aliases and number in service.phones for service in lines] == [True]


def test_names_are_unique() -> None:
    assert repeated(service.name for service in NATIONAL) == {}
    assert repeated(service.name for service in LOCAL) == {}


def test_no_alias_leads_to_two_services() -> None:
    owners = defaultdict(set)
    for service in EVERY:
        for word in (service.name, *service.aliases):
            owners[word].add(service.id)
    assert {word: found for word, found in owners.items() if len(found) > 1} == {}


def test_no_alias_is_given_twice() -> None:
    twice = {service.id: repeated((service.name, *service.aliases)) for service in EVERY}
    assert {found: words for found, words in twice.items() if words} == {}


def test_no_situation_is_repeated() -> None:
    assert repeated(chain.from_iterable(service.situations for service in EVERY)) == {}


def test_a_national_entry_has_what_a_resident_asks_for() -> None:
    always = ("department", "level", "aliases", "steps", "phones", "legal_basis", "source")
    to_apply_for = ("fee", "time_limit")
    for service in NATIONAL:
        fields = always if service.kind is Kind.HOTLINE else (*always, *to_apply_for)
        assert [field for field in fields if not getattr(service, field)] == [], service.id
        # Alike for all: many ways to ask must not make an entry win by chance.
        assert 12 <= len(service.situations) <= 24, service.id


def test_a_national_entry_is_marked_as_general_and_dated() -> None:
    for service in NATIONAL:
        assert (service.scope, service.region) == (Scope.NATIONAL, "全国"), service.id
        assert service.offices == (), f"{service.id}: an office belongs to one community"
        assert service.checked_on is not None, service.id


def test_phones_are_digits_and_laws_stand_in_book_marks() -> None:
    phones = {phone for service in EVERY for phone in service.phones}
    laws = {law for service in EVERY for law in service.legal_basis}
    assert [phone for phone in phones if not DIGITS.fullmatch(phone)] == []
    assert [law for law in laws if not LAW.fullmatch(law)] == []


def test_situations_are_what_people_type() -> None:
    for service in EVERY:
        for said in service.situations:
            assert 2 <= len(said) <= 30, said
            assert said not in (service.name, *service.aliases), "an alias teaches nothing new"
            assert not re.search(r"[。？！?!,]", said), (
                f"punctuation, as hardly anyone does: {said}"
            )


def test_what_people_read_has_chinese_punctuation() -> None:
    shown = chain.from_iterable(
        (*s.conditions, *s.materials, *s.steps, s.fee, s.time_limit, s.department) for s in EVERY
    )
    half_width = re.compile(r"[一-鿿]\s*[,;:!?()]|[,;:!?()]\s*[一-鿿]")
    assert [text for text in shown if half_width.search(text)] == []


def test_a_nuisance_has_a_category_of_proposals_and_nothing_else_has_one() -> None:
    categories = yaml.safe_load(CATEGORIES.read_text("utf-8"))
    given = {s.id: s.category for s in EVERY if s.category}
    assert set(given) == {s.id for s in EVERY if s.kind is Kind.NUISANCE}
    assert set(given.values()) <= set(categories)


def test_danger_to_life_names_a_number_that_answers_day_and_night() -> None:
    by_id = {service.id: service for service in NATIONAL}
    for service_id in ("gas-leak", "lift-fault", "fire-lane", "house-safety", "wall-falling"):
        assert "119" in by_id[service_id].phones, service_id


def test_a_local_entry_is_its_own_or_completes_a_national_one() -> None:
    general = {entry.id: entry.name for entry in NATIONAL}
    for service in LOCAL:
        assert service.scope is Scope.COMMUNITY, service.id
        assert service.checked_on is not None, service.id
        if service.id.startswith("xfl-"):
            assert service.id not in general
            assert service.situations, service.id
        else:
            assert service.name == general[service.id]


def test_the_example_fills_all_three_circles() -> None:
    centre = next(s for s in LOCAL if s.id == "community-office").offices[0].location
    assert centre is not None
    rings: Counter[int] = Counter()
    for office in chain.from_iterable(service.offices for service in LOCAL):
        assert office.location is not None, office.name
        distance = metres(centre, office.location)
        rings[next(minutes for minutes, reach in CIRCLES.items() if distance <= reach)] += 1
    assert len(LOCAL) >= 25
    assert min(rings[minutes] for minutes in CIRCLES) >= 6


def test_the_hours_of_the_example_can_be_read() -> None:
    unread = {
        office.hours
        for office in chain.from_iterable(service.offices for service in LOCAL)
        if not office.opening_hours.understood
    }
    assert unread == {"紧急情况时开放"}  # a shelter keeps no timetable


def test_the_numbers_of_the_example_are_nobodys() -> None:
    own = [office.phone for service in LOCAL for office in service.offices]
    own += [phone for service in LOCAL for phone in service.phones if len(phone) > 6]
    own += [entry["contact_phone"] for entry in read("xingfuli_resources.yml")]
    assert [number for number in own if not number.startswith("027-0000")] == []


def test_the_tree_has_four_levels_and_every_place_its_parent() -> None:
    places = {place["id"]: place for place in read("communities.yml")}
    levels = ("district", "street", "community", "estate")
    assert [Counter(p["level"] for p in places.values())[level] for level in levels] == [
        1,
        3,
        8,
        20,
    ]
    for place in places.values():
        depth = levels.index(place["level"])
        if depth:
            assert places[place["parent"]]["level"] == levels[depth - 1], place["id"]
        else:
            assert "parent" not in place


def test_no_two_places_of_the_tree_share_an_id_or_a_name() -> None:
    places = read("communities.yml")
    assert repeated(place["id"] for place in places) == {}
    words = chain.from_iterable((p["name"], *p.get("aliases", ())) for p in places)
    assert repeated(words) == {}


def test_an_estate_lies_near_its_community() -> None:
    places = {place["id"]: place for place in read("communities.yml")}
    for estate in (p for p in places.values() if p["level"] == "estate"):
        parent = places[estate["parent"]]
        start, end = ((p["latitude"], p["longitude"]) for p in (parent, estate))
        assert metres(start, end) <= CIRCLES[5], estate["id"]


def test_every_resource_says_who_where_and_what_for() -> None:
    resources = read("xingfuli_resources.yml")
    names = {place["name"] for place in read("communities.yml")}
    assert len(resources) >= 20
    assert repeated(entry["name"] for entry in resources) == {}
    for entry in resources:
        assert set(entry) == {"name", "kind", "skills", "contact_phone", "community", "note"}
        assert entry["skills"]
        assert entry["community"] in names, entry["name"]
