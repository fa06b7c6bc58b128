"""Cleans what arrives before anything reads it: control characters, lone surrogates, length."""

import unicodedata

LIMIT = 4000
"""Characters that are read of one message; Telegram itself sends at most 4,096."""

KEPT_CONTROLS = "\n\t"


def clean(text: str, limit: int = LIMIT) -> tuple[str, bool]:
    """The readable part of a text, at most `limit` characters, and whether it was cut.

    Control and format characters, unassigned ones and lone surrogates go; emoji and their joiners
    stay.
    """
    cut = len(text) > limit
    kept = "".join(character for character in text[:limit] if _is_kept(character))
    return kept.strip(), cut


def _is_kept(character: str) -> bool:
    if character in KEPT_CONTROLS or character == "\u200d":
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn", "Co")


def has_words(text: str) -> bool:
    """Whether anything in it can be read as language: a letter, a character or a digit."""
    return any(character.isalnum() for character in text)
