"""What of a service is searched, and how a question is read before searching."""

import re
import unicodedata

from knowledge.service import Service

# An encoder reads the beginning of a list best; more materials blur the name.
_MATERIAL_CHARACTERS = 60
# Audiences that say nothing, because they are everybody.
_ANYBODY = {"居民", "市民", "群众", "个人", "公民", "职工"}
_CHINESE_NUMBERS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_AGE = re.compile(
    r"(?<![\d.第])(?P<arabic>\d{1,3})(?:岁|周岁|多岁|来岁|了(?![\d个次天月年元块]))"
    r"|(?P<chinese>[一二三四五六七八九]?十[一二三四五六七八九]?)(?:岁|周岁|多岁|来岁|了(?![个次天月年元块]))"
)


def dense_texts(service: Service) -> list[str]:
    """Short texts that are encoded one by one: name, aliases, situations, name with materials."""
    texts = [service.name, *service.aliases, *service.situations]
    if service.materials:
        texts.append(f"{service.name} {'、'.join(service.materials)[:_MATERIAL_CHARACTERS]}")
    return list(dict.fromkeys(texts))


def word_text(service: Service) -> str:
    """One text whose words are searched: the same, with the audience."""
    audience = (group for group in service.audience if group not in _ANYBODY)
    return "。".join((service.name, *dense_texts(service), *audience))


def read_age(question: str) -> int | None:
    """The age that a question states ("我75岁", "奶奶八十二了"), None when it states none."""
    match = _AGE.search(unicodedata.normalize("NFKC", question))
    if match is None:
        return None
    if match["arabic"]:
        age = int(match["arabic"])
    else:
        tens, _, ones = match["chinese"].partition("十")
        age = _CHINESE_NUMBERS.get(tens, 1) * 10 + _CHINESE_NUMBERS.get(ones, 0)
    return age if 0 < age <= 120 else None
