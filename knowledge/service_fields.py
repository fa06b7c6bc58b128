"""How the fields of a table are read: lists, phone numbers and choices as people write them."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

import phonenumbers
from pydantic import BeforeValidator

# Short numbers of China (110, 12345, 95598, 116114) have three to six digits.
_SHORT_NUMBER = re.compile(r"\d{3,6}")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|#)\s*(\d{1,6})$", re.IGNORECASE)
BULLET = "•"
_LIST_MARKS = re.compile(r"[;；|]+")
# "1." may follow a word at once; "1、" and "1)" only begin a part after a space: "2、3天" is none.
_NUMBERED = re.compile(
    r"(?<![\d.A-Za-z])\d{1,2}[.．](?!\d)\s*"
    r"|(?:^|(?<=\s))(?:\d{1,2}[、)）]|[（(]\d{1,2}[)）])\s*|[①-⑳]\s*"
)
_LEADING_NUMBER = re.compile(rf"^(?:{BULLET}|{_NUMBERED.pattern})\s*")
_COMMAS_OUTSIDE_BRACKETS = re.compile(r"[、，,](?![^（(]*[)）])")


def split_list(text: str) -> list[str]:
    """Parts of a cell that lists several things: by lines, else semicolons, numbers or commas.

    A comma inside brackets divides nothing: "身份证（原件、复印件）、照片" has two parts. A
    cell that begins with a bullet is divided by lines alone.
    """
    text = text.strip()
    by_line = "\n" in text or text.startswith(BULLET)
    parts = text.split("\n") if by_line else _LIST_MARKS.split(text)
    for marks in (_NUMBERED, _COMMAS_OUTSIDE_BRACKETS):
        if len(parts) == 1 and not by_line:
            parts = marks.split(text)
    cleaned = (_LEADING_NUMBER.sub("", part.strip()).strip(" \t。") for part in parts)
    return [part for part in cleaned if part]


def join_list(parts: Sequence[str]) -> str:
    """The cell that `split_list` reads back as these parts."""
    text = "\n".join(parts)
    return text if split_list(text) == list(parts) else f"{BULLET} {text}"


def as_list(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, (int, float)):
        value = str(value)
    if isinstance(value, str):
        return tuple(split_list(value))
    if isinstance(value, (list, tuple)):
        return tuple(str(part).strip() if isinstance(part, (int, str)) else part for part in value)
    return value


def as_text(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def as_phones(value: object) -> object:
    if isinstance(value, str):
        value = re.split(
            r"[\s|]*[\n;；、，,|/]+[\s|]*|\s{2,}|\s+(?=\d{3,4}-|1\d{10}\b)", value.strip()
        )
    listed = as_list(value)
    if not isinstance(listed, tuple):
        return listed
    return tuple(check_phone(str(phone)) for phone in listed if phone)


def check_phone(text: str) -> str:
    """The number as people write it; raises ValueError, in Chinese, where it cannot be dialled.

    Short numbers (110, 12345, 95598), Chinese numbers with or without an area code, and an
    extension after 转 are taken.
    """
    number = text.strip().removesuffix(".0")
    bare = _EXTENSION.sub("", number).strip(" ,，")
    if _SHORT_NUMBER.fullmatch(bare):
        return number
    try:
        parsed = phonenumbers.parse(bare, "CN")
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"电话“{text}”认不出来") from error
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        raise ValueError(f"电话“{text}”位数太少")
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        raise ValueError(f"电话“{text}”位数太多")
    digits = str(parsed.national_number)
    is_local = len(digits) in (7, 8) and digits[0] not in "01"
    if not (is_local or phonenumbers.is_valid_number(parsed)):
        raise ValueError(f"电话“{text}”不是有效的号码")
    return number


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Phones = Annotated[tuple[str, ...], BeforeValidator(as_phones)]
Text = Annotated[str, BeforeValidator(as_text)]


def as_choice(words: Mapping[str, str], default: str) -> BeforeValidator:
    """Accept the official value, or a word that people write for it ("区级", "县", "热线")."""

    def choose(value: object) -> object:
        if value is None or value == "":
            return default
        if not isinstance(value, str):
            return value
        text = value.strip()
        bare = text.removesuffix("级") or text
        return words.get(text, words.get(bare, bare))

    return BeforeValidator(choose)
