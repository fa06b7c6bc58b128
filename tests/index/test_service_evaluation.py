from pathlib import Path

import pytest

from index.bundled import BundledEncoder
from index.errors import RetrievalError
from index.service_evaluation import evaluate_services
from index.service_finder import ServiceFinder
from knowledge.service import Service

SERVICES = [
    Service(id=word, name=name)
    for word, name in (("id", "身份证"), ("lift", "电梯"), ("tax", "契税"), ("dog", "养犬"))
]


@pytest.fixture(scope="module")
def finder() -> ServiceFinder:
    return ServiceFinder.build(SERVICES, BundledEncoder())


def test_shares_of_first_and_of_first_three(tmp_path: Path, finder: ServiceFinder) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"question": "身份证", "service": "id"}\n'
        '{"question": "电梯", "service": "电梯"}\n'  # by its name
        '{"question": "契税", "service": ["养犬", "tax"]}\n\n'  # either is right
        '{"question": "养犬", "service": "no-such-service"}\n',
        encoding="utf-8",
    )
    assert evaluate_services(path, finder) == {"questions": 4, "hit@1": 0.75, "hit@3": 0.75}


def test_an_empty_file_measures_nothing(tmp_path: Path, finder: ServiceFinder) -> None:
    (tmp_path / "q.jsonl").write_text("", encoding="utf-8")
    assert evaluate_services(tmp_path / "q.jsonl", finder)["questions"] == 0


@pytest.mark.parametrize("line", ["{", "[]", '{"question": "x"}'])
def test_a_faulty_line_is_named(tmp_path: Path, finder: ServiceFinder, line: str) -> None:
    (tmp_path / "q.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(RetrievalError, match=r"q\.jsonl 第 2 行"):
        evaluate_services(tmp_path / "q.jsonl", finder)
