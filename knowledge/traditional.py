"""Traditional characters back to simplified ones, through OpenCC."""

import re
from functools import lru_cache

from opencc import OpenCC

# A text counts as traditional when this share of its Chinese characters has another simplified
# form; ordinary traditional text has a third, simplified text with a stray 後 under a hundredth.
TEXT_SHARE = 0.1
LINE_SHARE = 0.15
LINE_CHARACTERS = 3

_HANZI = re.compile(r"[\u3400-\u9fff]")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    # Taiwan's standard knows 著 as 着, which the plain table leaves.
    return OpenCC("tw2s")


@lru_cache(maxsize=1)
def _traditional() -> re.Pattern[str]:
    """Every character that is written otherwise in simplified text."""
    characters = [chr(code) for code in range(0x4E00, 0x9FA6)]
    plain = simplified("\n".join(characters)).split("\n")
    changed = (old for old, new in zip(characters, plain, strict=True) if old != new)
    return re.compile(f"[{''.join(changed)}]")


def is_traditional_character(character: str) -> bool:
    """Whether the character is written otherwise in simplified text."""
    return _traditional().fullmatch(character) is not None


def is_traditional(text: str) -> bool:
    """Whether the text as a whole is traditional."""
    return _share(text) >= TEXT_SHARE


def simplified(text: str) -> str:
    """The text in simplified characters, phrase by phrase (乾隆 stays, 曬乾 becomes 晒干)."""
    return str(_converter().convert(text))


def to_simplified(text: str) -> str:
    """Convert a traditional text, or the traditional lines of a mixed one; else change nothing."""
    if not _traditional().search(text):
        return text
    if is_traditional(text):
        return simplified(text)
    lines = text.split("\n")
    return "\n".join(simplified(line) if _is_traditional_line(line) else line for line in lines)


def _is_traditional_line(line: str) -> bool:
    return len(_traditional().findall(line)) >= LINE_CHARACTERS and _share(line) >= LINE_SHARE


def _share(text: str) -> float:
    """Which part of the Chinese characters is traditional."""
    traditional = len(_traditional().findall(text))
    return traditional / len(_HANZI.findall(text)) if traditional else 0.0
