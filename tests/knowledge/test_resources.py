from pathlib import Path

import pytest

from knowledge.document import KnowledgeError
from knowledge.resources import (
    RESOURCES_FILE,
    Resource,
    ResourceKind,
    import_resources,
    load_resources,
    save_resources,
)

TABLE = """姓名,类型,特长,联系电话,所属社区
张医生,医生,量血压、问诊,027-85551234,幸福里
李律师,律师,,12345,幸福里
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "r.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_good_rows_come_in_and_faulty_ones_are_named(table: Path) -> None:
    resources, report = import_resources(table, [])
    assert [(each.name, each.kind, each.skills) for each in resources] == [
        ("张医生", ResourceKind.DOCTOR, ("量血压", "问诊"))
    ]
    assert [(problem.line, problem.column) for problem in report.problems] == [(3, "特长")]


def test_importing_again_updates_by_community_and_name(table: Path) -> None:
    resources, _ = import_resources(table, [])
    table.write_text(TABLE.replace("问诊", "打针"), encoding="utf-8")
    changed, report = import_resources(table, resources)
    assert changed[0].skills == ("量血压", "打针")
    assert (report.added, report.updated) == (0, 1)


def test_what_is_saved_is_read_back(tmp_path: Path, table: Path) -> None:
    resources, _ = import_resources(table, [])
    assert load_resources(tmp_path) == []
    save_resources(tmp_path, resources)
    assert load_resources(tmp_path) == resources


def test_a_contact_is_not_in_the_repr() -> None:
    assert "85551234" not in repr(
        Resource(name="张医生", skills=("量血压",), contact_phone="027-85551234")
    )


def test_a_damaged_file_and_a_table_without_names_are_told(tmp_path: Path) -> None:
    (tmp_path / RESOURCES_FILE).write_text("[]", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="损坏"):
        load_resources(tmp_path)
    path = tmp_path / "x.csv"
    path.write_text("天气,心情\n晴,好\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="找不到名称"):
        import_resources(path, [])
