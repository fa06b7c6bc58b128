from pathlib import Path

import pytest

from knowledge.document import KnowledgeError
from knowledge.service import Office, Service, made_id
from knowledge.service_import import ImportReport, RowProblem, import_services

TABLE = """部门,事项名称,办理材料,联系电话,办公地址,办公时间,备忘录
民政局,老年证,身份证、照片,12345,幸福路1号,周一至周五 9:00-17:00,甲
民政局,低保,户口簿,12,幸福路2号,周一 25:00-26:00,乙
民政局,老年证,,,平安路3号,周一 9:00-12:00,丙
,,身份证,,,,
人社局,老年证,,,,,
"""


def run(
    tmp_path: Path, table: str, existing: list[Service] | None = None
) -> tuple[list[Service], ImportReport]:
    path = tmp_path / "t.csv"
    path.write_text(table, encoding="utf-8")
    return import_services(path, existing or [])


def test_good_rows_come_in_and_faulty_ones_are_named(tmp_path: Path) -> None:
    services, report = run(tmp_path, TABLE)
    assert [service.key for service in services] == [("民政局", "老年证"), ("人社局", "老年证")]
    assert (report.rows, report.added, report.merged) == (5, 2, 1)
    assert report.unused == ("备忘录",)
    assert sorted(report.problems) == [
        RowProblem(3, "办公时间", "时间写错了：“25:00”"),
        RowProblem(3, "联系电话", "电话“12”位数太少"),
        RowProblem(5, "事项名称", "没有填"),
    ]


def test_rows_of_one_service_give_it_several_offices(tmp_path: Path) -> None:
    services, _ = run(tmp_path, TABLE)
    assert [office.address for office in services[0].offices] == ["幸福路1号", "平安路3号"]
    assert services[0].materials == ("身份证", "照片")


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    services, _ = run(tmp_path, TABLE)
    again, report = run(tmp_path, TABLE, services)
    assert again == services
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)


def test_a_row_updates_the_fields_that_the_file_has(tmp_path: Path) -> None:
    known = Service(id="elder-card", name="老年证", department="民政局", fee="免费",
                    situations=("想办老年证",), offices=(Office(name="老大厅"),))  # fmt: skip
    services, report = run(tmp_path, "部门,名称,费用\n民政局,老年证,5元\n", [known])
    assert services == [known.model_copy(update={"fee": "5元"})]
    assert report.updated == 1


def test_an_id_wins_over_the_name(tmp_path: Path) -> None:
    known = Service(id="elder-card", name="老年证")
    services, _ = run(tmp_path, "编号,名称\nelder-card,敬老卡\n", [known])
    assert services == [Service(id="elder-card", name="敬老卡")]


def test_without_an_id_one_is_made(tmp_path: Path) -> None:
    services, _ = run(tmp_path, "部门,名称\n民政局,老年证\n")
    assert services[0].id == made_id("民政局", "老年证")


def test_hours_without_a_place_belong_to_the_department(tmp_path: Path) -> None:
    services, _ = run(tmp_path, "部门,名称,办公时间\n民政局,老年证,全天\n")
    assert services[0].offices == (Office(name="民政局", hours="全天"),)


def test_a_file_of_nested_entries(tmp_path: Path) -> None:
    path = tmp_path / "t.yml"
    path.write_text(
        "- id: a\n  name: 老年证\n  offices:\n    - {name: 大厅, hours: 全天}\n"
        "- id: b\n  name: 低保\n  offices:\n    - {name: 大厅, phone: 老王}\n",
        encoding="utf-8",
    )
    services, report = import_services(path, [])
    assert services == [
        Service(id="a", name="老年证", offices=(Office(name="大厅", hours="全天"),))
    ]
    assert report.problems == [RowProblem(5, "窗口电话", "电话“老王”认不出来")]


def test_entries_may_spell_a_field_in_several_ways(tmp_path: Path) -> None:
    path = tmp_path / "t.yml"
    path.write_text(
        "- {name: 老年证, phones: '12345'}\n- {名称: 低保, 电话: '12333', phone: '12333'}\n"
        "- {name: 残疾证, 名称: 老年证}\n- {事项名称: 公租房}\n",
        encoding="utf-8",
    )
    services, report = import_services(path, [])
    assert [(service.name, service.phones) for service in services] == [
        ("老年证", ("12345",)),
        ("低保", ("12333",)),
        ("公租房", ()),
    ]
    assert report.unused == ()
    assert report.problems == [
        RowProblem(3, "", "“name”和“名称”是同一项，写的却不一样"),
    ]


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="找不到服务名称这一列"):
        run(tmp_path, "甲,乙\n1,2\n")


def test_a_column_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("甲,乙\n老年证,12345\n", encoding="utf-8")
    services, report = import_services(path, [], {"甲": "name", "乙": "phones"})
    assert (services[0].name, services[0].phones) == ("老年证", ("12345",))
    assert report.columns == {"甲": "name", "乙": "phones"}


def test_real_items_of_a_district_all_come_in(sample_data: Path) -> None:
    services, report = import_services(sample_data / "services" / "items.tsv", [])
    assert report.problems == []
    assert report.rows == 1135
    assert report.added == len({service.key for service in services}) == len(services)
    assert report.added + report.merged == 1135


def test_an_entry_that_is_none_is_listed_and_the_others_go_in(tmp_path: Path) -> None:
    path = tmp_path / "services.json"
    path.write_text('[{"name": "借伞"}, "乱写", {"name": "借车"}]', encoding="utf-8")
    services, report = import_services(path, [])
    assert [service.name for service in services] == ["借伞", "借车"]
    assert [(problem.line, problem.column) for problem in report.problems] == [(2, "")]
    assert "乱写" in report.problems[0].reason


def test_ages_the_wrong_way_round_name_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "services.csv"
    path.write_text("名称,最小年龄,最大年龄\n借伞,90,60\n", encoding="utf-8")
    _, report = import_services(path, [])
    assert report.problems[0].column == "最小年龄、最大年龄"
