import json
import os
import time
from datetime import date
from pathlib import Path

import pytest

from knowledge import loaders
from knowledge.document import Document, KnowledgeError, Status
from knowledge.loaders import (
    Failure,
    build_document,
    load,
    load_paths,
    load_shipped,
    read_paths,
)
from knowledge.splitter import split

TEXT = "楼道公约\n一、楼道里不放杂物。（责任单位：居委会）\n二、夜里十点后轻声说话。"


def write(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def lines(*records: object) -> str:
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)


def test_a_text_file(tmp_path: Path) -> None:
    (document,) = load(write(tmp_path / "公约.txt", TEXT))
    assert document.title == "楼道公约"
    assert document.text == TEXT
    assert document.id.startswith("公约-")
    assert document.source == "公约.txt"
    assert [section.path[-1:] for section in document.sections] == [
        (),
        ("一、楼道里不放杂物",),
        ("二、",),
    ]
    assert document.responsibilities[0].responsible == ("居委会",)


def test_the_id_of_a_file_is_stable_and_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(write(tmp_path / "a" / "公约.txt", TEXT))[0].id
    assert load(write(tmp_path / "b" / "公约.txt", TEXT))[0].id != first
    monkeypatch.chdir(tmp_path)
    assert load(Path("a/公约.txt"))[0].id == first


def test_front_matter_wins_over_the_text(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.md",
        "---\ntitle: 停车公约\nissuer: 幸福社区\ndocument_number: 幸社〔2024〕1号\n"
        "issued_on: 2024-05-01\nsource: 社区公告栏\nregion: 湖北省武汉市\nstatus: superseded\n"
        "superseded_by: 新停车公约\naliases: [停车, 车位]\n---\n一、每户一位。\n2020年1月1日",
    )
    (document,) = load(path)
    assert (document.title, document.issuer) == ("停车公约", "幸福社区")
    assert (document.document_number, document.issued_on) == ("幸社〔2024〕1号", "2024-05-01")
    assert (document.source, document.region) == ("社区公告栏", "湖北省武汉市")
    assert (document.status, document.superseded_by) == (Status.SUPERSEDED, "新停车公约")
    assert document.aliases == ("停车", "车位")


def test_a_wrong_status_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", "---\nstatus: maybe\n---\n正文在此。")
    with pytest.raises(KnowledgeError, match=r"maybe.*in_force"):
        load(path)


def test_jsonl(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        lines(
            {"docid": "x1", "title": "楼道公约", "text": TEXT},
            {"docid": 7, "text": "夜间停车通知 请各位车主按划线停放。", "issuer": "物业公司"},
        ),
    )
    first, second = load(path)
    assert (first.id, first.title, first.text) == ("x1", "楼道公约", TEXT)
    assert (second.id, second.title, second.issuer) == ("7", "夜间停车通知", "物业公司")


def test_bad_lines_of_jsonl_are_named_and_the_others_go_in(tmp_path: Path) -> None:
    good = json.dumps({"docid": "1", "text": "楼道里不放杂物。"}, ensure_ascii=False).encode()
    path = write(
        tmp_path / "a.jsonl",
        b"\n".join(
            [
                b"\xef\xbb\xbf" + good,
                b"{broken",
                b'["list"]',
                b'{"docid": "2"}',
                b'{"docid": "", "text": "x"}',
                b'{"docid": "3", "text": "  "}',
                b"",
                b"\xff\xfe{}",
                b'{"docid": "4", "text": "\\ud800"}',
                b"[" * 100_000,
                good.replace(b'"1"', b'"5"'),
                good,
            ]
        ),
    )
    loaded = load_paths([path])
    assert [document.id for document in loaded.documents] == ["1", "5"]
    assert [(failure.line, failure.reason[:8]) for failure in loaded.failures] == [
        (2, "不是正确的 JS"),
        (3, "应是一个对象，如"),
        (4, "缺少 text"),
        (5, "缺少 docid"),
        (6, "缺少 text"),
        (8, "不是 UTF-8"),
        (9, "是空的，没有可读"),
        (10, "JSON 嵌套太"),
        (None, "文档编号 1 重"),
    ]
    assert str(loaded.failures[0]).startswith(f"{path} 第 2 行：")


