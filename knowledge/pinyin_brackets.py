"""Readings that scraping left in brackets after a character, as in 进(jìn)一步.

Only a bracket that holds a reading of the very character before it is taken out, so that
"(网格)", "(zhuang)" or "(3)" stay.
"""

import re
from functools import lru_cache

from pypinyin import Style, pinyin

from knowledge.traditional import is_traditional_character

# One syllable with a tone mark (or none: the neutral tone), in brackets. The opening bracket has
# become "?" where the byte before it was half a character.
SYLLABLE = "[a-züêāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜńňǹḿ]{1,7}"
BRACKET = re.compile(rf"[(（?]({SYLLABLE})[)）]")
_AFTER_CHARACTER = re.compile(rf"([\u3400-\u9fff])[(（]({SYLLABLE})[)）]")
_ENOUGH = 3


@lru_cache(maxsize=16384)
def readings(character: str) -> frozenset[str]:
    """All readings of a character with tone marks; empty for what is no Chinese character."""
    found = pinyin(character, style=Style.TONE, heteronym=True, errors="ignore")
    return frozenset(found[0]) if found else frozenset()


def main_reading(character: str) -> str:
    """The commonest reading of a character with tone mark; empty where there is none."""
    found = pinyin(character, style=Style.TONE, errors="ignore")
    return str(found[0][0]) if found else ""


def has_scraped_brackets(text: str) -> bool:
    """Whether the text has such brackets by scraping, not one or two that an author wrote.

    A reading after a traditional character is a sign in itself; else it takes several.
    """
    count = 0
    for match in _AFTER_CHARACTER.finditer(text):
        if match[2] in readings(match[1]):
            count += _ENOUGH if is_traditional_character(match[1]) else 1
            if count >= _ENOUGH:
                return True
    return False


def remove_brackets(text: str) -> str:
    """Take out each bracket that holds a reading of the character before it."""
    return _AFTER_CHARACTER.sub(
        lambda match: match[1] if match[2] in readings(match[1]) else match[0], text
    )
