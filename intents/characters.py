"""A message as rules read it: half-width and simplified, each character where it was."""

import unicodedata
from functools import lru_cache

import opencc

MAX_CHARACTERS = 5000
"""Rules read so much of a message; no report is longer (2,000 characters)."""

# Everything from the Han radicals to the last of the common ideographs.
_HAN = range(0x2E80, 0xA000)
_FULL_WIDTH = range(0xFF01, 0xFF5F)


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """Characters that have another form: traditional or Taiwanese ones, full-width ones.

    Chinese punctuation stays, since rules know it as a border.
    """
    # Alone on its line a character is converted as itself, not as part of a phrase.
    lines = opencc.OpenCC("t2s").convert("\n".join(map(chr, _HAN))).split("\n")
    # Dialect characters with a rare simplified form (嗰 𠮶) are read as they are written.
    table = {code: form for code, form in zip(_HAN, lines, strict=True) if "一" <= form <= "龥"}
    table[ord("著")] = "着"
    wide = {code: unicodedata.normalize("NFKC", chr(code)) for code in _FULL_WIDTH}
    return table | {code: form for code, form in wide.items() if form.isalnum() or form in "#-"}


def plain(text: str) -> str:
    """`text` in simplified, half-width characters, of the same length as `text`.

    >>> plain("幸福里３號樓")
    '幸福里3号楼'
    """
    return text.translate(_table())