def test_an_endless_line_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders, "MAX_LINE_BYTES", 1000)
    path = write(
        tmp_path / "a.jsonl",
        lines({"docid": "1", "text": "长" * 5000}, {"docid": "2", "text": "短。"}),
    )
    loaded = load_paths([path])
    assert [document.id for document in loaded.documents] == ["2"]
    assert [failure.line for failure in loaded.failures] == [1]


def test_folders_are_walked_and_faults_collected(tmp_path: Path) -> None:
    write(tmp_path / "b.txt", TEXT)
    write(tmp_path / "deep" / "c.md", "---\ntitle: 停车\n---\n一、每户一位。")
    write(tmp_path / ".hidden" / "d.txt", TEXT)
    write(tmp_path / "empty.txt", "\ufeff \n\x00".encode().replace(b"\x00", b""))
    write(tmp_path / "picture.png", b"\x89PNG")
    loaded = load_paths([tmp_path, tmp_path / "none.txt"])
    assert [document.title for document in loaded.documents] == ["楼道公约", "停车"]
    assert {failure.path.name: failure.reason[:4] for failure in loaded.failures} == {
        "empty.txt": "是空的，",
        "picture.png": "不支持 ",
        "none.txt": "文件不存",
    }


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert load_paths([tmp_path]) == loaders.Loaded((), ())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", TEXT)
    path.chmod(0)
    assert "权限" in load_paths([path]).failures[0].reason


def test_load_stops_at_the_first_fault(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="是空的"):
        load(write(tmp_path / "a.txt", ""))


def test_control_characters_and_surrogates_do_no_harm(tmp_path: Path) -> None:
    record = '{"docid": "1", "text": "楼\\u0000道\\ud800里\\u001b不放\\u200b杂物。"}'
    (document,) = load(write(tmp_path / "a.jsonl", record))
    assert document.text == "楼道里不放杂物。"


def test_a_text_that_ends_itself_expires(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.txt", "临时停车办法\n第一条 夜间可停。\n第二条 本办法有效期至2024年12月31日。"
    )
    assert load(path)[0].status is Status.IN_FORCE
    assert load(path, today=date(2024, 12, 31))[0].status is Status.IN_FORCE
    assert load(path, today=date(2025, 1, 1))[0].status is Status.EXPIRED


def test_shipped_documents_load_with_their_sources() -> None:
    shipped = load_shipped()
    assert len(shipped) >= 12
    assert len({document.id for document in shipped}) == len(shipped)
    assert all(document.source and document.title and document.sections for document in shipped)


def test_a_damaged_file_is_repaired(tmp_path: Path) -> None:
    (document,) = load(
        write(tmp_path / "a.txt", "您的位置:某網>>正文\n鄰里公約\n樓道里不進(jìn)行堆放,不停車。")
    )
    assert document.text == "邻里公约\n楼道里不进行堆放,不停车。"


def test_many_documents_load_quickly(tmp_path: Path) -> None:
    text = "".join(
        f"（{number}）楼道由楼长负责照看，每周检查一次，发现问题及时上报。" for number in range(40)
    )
    path = write(
        tmp_path / "a.jsonl",
        lines(
            *({"docid": str(number), "text": f"第{number}号通知 {text}"} for number in range(300))
        ),
    )
    started = time.process_time()
    count = sum(isinstance(item, Document) for item in read_paths([path]))
    assert count == 300
    assert (
        count / (time.process_time() - started) > 150
    )  # the aim is 500; a loaded machine halves it


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "“",
        "（",
        "（责任单位：",
        "1",
        "bet",
        "楼",
        "\ue46a楼",
        "区(qū)X",
        "一、楼\n",
        "é",
        "\n",
        "收藏《",
    ],
)
def test_a_long_run_of_anything_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    document = build_document("x", "楼道公约\n" + unit * (6_000 // len(unit)) + "\n轻声说话。")
    assert split(document)
    assert time.process_time() - started < 10


def test_sample_notices_come_through_unchanged(sample_data: Path) -> None:
    path = sample_data / "policy_dev" / "documents.jsonl"
    changed = 0
    for line, item in zip(path.open(encoding="utf-8"), read_paths([path]), strict=True):
        assert not isinstance(item, Failure)
        changed += item.text != json.loads(line)["text"]
        for responsibility in item.responsibilities:
            assert item.text[responsibility.start : responsibility.end] == responsibility.task
    assert changed <= 3  # two with half-width punctuation, one with a control character
