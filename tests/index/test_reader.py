import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.parts import Parts
from index.bundled import BundledEncoder
from index.calibration import Calibration
from index.indexer import Indexer
from index.reader import Answer, Reader
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Gap
from knowledge.loaders import build_document

DATA = Path(__file__).parent.parent / "data"


def read(retriever: Retriever, reader: Reader, question: str) -> Answer:
    return reader.read(question, retriever.search(question))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("遛狗要不要拴绳", "拴上牵引绳"),
        ("养狗年检费用是多少元", "40元"),
        ("装修有意见打什么电话", "8765-4321"),
        ("访客停车每小时多少元", "2元"),
        ("加装电梯的费用怎么分摊", "各户商量着分摊"),
    ],
)
def test_the_clause_that_answers_is_quoted(
    retriever: Retriever, reader: Reader, question: str, answer: str
) -> None:
    assert answer in read(retriever, reader, question).text


def test_a_list_is_quoted_whole(retriever: Retriever, reader: Reader) -> None:
    text = read(retriever, reader, "申请加装电梯要交哪些材料").text
    assert "方案" in text and "身份证复印件" in text and "报价" in text


def test_what_the_base_holds_is_found_and_what_it_lacks_is_not(
    retriever: Retriever, reader: Reader
) -> None:
    known = read(retriever, reader, "遛狗要不要拴绳")
    unknown = read(retriever, reader, "公积金贷款利率什么时候下调")
    assert known.found and 0.5 < known.confidence <= 1
    assert not unknown.found and 0 <= unknown.confidence < 0.3


def test_no_passages_no_answer(reader: Reader) -> None:
    assert reader.read("遛狗要不要拴绳", []) == Answer(False, 0.0)


def test_a_gap_inside_the_quoted_sentence_is_said(tmp_path: Path, bundled: BundledEncoder) -> None:
    text = "消防通道里不准停车，违者由街道拖走。\n物业每天巡查一次。"
    document = build_document("a", text)
    cut = type(document)(**{**_fields(document), "gaps": (Gap(text.index("违者"), "缺一段"),)})
    Indexer(tmp_path, bundled).add([cut])
    snapshot = Snapshot.open_current(tmp_path)
    retriever, reader = Retriever(snapshot, bundled), Reader(snapshot, bundled)
    assert read(retriever, reader, "消防通道能停车吗").gap_note == "缺一段"
    assert not read(retriever, reader, "物业多久巡查一次").has_gap


def _fields(document) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {name: getattr(document, name) for name in document.__dataclass_fields__}


def test_the_context_holds_the_quote_and_the_path_is_its_own(
    retriever: Retriever, reader: Reader
) -> None:
    quote = read(retriever, reader, "养狗年检费用是多少元").quotes[0]
    assert quote.context_start <= quote.start < quote.end <= quote.context_end
    assert quote.text in quote.context
    assert any("登记" in label for label in quote.path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60))
def test_every_quote_stands_at_its_range(
    retriever: Retriever, reader: Reader, bundled: BundledEncoder, question: str
) -> None:
    vector = np.full(bundled.dim, bundled.dim**-0.5, np.float32)
    answer = reader.read(question, retriever.search(question, vector=vector), vector)
    assert 0 <= answer.confidence <= 1
    for quote in answer.quotes:
        assert quote.text == quote.document.text[quote.start : quote.end]
        assert quote.text.strip() == quote.text != ""


@pytest.fixture(scope="module")
def shipped(parts: Parts) -> tuple[Retriever, Reader]:
    reading = parts.knowledge.reading()
    return reading.retriever, reading.reader


def test_shipped_digests_answer_their_questions_at_the_range_given(
    shipped: tuple[Retriever, Reader],
) -> None:
    lines = (DATA / "answers.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line) for line in lines if line.strip()]
    found = 0
    for record in questions:
        answer = read(*shipped, record["question"])
        found += answer.found
        for quote in answer.quotes:
            assert quote.text == quote.document.text[quote.start : quote.end]
    assert found / len(questions) >= 0.75


def test_questions_that_no_digest_answers_are_refused(shipped: tuple[Retriever, Reader]) -> None:
    lines = (DATA / "unanswerable.txt").read_text("utf-8").splitlines()
    questions = [line for line in lines if line.strip() and not line.startswith("#")]
    answered = sum(read(*shipped, question).found for question in questions)
    assert answered / len(questions) <= 0.1


def test_what_stands_under_a_heading_that_names_the_question_is_marked(
    shipped: tuple[Retriever, Reader],
) -> None:
    retriever, reader = shipped
    question = "法律援助多久有结果"
    passage = retriever.search(question, 1)[0]
    reading = reader.examine(question, passage, BundledEncoder().encode_query([question])[0])
    named = passage.document.text.index("五、多久有结果")
    under = reading.features["under"][reading.clauses.start >= named]
    assert under.min() > reading.features["under"][reading.clauses.start < named].max()
    assert reading.features["under_relative"].max() == 0


def test_a_heading_is_not_quoted_for_what_stands_under_it(
    shipped: tuple[Retriever, Reader],
) -> None:
    (quote,) = read(*shipped, "要带什么、去哪里").quotes
    assert quote.text not in quote.path
    assert "带什么" not in quote.text


class Verdict:
    """A second reader that always says the same and remembers what it read."""

    def __init__(self, score: float) -> None:
        self.read: list[tuple[str, str]] = []
        self._score = score

    def score(self, question: str, passage: str) -> float:
        self.read.append((question, passage))
        return self._score


@pytest.mark.parametrize(("score", "found"), [(20.0, True), (-20.0, False)])
def test_a_second_reading_settles_what_is_in_doubt(
    neighbourhood: Snapshot,
    retriever: Retriever,
    bundled: BundledEncoder,
    score: float,
    found: bool,
) -> None:
    question = "遛狗要不要拴绳"
    verdict = Verdict(score)
    doubtful = replace(Calibration.load(bundled.name), doubt=(0.0, 1.1))
    reader = Reader(neighbourhood, bundled, doubtful, verifier=verdict)
    answer = reader.read(question, retriever.search(question))
    assert answer.found is found
    ((asked, passage),) = verdict.read
    assert asked == question
    assert passage.startswith("《养狗的规矩》")
    assert answer.quotes[0].text in passage


def test_what_is_clear_is_read_once(
    neighbourhood: Snapshot, retriever: Retriever, bundled: BundledEncoder
) -> None:
    question = "遛狗要不要拴绳"
    verdict = Verdict(-6.0)
    sure = replace(Calibration.load(bundled.name), doubt=(0.1, 0.1))
    reader = Reader(neighbourhood, bundled, sure, verifier=verdict)
    assert reader.read(question, retriever.search(question)).found
    assert not verdict.read
