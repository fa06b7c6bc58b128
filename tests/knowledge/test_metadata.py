import pytest

from knowledge.metadata import find_expiry, find_title, read_metadata


def test_a_notice_with_everything() -> None:
    text = (
        "幸福市民政局关于做好社区助餐服务的通知\n幸民发〔2024〕12号\n各区民政局：\n"
        "现将有关事项通知如下：\n一、助餐点设在社区。\n幸福市民政局\n2024年3月5日\n（此件公开发布）"
    )
    found = read_metadata(text)
    assert found.title == "幸福市民政局关于做好社区助餐服务的通知"
    assert found.issuer == "幸福市民政局"
    assert found.document_number == "幸民发〔2024〕12号"
    assert found.issued_on == "2024-03-05"


def test_a_notice_in_one_paragraph() -> None:
    text = (
        "关于暂停婚姻登记的公告 各位居民： 因系统升级，本周六暂停办理。 特此公告。"
        " 武汉市民政局 武汉市司法局 2023年11月2日 （联系电话见官网）"
    )
    found = read_metadata(text)
    assert found.title == "关于暂停婚姻登记的公告"
    assert found.issuer == "武汉市民政局 武汉市司法局"
    assert found.issued_on == "2023-11-02"
    assert found.region == "湖北省武汉市"


def test_the_plan_that_a_cover_note_passes_on() -> None:
    text = (
        "各区人民政府，市人民政府各部门：\n《楼道灯改造办理工作方案》已经市人民政府同意，现印发给你们。\n"
        "幸福市人民政府办公厅\n2022年6月1日\n楼道灯改造\n办理工作方案\n一、目标\n灯亮路明。"
    )
    found = read_metadata(text)
    assert found.title == "楼道灯改造办理工作方案"
    assert found.issuer == "幸福市人民政府办公厅"
    assert found.issued_on == "2022-06-01"


def test_a_known_title_is_kept() -> None:
    assert read_metadata("第一条 楼道畅通。", title="楼道公约").title == "楼道公约"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 楼道公约\n第一条 畅通。", "楼道公约"),
        ("关于加强夜间巡查的\n通知\n各楼长：请按时巡查。", "关于加强夜间巡查的通知"),
        ("路灯修好了！ 幸福社区三天修复全部路灯 记者从社区获悉，上周报修。",
         "路灯修好了！ 幸福社区三天修复全部路灯"),
        ("居委会今天召开议事会，讨论停车问题。", "居委会今天召开议事会，讨论停车问题"),
        ("民政局 财政局 关于发放补贴的通知 各区：现予发放。", "民政局 财政局 关于发放补贴的通知"),
        ("", ""),
    ],
)  # fmt: skip
def test_titles(text: str, title: str) -> None:
    assert find_title(text) == title


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("关于助餐的通知（国办发〔2023〕12号）\n各区：请办理。", "国办发〔2023〕12号"),
        ("关于助餐的通知 民发[2021]7号 各区：请办理。", "民发[2021]7号"),
        ("关于纳税的通告 2020年第2号 根据规定办理。", "2020年第2号"),
        ("关于助餐的通知\n根据《养老办法》（民发〔2020〕3号）办理。", ""),
        ("关于助餐的通知\n根据民发〔2020〕3号文件办理。", ""),
    ],
)
def test_document_numbers(text: str, number: str) -> None:
    assert read_metadata(text).document_number == number


@pytest.mark.parametrize(
    ("date_as_written", "iso"),
    [
        ("2024年3月5日", "2024-03-05"),
        ("2024 年 3 月 5 日", "2024-03-05"),
        ("二〇二四年三月五日", "2024-03-05"),
        ("二○二四年十二月三十一日", "2024-12-31"),
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("2024年13月5日", ""),
        ("2024年2月30日", ""),
    ],
)
def test_dates_as_people_write_them(date_as_written: str, iso: str) -> None:
    text = f"关于助餐的通知\n一、设点。\n幸福市民政局\n{date_as_written}"
    assert read_metadata(text).issued_on == iso


def test_a_labelled_date_and_the_day_a_law_was_passed() -> None:
    assert read_metadata("某公告\n发布日期：2021-05-06\n内容如下。").issued_on == "2021-05-06"
    law = "邻里条例\n（2019年8月1日幸福市人民代表大会常务委员会通过）\n第一条 和睦。"
    assert read_metadata(law).issued_on == "2019-08-01"


def test_a_day_in_the_text_is_no_issue_date() -> None:
    assert read_metadata("停水通知\n2024年3月5日上午停水，请提前储水。").issued_on == ""


@pytest.mark.parametrize(
    ("text", "issued_on", "last_day"),
    [
        ("本办法有效期至2025年12月31日。", "", "2025-12-31"),
        ("本通知自2025年1月1日起废止。", "", "2024-12-31"),
        ("本办法自2020年3月1日起施行，有效期5年。", "", "2025-02-28"),
        ("本意见自印发之日起施行，有效期两年。", "2021-06-15", "2023-06-14"),
        ("本通告自2024年8月31日起施行，有效期6个月。", "", "2025-02-27"),
        ("本意见自印发之日起施行，有效期两年。", "", ""),
        ("《旧停车办法》自2025年1月1日起废止。", "", ""),
        ("补贴政策执行期限至2021年6月30日，其余长期有效。", "", ""),
        ("身份证有效期至2030年1月1日的居民可以网上办理。", "", ""),
        ("长期有效。", "", ""),
    ],
)
def test_the_last_day_in_force(text: str, issued_on: str, last_day: str) -> None:
    assert find_expiry(text, issued_on) == last_day
