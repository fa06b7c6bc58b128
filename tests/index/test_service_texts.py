import pytest

from index.service_texts import dense_texts, read_age, word_text
from knowledge.service import Service

CARD = Service(id="a", name="老年证", aliases=("老人卡",), situations=("老人卡", "想办老年证"),
               materials=("身份证", "照片"), audience=("老年人", "居民"))  # fmt: skip


def test_a_service_is_known_by_each_of_its_texts_once() -> None:
    assert dense_texts(CARD) == ["老年证", "老人卡", "想办老年证", "老年证 身份证、照片"]
    assert dense_texts(Service(id="b", name="低保")) == ["低保"]


def test_words_of_the_audience_are_searched_unless_it_is_everybody() -> None:
    assert word_text(CARD).endswith("。老年人")


@pytest.mark.parametrize(
    ("question", "age"),
    [
        ("我75岁", 75),
        ("我奶奶82了能领钱吗", 82),
        ("老妈六十八岁", 68),
        ("我今年六十了", 60),
        ("十八岁", 18),
        ("我７５岁", 75),
        ("丢了3个月了", None),
        ("都交了15年了", None),
        ("12345是什么", None),
        ("路灯坏了", None),
        ("300岁", None),
    ],
)
def test_ages(question: str, age: int | None) -> None:
    assert read_age(question) == age
