import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import RetrievalError
from index.query import AnswerType, EverydayWords, analyse, answer_type, bigrams, places, work


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("几点可以开始装修", AnswerType.DATE),
        ("投诉多久有答复", AnswerType.DATE),
        ("高龄津贴一个月多少元", AnswerType.NUMBER),
        ("物业服务电话是多少", AnswerType.NUMBER),
        ("楼道灯坏了谁来修", AnswerType.NAME),
        ("居住证去哪里办", AnswerType.NAME),
        ("申请低保要哪些材料", AnswerType.LIST),
        ("如何申请加装电梯", AnswerType.LIST),
        ("能不能在阳台养鸡", AnswerType.RULE),
        ("狗要拴绳吗", AnswerType.RULE),
        ("高空抛物", AnswerType.OTHER),
    ],
)
def test_question_words_tell_the_kind_of_answer(question: str, kind: AnswerType) -> None:
    assert answer_type(question) is kind


def test_terms_near_the_question_word_weigh_more() -> None:
    nearness = {term.text: term.nearness for term in analyse("加装电梯的费用由谁分摊").terms}
    assert nearness["分摊"] == 1
    assert nearness["分摊"] > nearness["费用"] > nearness["加装"]


def test_what_is_asked_for_stands_behind_the_question_word() -> None:
    assert analyse("申请低保要哪些材料").wanted == ("材料",)
    assert analyse("几点可以开始装修").wanted == ()


def test_scripts_and_widths_are_made_alike() -> None:
    assert analyse("加裝電梯要幾戶同意？") == analyse("加装电梯要几户同意?")


def test_places_lose_the_ending_that_people_leave_out() -> None:
    assert places("武汉市江岸区的高龄津贴") == ("武汉", "江岸区")
    assert places("去超市买菜") == ()


def test_articles_of_one_law_are_one_work() -> None:
    assert work("中华人民共和国民法典第二百八十条") == work("民法典第一千零一条之一") == "民法典"
    assert work("高龄津贴怎么领") == "高龄津贴怎么领"


def test_figures_of_the_question() -> None:
    assert analyse("2023年的12条措施").figures == ("2023", "12")


def test_only_the_longest_everyday_word_counts() -> None:
    words = EverydayWords({"电梯": ["升降设备"], "装电梯": ["加装电梯"]})
    assert words.official("想装电梯") == ("加装电梯",)
    assert words.official("电梯坏了") == ("升降设备",)
    assert words.official("路灯坏了") == ()


def test_the_shipped_table_is_read() -> None:
    assert "最低生活保障" in EverydayWords.load().official("哪些人能吃低保")


def test_a_table_that_cannot_be_read_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RetrievalError, match=r"words\.yml"):
        EverydayWords.load(tmp_path / "words.yml")


@given(st.text(max_size=200))
def test_any_text_can_be_taken_apart(text: str) -> None:
    asked = analyse(text)
    assert all(0 < term.nearness <= 1 for term in asked.terms)
    assert len({term.text for term in asked.terms}) == len(asked.terms)
    assert {term.text for term in asked.terms} <= set(bigrams(asked.text))
