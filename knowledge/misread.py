"""Text that was decoded as Latin letters, back to its Chinese characters.

UTF-8 read as Latin-1 or Windows-1252 turns 社区 into ç¤¾åŒº, GBK into ÉçÇø. All the bytes are still
there: writing them again and reading them rightly gives the text. It is believed where that works
for a whole line without a fault and plausible Chinese comes out.
"""

import re

from knowledge.plausibility import observed_cost

_WRONG_AND_RIGHT = (("cp1252", "utf-8"), ("latin-1", "utf-8"), ("latin-1", "gb18030"))
_HANZI = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile("[\x80-\xff\u0152-\u017e\u2018-\u203a\u20ac\u2122]{2}")
_LEAST = 4  # Chinese characters that must come out
_PLAUSIBLE = 1.0  # mean cost of what comes out; prose is near 0.3, chance above 2


def undo_wrong_decoding(text: str) -> str:
    """Each line read rightly where it was decoded wrongly; others stay as they are."""
    if not _LATIN.search(text):
        return text
    return "\n".join(_read_again(line) for line in text.split("\n"))


def _read_again(line: str) -> str:
    for wrong, right in _WRONG_AND_RIGHT:
        try:
            read = line.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if len(_HANZI.findall(read)) >= _LEAST and _mean_cost(read) < _PLAUSIBLE:
            return read
    return line


def _mean_cost(text: str) -> float:
    return sum(observed_cost(character, True) for character in text) / max(1, len(text))
