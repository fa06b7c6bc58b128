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
    def load(cls) -> "Responses":
        """Read the shipped file."""
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
    """Whether a text is written in traditional script; None when it does not show."""
    changed_by_simplifying = to_simplified(text) != text
    changed_by_traditionalising = to_traditional(text) != text
    if changed_by_simplifying == changed_by_traditionalising:
        return None
    return changed_by_simplifying


def _flatten(node: object, prefix: str = "") -> Any:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _flatten(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, str(node).rstrip("\n")
