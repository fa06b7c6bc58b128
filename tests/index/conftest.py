"""An encoder that a reader can compute by hand, and documents to index."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.bundled import BundledEncoder
from index.encoder import Vectors
from index.indexer import Indexer
from index.reader import Reader
from index.retriever import Retriever
from index.snapshot import Snapshot
from knowledge.document import Document, Status
from knowledge.loaders import build_document

COUNTED = "路灯电梯"


class CountingEncoder:
    """Counts four characters: 路灯坏了 is (1, 1, 0, 0), and 1 for good measure, made unit length.

    `encoded` holds every text it was given, so that a test sees what was encoded again.
    """

    dim = len(COUNTED) + 1

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.encoded: list[str] = []

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        counts = [[*(text.count(character) for character in COUNTED), 1] for text in texts]
        vectors = np.array(counts, np.float32).reshape(-1, self.dim)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return self.encode_query(texts)


@pytest.fixture(scope="session")
def counting_encoder() -> type[CountingEncoder]:
    return CountingEncoder


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def document() -> Callable[..., Document]:
    def build(document_id: str, text: str = "", **fields: object) -> Document:
        return Document(
            document_id, f"标题{document_id}", text or f"{document_id}的路灯归街道管。", **fields
        )  # type: ignore[arg-type]

    return build


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def indexer(root: Path, encoder: CountingEncoder) -> Indexer:
    return Indexer(root, encoder)


NEIGHBOURHOOD = {
    "dogs": (
        "养狗的规矩",
        "一、出门\n遛狗时要给狗拴上牵引绳，绳长不超过1.5米。大人带着才能让小孩牵狗。\n"
        "二、登记\n养狗先打疫苗，再到派出所登记，每年年检一次，费用是40元。\n",
    ),
    "noise": (
        "装修的时间",
        "装修在工作日早上8点到中午12点、下午2点到晚上8点进行。周末和节假日不得使用电钻。"
        "邻居可以打物业电话8765-4321反映。\n",
    ),
    "lift": (
        "加装电梯的程序",
        "加装电梯先由业主表决。申请时要交这些材料：1.业主签名的方案；2.身份证复印件；3.电梯公司的报价。"
        "费用由各户商量着分摊。\n加快老楼加装电梯（牵头单位：市住房局；责任单位：市财政局、各街道）\n"
        "开展电梯安全检查（牵头单位：市场监管局）\n",
    ),
    "allowance-hankou": (
        "江畔市高龄津贴",
        "年满80岁的江畔市老人每月领取高龄津贴100元，到社区登记，次月发放。\n",
    ),
    "allowance-hill": (
        "山阳市高龄津贴",
        "年满80岁的山阳市老人每月领取高龄津贴150元，到社区登记，次月发放。\n",
    ),
    "waste-old": ("垃圾分类办法", "垃圾分为三类投放，乱扔垃圾罚款20元。\n"),
    "waste-new": ("垃圾分类办法（新）", "垃圾分为四类投放，乱扔垃圾罚款50元。\n"),
    "parking": ("车位的使用", "访客车辆停在东门外的临时车位，每小时2元，夜间免费。\n"),
}
_FIELDS: dict[str, dict[str, object]] = {
    "allowance-hankou": {"region": "江畔市"},
    "allowance-hill": {"region": "山阳市"},
    "waste-old": {"status": Status.SUPERSEDED},
}


@pytest.fixture(scope="session")
def bundled() -> BundledEncoder:
    return BundledEncoder()


@pytest.fixture(scope="session")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory, bundled: BundledEncoder) -> Snapshot:
    """Eight short documents of our own, indexed with the real encoder."""
    root = tmp_path_factory.mktemp("neighbourhood")
    documents = [
        replace(build_document(name, f"{title}\n{text}", title), **_FIELDS.get(name, {}))
        for name, (title, text) in NEIGHBOURHOOD.items()
    ]
    Indexer(root, bundled).add(documents)
    return Snapshot.open_current(root)


@pytest.fixture(scope="session")
def retriever(neighbourhood: Snapshot, bundled: BundledEncoder) -> Retriever:
    return Retriever(neighbourhood, bundled)


@pytest.fixture(scope="session")
def reader(neighbourhood: Snapshot, bundled: BundledEncoder) -> Reader:
    return Reader(neighbourhood, bundled)
