from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cross_encoder import CrossEncoder, excerpt
from knowledge.document import Document


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(cache: Path) -> CrossEncoder:
    return CrossEncoder(cache)


@pytest.mark.parametrize(
    ("question", "answers", "does_not"),
    [
        (
            "云岭县高龄津贴每月发多少钱？",
            "《云岭县高龄津贴发放办法》年满80岁的老人每月领取高龄津贴120元。",
            "《云岭县高龄津贴发放办法》高龄津贴由社区登记，街道审核，次月发放。",
        ),
        (
            "装修几点以后不能施工？",
            "《装修须知》工作日晚上八点至次日早上八点不得施工。",
            "《装修须知》装修前到物业登记，领取施工人员出入证。",
        ),
        (
            "申请临时救助要交哪些材料？",
            "《临时救助指南》申请时提交：身份证、户口簿、收入证明和困难情况说明。",
            "《临时救助指南》临时救助解决突发困难，由街道办事处受理。",
        ),
    ],
)
def test_a_passage_that_answers_scores_above_one_on_the_same_matter(
    encoder: CrossEncoder, question: str, answers: str, does_not: str
) -> None:
    assert encoder.score(question, answers) > encoder.score(question, does_not) + 0.5


def test_another_place_is_another_matter(encoder: CrossEncoder) -> None:
    passage = "《云岭县高龄津贴发放办法》年满80岁的老人每月领取高龄津贴120元。"
    here = encoder.score("云岭县高龄津贴每月发多少钱？", passage)
    assert here > encoder.score("沧川市高龄津贴每月发多少钱？", passage)


def test_the_model_file_is_made_once(encoder: CrossEncoder, cache: Path) -> None:
    score = encoder.score("装修时间", "《装修须知》早上八点以后。")
    (made,) = cache.glob("cross-encoder-*.bin")
    written = made.stat().st_mtime_ns
    assert CrossEncoder(cache).score("装修时间", "《装修须知》早上八点以后。") == score
    assert made.stat().st_mtime_ns == written


def test_the_file_of_an_older_version_goes(tmp_path: Path) -> None:
    older = tmp_path / "cross-encoder-ofanolderone.bin"
    older.touch()
    CrossEncoder(tmp_path).score("装修时间", "《装修须知》早上八点以后。")
    assert not older.exists()


def test_a_cache_that_cannot_be_written(
    tmp_path: Path, encoder: CrossEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    elsewhere = CrossEncoder(tmp_path / "file" / "cache")
    passage = "《装修须知》早上八点以后。"
    assert elsewhere.score("装修时间", passage) == encoder.score("装修时间", passage)
    assert "cannot be written" in caplog.text


def test_several_threads_get_what_one_gets(encoder: CrossEncoder) -> None:
    passages = [f"《停车》夜间停车每小时{price}元。" for price in range(8)]
    one = [encoder.score("夜间停车多少钱", passage) for passage in passages]
    with ThreadPoolExecutor(4) as pool:
        many = list(pool.map(lambda passage: encoder.score("夜间停车多少钱", passage), passages))
    assert many == pytest.approx(one)


def test_any_text_can_be_read(encoder: CrossEncoder) -> None:
    for text in ("", "\0", "\ud800", "问" * 5_000):
        assert isinstance(encoder.score(text, text), float)


def test_an_excerpt_has_title_and_quote(document: Callable[..., Document]) -> None:
    text = "第一句话在这里。" * 5 + "费用是40元。" + "后面还有话要说。" * 30
    start = text.index("40元")
    read = excerpt(document("a", text), start, start + 3, start - 3, start + 4)
    assert read.startswith("《标题a》")
    assert "第一句话在这里。费用是40元。后面还有话要说。" in read


@given(st.text(min_size=1, max_size=600), st.data())
def test_excerpts_are_short_and_hold_the_quote(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.integers(0, len(text))) for _ in range(4))
    read = excerpt(Document("a", "标题", text), cuts[1], cuts[2], cuts[0], cuts[3])
    assert len(read) <= 2 + 2 + 180
    quote = " ".join(text[cuts[1] : cuts[2]].split())
    assert quote[:100].strip() in read or len(quote) > 180
