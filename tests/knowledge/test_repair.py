"""Repair as a whole. The damaged texts are our own; the real ones are tried where they are."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.repair import repair
from knowledge.traditional import simplified

CLEAN = (
    "一、楼道管理",
    "（一）楼道里不放杂物，不停电动车。",
    "1.每月第一个周六上午，由楼长组织大扫除。",
    "物业公司应当在收到报修后24小时内上门，并把结果告诉报修人（电话或短信都可以）。",
    "“有事好商量”议事会每季度开一次，居民可以提前登记议题：停车、绿化、照明等。",
    "第三条 议事会的决定应当公示七天，公示期内可以提出异议。",
    "咨询电话：027-12345678，网址 http://example.cn/a?b=1。",
    "有事请找王翀、李璠、宓老师（A座3-201室）。",
)
DAMAGED = (
    "您的位置:某网>>正文\n發表時間:2020/1/2 08:00:00\n目錄:……\n一、管好樓道\n二、種好樹木\n……\n"
    "鄰里公約\n一、管好樓道\n樓道是大家的,不放雜物,不進(jìn)行堆放,區(qū)分干濕垃圾\n及時(shí)清理。"
    "每月第一(網(wǎng)格)週掃除\n……(某網(wǎng)http://example.cn省略66字,會(huì)員可完整閱讀)……\n"
)


def hanzi(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\u3400-\u9fff]", text))


# Runs of four characters that only the damage made: shifted bytes, advertising before a name.
UNREAL_RUNS = {"000": 0, "001": 0, "002": 1, "003": 5, "004": 3}


clean_texts = st.lists(st.sampled_from(CLEAN), min_size=1, max_size=8).map("\n".join)


@given(clean_texts)
@settings(max_examples=50, deadline=None)
def test_clean_text_comes_back_as_it_is(text: str) -> None:
    repaired = repair(text)
    assert repaired.text == text
    assert repaired.notes == ()
    assert repaired.gaps == ()


@given(clean_texts, st.lists(st.sampled_from(["\x00", "\x1b", "\ufeff", "\ud800", "\u200b"])))
@settings(max_examples=30, deadline=None)
def test_control_characters_and_lone_surrogates_go(text: str, dirt: list[str]) -> None:
    assert repair("".join(dirt) + text.replace("。", "。" + "".join(dirt))).text == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120))
@settings(max_examples=120, deadline=None)
def test_repairing_twice_changes_nothing(text: str) -> None:
    once = repair(text).text
    assert repair(once).text == once


@given(st.text(alphabet="楼道管好树木区網進一二、，。,:()（）\n 1X", max_size=60))
@settings(max_examples=120, deadline=None)
def test_no_chinese_character_is_lost(text: str) -> None:
    assert hanzi(simplified(text)) <= hanzi(simplified(repair(text).text))


def test_all_rules_together() -> None:
    repaired = repair(DAMAGED)
    assert repaired.text.split("\n") == [
        "邻里公约",
        "一、管好楼道",
        "楼道是大家的，不放杂物，不进行堆放，区分干湿垃圾及时清理。每月第一（网格）周扫除……",
        "二、种好树木……",
    ]
    assert [gap.note for gap in repaired.gaps] == [
        "原文这里缺约 66 字",
        "提纲里有这一节，正文缺失",
    ]
    assert repaired.issued_on_hint == "2020-01-02"
    assert {"realign_bytes", "to_simplified", "remove_site_lines"} <= set(repaired.notes)
    assert repair(repaired.text).text == repaired.text


def test_gaps_stand_where_something_is_missing() -> None:
    repaired = repair(DAMAGED)
    assert repaired.text[: repaired.gaps[0].position].endswith("周扫除……")
    assert repaired.text[: repaired.gaps[1].position].endswith("二、种好树木……")


def test_what_was_taken_out_is_told() -> None:
    assert any("您的位置" in piece for piece in repair(DAMAGED).removed)


def test_unreadable_characters_are_gaps() -> None:
    repaired = repair("楼道灯\ufffd\ufffd坏了，请维修。")
    assert repaired.text == "楼道灯\ufffd\ufffd坏了，请维修。"
    assert [(gap.position, gap.note) for gap in repaired.gaps] == [(5, "这里有字无法辨认")]


def test_line_ends_of_all_systems() -> None:
    assert repair("甲。\r\n乙。\r丙。\u2028丁。").text == "甲。\n乙。\n丙。\n丁。"


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_nothing_legible_is_lost_from_a_real_page(name: str, sample_data: Path) -> None:
    """Every run of four Chinese characters of the page is in the repaired text or what went."""
    page = next((sample_data / "seeds").glob(f"{name}_*.txt")).read_text("utf-8")
    repaired = repair(page)
    plain = re.sub(r"[(（?][a-züêāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ]+[)）]", "", simplified(page))
    kept = repaired.text + "".join(repaired.removed)
    kept = "".join(re.findall(r"[\u4e00-\u9fff\w]", kept))
    lost = [
        run[at : at + 4]
        for run in re.findall(r"[\u4e00-\u9fff]{4,}", plain)
        for at in range(len(run) - 3)
        if run[at : at + 4] not in kept
    ]
    assert len(lost) <= UNREAL_RUNS[name], lost


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_a_real_page_reads_like_a_document(name: str, sample_data: Path) -> None:
    page = next((sample_data / "seeds").glob(f"{name}_*.txt")).read_text("utf-8")
    text = repair(page).text
    assert not re.search(r"[(（][a-z]*[āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ]", text)
    assert not re.search("[\u3100-\u312f\u2500-\u257f\ue000-\uf8ff]", text)
    assert not re.search("新文秘|http|会员|收藏《|文章搜索|免责|彩票", text)
    assert not re.search("[\u4e00-\u9fff],[\u4e00-\u9fff]", text)
    assert repair(text).text == text


def test_the_shifted_headings_of_a_real_page_come_back(sample_data: Path) -> None:
    page = next((sample_data / "seeds").glob("003_*.txt")).read_text("utf-8")
    text = repair(page).text
    for number in "一二三四":
        assert re.search(rf"^（{number}）", text, re.MULTILINE), number
    assert re.search("^1、", text, re.MULTILINE)
