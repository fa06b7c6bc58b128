"""Who leads, who is responsible and until when, read from the brackets and phrases of a text.

Plans close a task with （牵头单位：市民政局；责任单位：市财政局，各区人民政府〈含开发区，下同〉）,
some with （市民政局牵头，市财政局配合） or a line 责任单位：…; running text says 由市民政局牵头 or
市民政局负责…. Each becomes a `Responsibility` whose range is the task in the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.document import Responsibility, Section

_OPENING, _CLOSING = "（([［【〈《<", "）)]］】〉》>"
_LABELS = {
    "lead": r"(?:牵头|主办|主责|主管|承办)(?:单位|部门|处室|科室|领导|区县)?",
    "responsible": r"(?:责任|配合|协办|参与|参加|协同|落实|实施)(?:单位|部门|处室|领导|主体|人)?",
    "deadline": r"(?:完成|办结|办理|整改)?(?:时限|时间|期限)(?:要求)?",
}
_LABEL = re.compile(
    "|".join(f"(?P<{role}>{pattern})" for role, pattern in _LABELS.items()).join(("(?:", ")[:：]"))
)
_BRACKET_LABEL = re.compile(rf"[（(\[［【]\s*(?=(?:{'|'.join(_LABELS.values())})[:：])")
_LABEL_LINES = re.compile(
    rf"^[ \t\u3000]*(?:{_LABELS['lead']}|{_LABELS['responsible']})[:：][^\n]*"
    rf"(?:\n[ \t\u3000]*(?:{'|'.join(_LABELS.values())})[:：][^\n]*)*",
    re.MULTILINE,
)
_UNIT = (
    r"[\u4e00-\u9fff“”\d（）()]{1,18}?(?:局|委员会|委|政府|办公室|办公厅|厅|办|部|中心|街道|社区|支队|总队|大队"
    r"|公司|集团|协会|总会|工会|妇联|残联|银行|法院|检察院|管委会|居委会|村委会|业委会|党工委|党委|党支部|院|所|站|组|部门|单位)"
)
_UNITS = rf"{_UNIT}(?:[、和及与]{_UNIT})*(?:等(?:部门|单位)?)?"
_BRACKET_PHRASE = re.compile(
    rf"[（(\[［]\s*(?P<lead>{_UNITS})(?:牵头)(?:负责)?"
    rf"(?:[，,；;、]\s*(?P<responsible>{_UNITS}(?:[，,]{_UNITS})*?)(?:按职责分工负责|分工负责|配合|参与|负责|协助|协同)?)?"
    rf"[）)\]］]|[（(\[［]\s*(?P<alone>{_UNITS}(?:[，,]{_UNITS})*)(?:按职责分工负责|分别负责|分工负责|负责)[）)\]］]"
)
_LED_BY = re.compile(
    rf"由(?P<lead>{_UNITS})牵头(?:[，,]\s*(?:会同)?(?P<responsible>{_UNITS})"
    r"(?:按职责分工负责|分工负责|配合|参与|协助|协同|共同))?"
)
_IN_CHARGE = re.compile(
    rf"(?:^|(?<=[。；;，,：:\s]))(?:[^。；;，,：:\n]{{0,20}}?由)?(?P<lead>{_UNITS})(?:具体|统一|主要|共同)?负责"
    r"(?!人|制|同志|任)[^。；;\n]{2,}"
)
_NOTE = re.compile(r"[〈（(<](?:含|包括|下同|以下)[^〉）)>]*[〉）)>]")
_SENTENCE_START = re.compile(r"[。；;！？\n]")
_NOT_A_UNIT = re.compile(
    r"^(?:有关|相关|各|该|本|同|其|并|上述|责任|牵头|主管)*(?:部门|单位|组)$|由"
)
_LONGEST_BRACKET = 600


@dataclass
class _Found:
    """One statement: the task's range, where the statement ends, and who it names."""

    start: int
    end: int
    after: int
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deadline: str = ""


def extract(text: str, sections: Sequence[Section]) -> tuple[Responsibility, ...]:
    """Every responsibility that a text states, in order of the tasks.

    A bracket answers for the numbered item that it closes, back to an earlier bracket; a phrase
    for its own sentence. `sections` are those of the text (see `knowledge.outline`).
    """
    starts = [section.start for section in sections]
    found: list[_Found] = []
    for statement in _statements(text):
        index = bisect_right(starts, statement.start) - 1
        section = sections[index] if index >= 0 else Section((), 0, len(text))
        if statement.start == statement.end:  # a bracket or line: the task stands before it
            earliest = max([section.start, *(other.after for other in found[-1:])])
            statement.start = _task_start(text, section, earliest, statement.end)
            statement.end = _trimmed_end(text, statement.start, statement.end)
        if statement.end > statement.start:
            found.append(statement)
    return tuple(_responsibility(text, sections, starts, statement) for statement in found)


