"""Loads and fills `responses.yml`, the one file with every text that a person can see."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import opencc
import yaml


class Quoted(str):
    """A slot value that follows the reader's script, such as a quote from a document.

    Plain strings (names, places, what a resident wrote) are never converted, because conversion
    changes names: 幸福里 would become 幸福裏.
    """

    __slots__ = ()


class Responses:
    """Texts by dotted key, e.g. `proposal.ask_place`, in simplified or traditional script."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    @classmethod
    @cache
    def load(cls) -> "Responses":
        """Read the shipped file, once."""
        raw = yaml.safe_load(files("bot").joinpath("responses.yml").read_text("utf-8"))
        return cls(dict(_flatten(raw)))

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def all_keys(self) -> list[str]:
        """All keys, in the order of the file."""
        return list(self._texts)

    def text(self, key: str, traditional: bool = False, /, **slots: object) -> str:
        """Fill the text named `key`; raises `KeyError` when the key or a slot is missing."""
        template = self._texts[key]
        if not traditional:
            return template.format(**slots)
        filled = {
            name: to_traditional(value) if isinstance(value, Quoted) else value
            for name, value in slots.items()
        }
        return to_traditional(template).format(**filled)


@cache
def _converter(config: str) -> Any:
    return opencc.OpenCC(config)


def to_traditional(text: str) -> str:
    """Simplified text in traditional characters."""
    return str(_converter("s2t").convert(text))


def to_simplified(text: str) -> str:
    """Traditional text in simplified characters."""
    return str(_converter("t2s").convert(text))


def is_traditional(text: str) -> bool | None:
    """Whether a text is written in traditional script; None when it does not show.

    Characters that only simplified script has are counted against those that only traditional
    has. A few, such as 里, count as simplified though traditional names have them too, so the
    majority decides.
    """
    only_traditional = _differences(text, to_simplified(text))
    only_simplified = _differences(text, to_traditional(text))
    if only_traditional == only_simplified:
        return None
    return only_traditional > only_simplified


def _differences(text: str, converted: str) -> int:
    if len(text) != len(converted):
        return int(text != converted)
    return sum(one != other for one, other in zip(text, converted, strict=True))


def _flatten(node: object, prefix: str = "") -> Any:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _flatten(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, str(node).rstrip("\n")
