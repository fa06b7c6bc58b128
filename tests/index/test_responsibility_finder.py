import pytest

from index.responsibility_finder import ResponsibilityFinder
from index.retriever import Retriever
from index.snapshot import Snapshot


@pytest.fixture(scope="module")
def finder(neighbourhood: Snapshot, retriever: Retriever) -> ResponsibilityFinder:
    return ResponsibilityFinder(neighbourhood, retriever)


@pytest.mark.parametrize(
    "question",
    ["老楼加装电梯谁牵头", "加快老楼加装电梯的责任单位有哪些", "老樓加裝電梯由哪個部門負責"],
)
def test_a_task_gives_its_units(finder: ResponsibilityFinder, question: str) -> None:
    found = finder.find(question)
    assert found is not None and not found.unit
    assert found.items[0].lead == ("市住房局",)
    assert found.items[0].responsible == ("市财政局", "各街道")


def test_a_unit_gives_its_tasks(finder: ResponsibilityFinder) -> None:
    found = finder.find("住房局牵头哪些事")
    assert found is not None and found.unit == "市住房局"
    assert ["加装电梯" in item.task for item in found.items] == [True]
    assert finder.find("财政局牵头哪些事") is None
    helped = finder.find("财政局负责哪些事")
    assert helped is not None and helped.unit == "市财政局"


@pytest.mark.parametrize("question", ["路灯坏了谁负责", "体育局牵头哪些事", "遛狗要不要拴绳", ""])
def test_what_is_not_said_or_not_asked_gives_nothing(
    finder: ResponsibilityFinder, question: str
) -> None:
    assert finder.find(question) is None


def test_quotes_stand_at_their_ranges_with_the_bracket(finder: ResponsibilityFinder) -> None:
    found = finder.find("老楼加装电梯谁牵头")
    assert found is not None
    for item, quote in zip(found.items, found.quotes, strict=True):
        assert quote.text == quote.document.text[quote.start : quote.end]
        assert quote.text.startswith(item.task) and quote.text.endswith("）")


def test_a_quote_is_followed_up(finder: ResponsibilityFinder, neighbourhood: Snapshot) -> None:
    document = neighbourhood.documents["lift"]
    at = document.text.index("安全检查")
    found = finder.at(document, at, at + 4)
    assert found is not None and found.items[0].lead == ("市场监管局",)
    assert finder.at(neighbourhood.documents["dogs"], 0, 5) is None