def split_units(names: str) -> tuple[str, ...]:
    """Names parted by 、，,； outside nested brackets; notes such as 〈含…，下同〉 are dropped.

    >>> split_units("市财政局、市妇联，各区人民政府〈含开发区、风景区，下同〉")
    ('市财政局', '市妇联', '各区人民政府')
    """
    units: list[str] = []
    depth, start = 0, 0
    for position, character in enumerate(names + "、"):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif character in "、，,；;" and depth == 0:
            units.append(_NOTE.sub("", names[start:position]).strip(" \t\u3000。.\n"))
            start = position + 1
    units = [re.sub(r"等(?:有关|相关)?(?:部门|单位)?$", "", unit) or unit for unit in units]
    return tuple(dict.fromkeys(unit for unit in units if unit and unit != "下同"))


def _statements(text: str) -> Iterator[_Found]:
    """All statements by where they stand; one inside another is left to the outer one."""
    if "牵头" not in text and "负责" not in text and not _LABEL.search(text):
        return
    found = sorted(
        [*_labelled(text), *_bracketed(text), *_phrased(text)],
        key=lambda statement: (statement.end, -statement.after),
    )
    taken = 0
    for statement in found:
        if statement.end >= taken:
            taken = statement.after
            yield statement


def _labelled(text: str) -> Iterator[_Found]:
    end = 0
    for match in _BRACKET_LABEL.finditer(text):
        if match.start() >= end:
            end = _closing(text, match.start())
            yield _read_labels(text, match.start(), match.end(), end)
    for match in _LABEL_LINES.finditer(text):
        yield _read_labels(text, match.start(), match.start(), match.end())


def _closing(text: str, opening: int) -> int:
    """Where the bracket closes, whatever its shape; at the end of the line when it never does."""
    depth = 0
    for position in range(opening, min(len(text), opening + _LONGEST_BRACKET)):
        if text[position] in _OPENING:
            depth += 1
        elif text[position] in _CLOSING:
            depth -= 1
            if depth == 0:
                return position + 1
        elif text[position] == "\n":
            return position
    return min(len(text), opening + _LONGEST_BRACKET)


def _read_labels(text: str, start: int, content_start: int, end: int) -> _Found:
    content = text[content_start:end].rstrip()
    if text[start : start + 1] in _OPENING and content and content[-1] in _CLOSING:
        content = content[:-1]
    labels = list(_LABEL.finditer(content))
    found = _Found(start, start, end)
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        value = content[label.end() : following.start() if following else len(content)]
        value = value.strip(" \t\u3000\n；;，,。、")
        role = str(label.lastgroup)
        if role == "deadline":
            found.deadline = value
        else:
            found.roles[role] = (*found.roles.get(role, ()), *split_units(value))
    return found


def _bracketed(text: str) -> Iterator[_Found]:
    for match in _BRACKET_PHRASE.finditer(text):
        lead, responsible = match["lead"], match["responsible"] or match["alone"]
        roles = {"lead": split_units(lead or ""), "responsible": split_units(responsible or "")}
        yield _Found(match.start(), match.start(), match.end(), roles)


def _phrased(text: str) -> Iterator[_Found]:
    for pattern in (_LED_BY, _IN_CHARGE):
        for match in pattern.finditer(text):
            lead = split_units(re.sub("[和及与]", "、", match["lead"]))
            lead = tuple(unit for unit in lead if not _NOT_A_UNIT.search(unit))
            if not lead:
                continue
            responsible = match.groupdict().get("responsible") or ""
            start = _sentence_start(text, match.start())
            end = _SENTENCE_START.search(text, match.end())
            stop = end.start() if end else len(text)
            start += len(text[start:stop]) - len(text[start:stop].lstrip())
            roles = {"lead": lead, "responsible": split_units(responsible)}
            yield _Found(start, stop, stop, roles)


def _sentence_start(text: str, position: int) -> int:
    window = text[max(0, position - 300) : position]
    ends = [match.end() for match in _SENTENCE_START.finditer(window)]
    return position - len(window) + (ends[-1] if ends else 0)


def _task_start(text: str, section: Section, earliest: int, end: int) -> int:
    """The start of the item before a bracket: its section's, or its paragraph's in plain text."""
    start = min(earliest, end)
    if not section.path:
        paragraph = text.rfind("\n", start, len(text[:end].rstrip())) + 1
        start = max(start, paragraph)
    body = text[start:end]
    return start + len(body) - len(body.lstrip(" \t\u3000\xa0\n。；;，,"))


def _trimmed_end(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _responsibility(
    text: str, sections: Sequence[Section], starts: Sequence[int], found: _Found
) -> Responsibility:
    index = bisect_right(starts, found.start) - 1
    path = sections[index].path if index >= 0 else ()
    return Responsibility(
        task=text[found.start : found.end],
        lead=found.roles.get("lead", ()),
        responsible=found.roles.get("responsible", ()),
        deadline=found.deadline,
        path=path,
        start=found.start,
        end=found.end,
    )
