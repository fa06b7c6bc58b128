"""Keeping contact details where they belong: masking, removing after a time, forgetting."""

import re

from phonenumbers import PhoneNumberMatcher

# What people put between the groups of a number.
_BETWEEN = r"[\s.·_()（）\-‐-―－一]{0,2}"
_NUMBERS = [
    # Identity cards (18 digits, GB 11643, or the older 15) and bank cards (16 to 19): any run of
    # 15 to 19 digits, as one, or in the groups in which they are written.
    re.compile(r"(?<!\d)\d{14,18}[\dXx](?![\dXx])"),
    re.compile(r"(?<!\d)\d{6}[\s-]?(?:19|20)\d{6}[\s-]?\d{3}[\dXx](?![\dXx])"),
    re.compile(r"(?<!\d)\d{4}(?:[\s-]\d{4}){3}(?:[\s-]?\d{1,3})?(?!\d)"),
    # Mobiles: 11 digits that begin with 13 to 19.
    re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_BETWEEN})?1{_BETWEEN}[3-9](?:{_BETWEEN}\d){{9}}(?!\d)"),
    # Landlines with their area code.
    re.compile(rf"(?<!\d)[(（]?0\d{{2,3}}{_BETWEEN}[2-8]\d{{2,3}}{_BETWEEN}\d{{4}}(?!\d)"),
    # Landlines without one are told from other numbers by the word before them.
    re.compile(r"(?:[话机系真]|tel)[：:号码是\s]{0,4}[2-8]\d{2,3}[\s-]?\d{4}(?!\d)", re.IGNORECASE),
]
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
_DIGIT = re.compile(r"\d")


def mask_contacts(text: str) -> str:
    """`text` with phone numbers and identity or bank card numbers masked.

    The first three and the last two digits of a number stay (`138******78`), so that its owner can
    recognise it. Public hotlines (110, 12345, 95598, 400-…) stay. Twice is the same as once.
    """
    for pattern in _NUMBERS:
        spans = [match.span() for match in pattern.finditer(text.translate(_HALF_WIDTH))]
        text = _mask_spans(text, spans)
    abroad = PhoneNumberMatcher(text, None)  # +852 6123 4567 and the like
    return _mask_spans(text, [(match.start, match.end) for match in abroad])


def _mask_spans(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + _mask(text[start:end]) + text[end:]
    return text


def _mask(number: str) -> str:
    """`number` with all digits but the first three and the last two replaced by stars."""
    total = len(_DIGIT.findall(number))
    seen = 0
    shown: list[str] = []
    for character in number:
        if character.isdecimal():
            seen += 1
            shown.append(character if seen <= 3 or seen > total - 2 else "*")
        elif character in "Xx":
            shown.append("*")
        else:
            shown.append(character)
    return "".join(shown)
