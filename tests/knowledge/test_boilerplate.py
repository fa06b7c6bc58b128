from knowledge.boilerplate import (
    mark_cut_end,
    mark_cut_sections,
    mark_spam_names,
    remove_favourite,
    remove_outline,
    remove_publication_line,
    remove_site_lines,
)
from knowledge.gaps import take_gaps


def test_a_section_behind_a_paywall_becomes_a_gap() -> None:
    text = "社区每年组织\n……(某文库http://example.cn省略128字,会员可完整阅读)……\n报名从五月开始。"
    cleaned = mark_cut_sections(text)
    plain, gaps = take_gaps(cleaned.text)
    assert plain == "社区每年组织……\n报名从五月开始。"
    assert [(gap.position, gap.note) for gap in gaps] == [(8, "原文这里缺约 128 字")]
    assert "example.cn" in cleaned.removed[0]


def test_an_unfinished_document_ends_with_a_gap() -> None:
    text = "楼道要保持 ……(未完,全文共900字,当前仅显示300字,请阅读下面提示信息。\n收藏《楼道公约》)"
    cut = mark_cut_end(text)
    done = remove_favourite(cut.text)
    plain, gaps = take_gaps(done.text)
    assert plain.strip() == "楼道要保持……"
    assert gaps[0].note == "原文到这里中断：全文 900 字，只有 300 字"
    assert done.hint == "楼道公约"


def test_omitting_and_not_finishing_may_be_the_subject() -> None:
    text = "表格中省略的三个字请补全，未完成的项目下月继续。收藏《家书》的老人很多。"
    assert mark_cut_sections(text).text == text
    assert mark_cut_end(text).text == text
    assert remove_favourite(text).text == text


def test_the_publication_line_gives_its_date() -> None:
    cleaned = remove_publication_line("邻里公约\n发表时间:2019/7/4 10:05:32\n第一条 爱护花草。")
    assert cleaned.text == "邻里公约\n第一条 爱护花草。"
    assert cleaned.hint == "2019-07-04"


def test_lines_of_the_site_go() -> None:
    lines = [
        "您的位置:某网>>社区>>正文",
        "邻里公约",
        "第一条 爱护花草。",
        "来源:网络整理 免责声明:本站文章仅供学习,如有侵权请联系删除。",
        "文章搜索",
        "相关文章",
        "上一篇：别的文章",
        "版权所有 某网",
    ]
    cleaned = remove_site_lines("\n".join(lines))
    assert cleaned.text == "邻里公约\n第一条 爱护花草。\n"
    assert len(cleaned.removed) == 6


def test_sentences_about_such_things_stay() -> None:
    text = "相关文章由社区报刊登，版权归作者所有。\n上一篇报道写的是议事会。\n位置：大厅左侧。"
    assert remove_site_lines(text).text == text


def test_advertising_in_the_place_of_a_name() -> None:
    cleaned = mark_spam_names("88bet官网_彩票app下载人民政府办公厅\n2023年2月1日")
    plain, gaps = take_gaps(cleaned.text)
    assert plain == "××人民政府办公厅\n2023年2月1日"
    assert gaps[0].position == 2
    assert cleaned.removed == ("88bet官网_彩票app下载",)


def test_a_lottery_centre_and_an_app_are_no_advertising() -> None:
    for text in (
        "市福利彩票发行管理中心办公室负责宣传。",
        "请下载app后在市民政局办公室登记。",
        "居民可以在网上开户，办公室提供指导。",
    ):
        assert mark_spam_names(text).text == text


OUTLINE = """目录/提纲:……
一、把楼道管起来
二、把树种起来
(一)选树种
(二)分责任
三、把账算清楚
……
"""


def test_an_outline_that_the_body_repeats_goes() -> None:
    body = (
        "小区三件事\n一、把楼道管起来\n甲。\n二、把树种起来\n(一)选树种。乙。\n(二)分责任。丙。\n"
        "三、把账算清楚\n丁。"
    )
    cleaned = remove_outline(OUTLINE + body)
    assert cleaned.text == body
    assert "一、把楼道管起来" in cleaned.removed


def test_headings_that_only_the_outline_has_move_to_the_gap() -> None:
    body = "小区三件事\n一、把楼道管起来\n甲，乙\n……(某网省略50字,会员可读)……\n三、把账算清楚\n丁。"
    text = mark_cut_sections(OUTLINE + body).text
    plain, gaps = take_gaps(remove_outline(text).text)
    assert plain.split("\n") == [
        "小区三件事",
        "一、把楼道管起来",
        "甲，乙……",
        "二、把树种起来……",
        "(一)选树种……",
        "(二)分责任……",
        "三、把账算清楚",
        "丁。",
    ]
    assert [gap.note for gap in gaps] == ["原文这里缺约 50 字"] + ["提纲里有这一节，正文缺失"] * 3


def test_what_is_left_of_a_heading_is_not_said_twice() -> None:
    body = (
        "小区三件事\n一、把楼道管起来\n甲。\n二、把树\n……(某网省略50字,会员可读)……\n三、把账算清楚"
    )
    text = mark_cut_sections(OUTLINE + body).text
    plain, _ = take_gaps(remove_outline(text).text)
    assert plain.count("二、把树") == 1
    assert "二、把树种起来……" in plain


def test_headings_without_a_known_gap_stay_on_top() -> None:
    body = "小区三件事\n一、把楼道管起来\n甲。\n三、把账算清楚\n丁。"
    plain, gaps = take_gaps(remove_outline(OUTLINE + body).text)
    assert plain.startswith("二、把树种起来……\n(一)选树种……\n(二)分责任……\n小区三件事")
    assert len(gaps) == 3


def test_an_outline_without_an_end_mark() -> None:
    text = "目录\n一、楼道\n二、树木\n一、楼道\n楼道里不放杂物。\n二、树木\n每户认养一棵树。"
    cleaned = remove_outline(text)
    assert cleaned.text == "一、楼道\n楼道里不放杂物。\n二、树木\n每户认养一棵树。"


def test_a_text_without_an_outline_stays() -> None:
    text = "本目录由档案室编制，共三卷。\n一、楼道"
    assert remove_outline(text).text == text
