from dataclasses import replace
from datetime import date

import pytest

from knowledge.document import Document, Gap, Status

DOCUMENT = Document("d1", "楼道清理办法", "一、楼道不放杂物。", expires_on="2025-06-30")


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2025, 6, 30), Status.IN_FORCE),
        (date(2025, 7, 1), Status.EXPIRED),
    ],
)
def test_a_document_expires_after_its_last_day(today: date, status: Status) -> None:
    assert DOCUMENT.status_on(today) is status


def test_a_stated_status_wins_over_the_calendar() -> None:
    superseded = replace(DOCUMENT, status=Status.SUPERSEDED)
    assert superseded.status_on(date(2020, 1, 1)) is Status.SUPERSEDED


@pytest.mark.parametrize(
    "change",
    [
        {"text": "一、楼道可以放杂物。"},
        {"title": "楼道办法"},
        {"issued_on": "2024-01-01"},
        {"region": "湖北省武汉市"},
        {"status": Status.EXPIRED},
        {"expires_on": "2026-06-30"},
        {"superseded_by": "新办法"},
        {"gaps": (Gap(3, "缺"),)},
        {"aliases": ("清楼道",)},
    ],
)
def test_the_content_hash_changes_with_what_is_cited(change: dict[str, object]) -> None:
    assert replace(DOCUMENT, **change).content_hash != DOCUMENT.content_hash


def test_the_content_hash_survives_a_lone_surrogate() -> None:
    assert len(replace(DOCUMENT, text="坏\ud800字").content_hash) == 64
