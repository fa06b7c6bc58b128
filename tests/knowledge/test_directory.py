import json
from datetime import date
from pathlib import Path

import pytest

from knowledge.directory import (
    COMMUNITY_FILE,
    Directory,
    load_community,
    load_folder,
    save_community,
    write_atomically,
)
from knowledge.document import KnowledgeError
from knowledge.service import Office, Scope, Service, made_id

GENERAL = """
- id: elder-card
  name: 老年优待证办理
  situations: [妈妈想办老年证]
  materials: [身份证]
  phones: ['12345']
  checked_on: 2026-11-01
  scope: national
- id: legal-aid
  name: 法律援助申请
  scope: national
"""
HALL = Office(name="社区大厅", hours="周一至周五 9:00-17:00")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "general.yml").write_text(GENERAL, encoding="utf-8")
    return folder


def test_without_a_community_there_are_the_shipped_entries(tmp_path: Path, shipped: Path) -> None:
    directory = Directory.load(tmp_path / "home", shipped)
    assert [service.id for service in directory] == ["elder-card", "legal-aid"]
    assert directory.get("elder-card") == directory.services[0]
    assert directory.get("nobody") is None


@pytest.mark.parametrize(
    "own",
    [
        Service(id="elder-card", name="敬老卡", offices=(HALL,), fee="5元"),
        Service(id="our-card", name="老年优待证办理", offices=(HALL,), fee="5元"),
    ],
)
def test_a_community_completes_a_general_entry(tmp_path: Path, shipped: Path, own: Service) -> None:
    save_community(tmp_path, [own])
    first, second = Directory.load(tmp_path, shipped)
    assert (first.id, first.name, first.fee) == (own.id, own.name, "5元")
    assert first.offices == (HALL,)
    assert first.materials == ("身份证",)  # from the general entry
    assert first.situations == ("妈妈想办老年证",)
    assert first.checked_on == date(2026, 11, 1)
    assert first.scope is Scope.COMMUNITY
    assert second.id == "legal-aid"


def test_an_id_that_was_only_made_gives_way_to_the_general_one(
    tmp_path: Path, shipped: Path
) -> None:
    made = made_id("民政局", "法律援助申请")
    save_community(tmp_path, [Service(id=made, name="法律援助申请", link="https://example.org/a")])
    found = Directory.load(tmp_path, shipped).get("legal-aid")
    assert found is not None
    assert found.link == "https://example.org/a"


def test_what_only_the_community_has_comes_after(tmp_path: Path, shipped: Path) -> None:
    save_community(tmp_path, [Service(id="tea", name="茶话会")])
    assert [service.id for service in Directory.load(tmp_path, shipped)][-1] == "tea"


def test_saved_entries_are_read_back_the_same(tmp_path: Path) -> None:
    services = [Service(id="tea", name="茶话会", offices=(HALL,), checked_on=date(2026, 1, 2))]
    save_community(tmp_path, services)
    assert load_community(tmp_path) == services


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- id: a\n  name: 甲\n- id: a\n  name: 乙\n", "编号 a 重复"),
        ("- id: a\n  name: 甲\n  level: 星球\n", "第 1 条（a）level：只能是"),
        ("id: a\n", "应该是一个列表"),
        ("- id: [\n", "读不出来"),
    ],
)
def test_faulty_files_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.yml").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=message) as caught:
        load_folder(tmp_path)
    assert "x.yml" in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 99}'])
def test_a_damaged_community_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / COMMUNITY_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"services\.json"):
        load_community(tmp_path)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_community(tmp_path, [Service(id="tea", name="茶话会")])

    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(KnowledgeError, match="No space left"):
        save_community(tmp_path, [])
    assert len(load_community(tmp_path)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [COMMUNITY_FILE]


def test_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="写不进去"):
        save_community(tmp_path / "home", [])


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    save_community(tmp_path, [Service(id="tea", name="茶话会")])
    stored = json.loads((tmp_path / COMMUNITY_FILE).read_text(encoding="utf-8"))
    assert stored == {"format": 1, "services": [{"id": "tea", "name": "茶话会"}]}


def test_writing_makes_the_folders_above(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "c", b"x")
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"x"
