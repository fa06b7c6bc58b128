import pytest

from knowledge.pinyin_brackets import has_scraped_brackets, main_reading, readings, remove_brackets


@pytest.mark.parametrize(
    ("scraped", "clean"),
    [
        ("社區(qū)工作進(jìn)展順利", "社區工作進展順利"),
        ("樓長(zhǎng)和組長(zhǎng)", "樓長和組長"),
        ("參與(yù)議事，增長（zhǎng）見識", "參與議事，增長見識"),
        ("你們(men)的建議", "你們的建議"),
    ],
)
def test_readings_after_their_character_go(scraped: str, clean: str) -> None:
    assert remove_brackets(scraped) == clean


@pytest.mark.parametrize(
    "text",
    ["小區(网格)长", "打桩(zhuang)要在白天", "共三条(3)", "区(jìn)", "(qū)区", "楼(a座)"],
)
def test_other_brackets_stay(text: str) -> None:
    assert remove_brackets(text) == text


def test_one_reading_that_an_author_wrote_is_no_sign_of_scraping() -> None:
    assert not has_scraped_brackets("垚(yáo)先生和邻居们一起打扫了楼道。")
    assert has_scraped_brackets("進(jìn)一步")
    assert has_scraped_brackets("人(rén)人(rén)有(yǒu)责")


def test_readings_know_every_tone_of_a_character() -> None:
    assert {"zhǎng", "cháng"} <= readings("长")
    assert readings("x") == frozenset()
    assert main_reading("驅") == "qū"
    assert main_reading("，") == ""
