"""Who leads, who is responsible and until when, read from the brackets and phrases of a text.

Plans close a task with （牵头单位：市民政局；责任单位：市财政局，各区人民政府〈含开发区，下同〉）,
some with （市民政局牵头，市财政局等配合） or with 责任单位：… behind the task; running text says
由市民政局牵头 or 市民政局负责…. Each becomes a `Responsibility`: its range is the task in the text.
Who is said to 负责 is responsible; who is said to 牵头 or 主办 leads.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.document import Responsibility, Section
from knowledge.offices import (
    BEFORE_NAME,
    BRACKETS,
    CLOSING,
    NOTE,
    OPENING,
    UNITS,
    are_offices,
    named_offices,
    split_units,
)

_LABELS = {
    "lead": r"(?:牵头|主办|主责|主管|承办)(?:单位|部门|处室|科室|领导|区县)?",
    "responsible": r"(?:责任|配合|协办|参与|参加|协同|落实|实施)(?:单位|部门|处室|领导|主体|人)?",
    "deadline": r"(?:完成|办结|办理|整改)?(?:时限|时间|期限)(?:要求)?",
}
_ANY_LABEL = "|".join(_LABELS.values())
_LABEL = re.compile(
    "|".join(f"(?P<{role}>{pattern})" for role, pattern in _LABELS.items()).join(("(?:", ")[:：]"))
)
_BRACKET_LABEL = re.compile(rf"[（(\[［【]\s*(?=(?:{_ANY_LABEL})[:：])")
_LABELS_BEHIND = re.compile(
    rf"(?:^|(?<=[\s。；;]))(?:{_LABELS['lead']}|{_LABELS['responsible']})[:：]", re.MULTILINE
)
_NEXT_LABEL = re.compile(rf"[\s；;，,。]*(?:{_ANY_LABEL})[:：]")

_HOW = r"(?:按(?:照)?(?:各自)?(?:职责|职能)(?:分工)?|各?按职责|分工|分别|共同|具体|统一|主要|协同)?"
_CLAUSE = r"(?:^|(?<=[。；;，,：:、\s由]))"
_HELPING = r"(?:配合|参与|参加|协助|协同|协办)"
_ROLE_IN_BRACKET = re.compile(
    rf"(?:(?P<lead>牵头|主办|主责)|{_HOW}(?P<responsible>负责|承办|落实|实施|{_HELPING}))"
    r"(?:负责|落实|推进|实施|配合)?(?:[，,；;、。]\s*|$)"
)
_ROLE_WORD = re.compile(f"负责|牵头|主办|承办|落实|实施|{_HELPING}")
_FIRST_LEADS = re.compile(
    r"[，,；;]?(?:列|排)?(?:在)?(?:首|第一)位?的?(?:单位|部门)?为牵头(?:单位|部门)"
)
_LED_BY = re.compile(
    rf"{_CLAUSE}由?(?P<lead>{UNITS})(?:要|将|应|应当|负责)?牵头(?!单位|部门|作用|人|抓|领导)(?:负责)?"
    rf"(?:[，,、]\s*(?:会同)?(?P<responsible>{UNITS}){_HOW}(?:负责|共同|{_HELPING}))?"
)
_TOGETHER = re.compile(
    rf"由(?P<lead>{UNITS})(?:会同|商)(?P<responsible>{UNITS})"
    r"(?=[，,。；;]|负责|共同|联合|制定|出具|予以|组织|开展|做好|及时|提出|研究|实施|落实|推进|建立|确定|审核|办理)"
)
_IN_CHARGE = re.compile(
    rf"{_CLAUSE}(?:[^。；;，,：:\n]{{0,20}}?由)?(?P<responsible>{UNITS}){_HOW}负责(?!人|制|同志|任|的)"
)
_NAMED_AS = re.compile(
    rf"(?:(?:牵头|主办)(?:单位|部门)(?:为|是)(?P<lead>{UNITS})"
    rf"|责任(?:单位|部门)(?:为|是)(?P<responsible>{UNITS}))"
)
_IS_ONE = re.compile(
    rf"{_CLAUSE}(?:(?P<lead>{UNITS})[为是](?!责任)[^，,。；;\n]{{0,20}}?牵头(?:单位|部门)"
    rf"|(?P<responsible>{UNITS})[为是](?!牵头)[^，,。；;\n]{{0,20}}?责任(?:单位|部门))"
)
_PHRASES = (_LED_BY, _TOGETHER, _IN_CHARGE, _NAMED_AS, _IS_ONE)
_SENTENCE = re.compile(r"[^。；;！？\n]*[。；;！？\n]|[^。；;！？\n]+$")
_TRIGGER = re.compile("牵头|负责|会同|责任[单部][位门]")
_BETWEEN = " \t\u3000\xa0\n，,、。；;！？"
# What is to be done by then: 2023年6月底前完成, 年内建成. A bare 时间 is when an office is open.
_DUE = re.compile(
    r"(?P<due>(?:(?:\d{4}年|今年|明年)?(?:\d{1,2}月(?:\d{1,2}日|份|底|末|[上中下]旬)?|年?底|年末)(?:之|以)?前"
    r"|\d{4}年内|年内|\d{1,3}(?:个工作)?[日天]内))[^，。；;\n]{0,14}?"
    r"(?:完成|完工|建成|办结|实现|到位|清零|落实|启用|投用|竣工)"
)
_NEXT_ITEM = re.compile(
    r"\s(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.．、]|[（(][一二三四五六七八九十\d])"
)
_TERM = re.compile(r"(?:完成|办结|办理|整改)|时限")
_LONGEST_BRACKET = 600


@dataclass
class _Found:
    """One statement: the range of the task, that of the words that name somebody, and whom.

    A bracket or label has the task before it, still to be found: the range is empty there.
    """

    start: int
    end: int
    words: tuple[int, int]
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deadline: str = ""

    def add(self, role: str, units: Iterable[str]) -> None:
        """Name some more in a role."""
        self.roles[role] = tuple(dict.fromkeys((*self.roles.get(role, ()), *units)))


def extract(text: str, sections: Sequence[Section]) -> tuple[Responsibility, ...]:
    """Every responsibility that a text states, in order of the tasks.

    A bracket answers for the numbered item that it closes, back to an earlier bracket; a phrase
    for its own sentence. `sections` are those of the text (see `knowledge.outline`).
    """
    starts = [section.start for section in sections]
    found: list[_Found] = []
    earliest = 0
    for statement in _statements(text):
        if statement.start == statement.end:
            index = bisect_right(starts, statement.start) - 1
            section = sections[index] if index >= 0 else Section((), 0, len(text))
            statement.start = _task_start(
                text, section, max(section.start, earliest), statement.end
            )
            statement.end = statement.start + len(text[statement.start : statement.end].rstrip())
            earliest = statement.words[1]
        elif statement.start < earliest < statement.end:  # the bracket before it is no part
            behind = text[earliest : statement.end]
            statement.start = statement.end - len(behind.lstrip(_BETWEEN))
        if statement.end > statement.start:
            found.append(statement)
    found.sort(key=lambda statement: statement.start)
    return tuple(_responsibility(text, sections, starts, statement) for statement in found)


def _statements(text: str) -> Iterator[_Found]:
    """All statements by where they stand; one inside another is left to the outer one."""
    found = sorted(
        [*_labelled(text), *_bracketed(text), *_phrased(text)],
        key=lambda statement: (statement.words[0], -statement.words[1]),
    )
    taken = 0
    for statement in found:
        if statement.words[0] >= taken:
            taken = statement.words[1]
            yield statement


def _labelled(text: str) -> Iterator[_Found]:
    """Labels with names behind them: in a bracket, on lines of their own, or behind a sentence."""
    end = 0
    for match in _BRACKET_LABEL.finditer(text):
        if match.start() >= end:
            end = _closing(text, match.start())
            found = _read_labels(text, match.start(), match.end(), end)
            if found.roles or _TERM.search(text, match.end(), end):
                yield found
    end = 0
    for match in _LABELS_BEHIND.finditer(text):
        if match.start() >= end:
            end = _labels_end(text, match.end())
            found = _read_labels(text, match.start(), match.start(), end)
            if any(found.roles.values()):
                yield found


def _closing(text: str, opening: int) -> int:
    """Where the bracket closes, whatever its shape; at the end of the line when it never does."""
    depth = 0
    for position in range(opening, min(len(text), opening + _LONGEST_BRACKET)):
        if text[position] in OPENING:
            depth += 1
        elif text[position] in CLOSING:
            depth -= 1
            if depth == 0:
                return position + 1
        elif text[position] == "\n":
            return position
    return min(len(text), opening + _LONGEST_BRACKET)


def _labels_end(text: str, position: int) -> int:
    """Where the names behind a label end, and those of labels that follow at once.

    A line holds names alone; where a whole document stands in one line, a space ends them.
    """
    while True:
        stop = text.find("\n", position)
        line = text[position : stop if stop >= 0 else len(text)]
        if "。" in line or _NEXT_ITEM.search(line) or len(line) > _LONGEST_BRACKET:
            names = re.match(r"\s*(?:[^\s。]|(?<=[、，,；;])[ \t\u3000]+)*", line)
            line = names[0] if names else ""
        label = _LABEL.search(line)
        if label:
            line = line[: label.start()]
        end = position + len(line.rstrip())
        following = _NEXT_LABEL.match(text, end)
        if following is None:
            return end
        position = following.end()


def _read_labels(text: str, start: int, content_start: int, end: int) -> _Found:
    content = text[content_start:end].rstrip()
    if text[start : start + 1] in OPENING and content and content[-1] in CLOSING:
        content = content[:-1]
    labels = list(_LABEL.finditer(content))
    found = _Found(start, start, (start, end))
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        value = content[label.end() : following.start() if following else len(content)]
        value = value.strip(" \t\u3000\n；;，,。、")
        role = str(label.lastgroup)
        if role == "deadline":
            found.deadline = value
        else:
            found.add(role, split_units(re.sub(r"(?<![、，,；;])[ \t\u3000]+", "、", value)))
    return found


def _bracketed(text: str) -> Iterator[_Found]:
    """Brackets such as （市民政局牵头，市财政局、各县〔区〕政府配合，年底前完成）.

    One behind a full stop may hold names alone; a text can say that the first of them leads.
    """
    first_leads = bool(_FIRST_LEADS.search(text))
    for opening in re.finditer(r"[（(\[［【]", text):
        end = _closing(text, opening.start())
        if text[end - 1] != BRACKETS[opening[0]]:
            continue
        content = text[opening.end() : end - 1]
        found = _Found(opening.start(), opening.start(), (opening.start(), end))
        reads = _ROLE_WORD.search(content) and _read_roles(content, found)
        if reads or (
            _behind_stop(text, opening.start()) and _read_names(content, first_leads, found)
        ):
            yield found


def _behind_stop(text: str, position: int) -> bool:
    """Whether a sentence has just ended."""
    return text[max(0, position - 8) : position].rstrip(" \t\u3000\xa0\n").endswith("。")


def _read_names(content: str, first_leads: bool, found: _Found) -> bool:
    """Read a plain list of offices into `found`; False where it is something else."""
    names = split_units(_FIRST_LEADS.sub("", NOTE.sub("", content)))
    if not names or not all(are_offices([name]) for name in names):
        return False
    leading = 1 if first_leads and len(names) > 1 else 0
    if leading:
        found.add("lead", names[:leading])
    found.add("responsible", names[leading:])
    return True


def _read_roles(content: str, found: _Found) -> bool:
    """Read names and what they do into `found`; False where the content is something else."""
    bare = NOTE.sub("", content).strip()
    position = 0
    for match in _ROLE_IN_BRACKET.finditer(bare):
        names = BEFORE_NAME.sub("", bare[position : match.start()].strip("，,；;、 "))
        units = split_units(names)
        if not are_offices(units):
            return False
        found.add("lead" if match["lead"] else "responsible", units)
        position = match.end()
    rest = bare[position:]
    if rest and _DUE.fullmatch(rest):
        found.deadline = rest
    return bool(found.roles) and (not rest or bool(found.deadline))


def _phrased(text: str) -> Iterator[_Found]:
    """Phrases in running text. Several in one sentence part it between them."""
    start = 0
    for sentence in _SENTENCE.findall(text):
        phrases = _phrases(sentence) if _TRIGGER.search(sentence) else []
        begins = [0, *(words.start() for words, _ in phrases[1:]), None]
        for (words, roles), begin, end in zip(phrases, begins, begins[1:], strict=False):
            clauses = sentence[begin:end]
            left = start + (begin or 0) + len(clauses) - len(clauses.lstrip(_BETWEEN))
            right = left + len(clauses.strip(_BETWEEN))
            yield _Found(left, right, (start + words.start(), start + words.end()), roles)
        start += len(sentence)


def _phrases(sentence: str) -> list[tuple[re.Match[str], dict[str, tuple[str, ...]]]]:
    """The phrases of a sentence and whom each names; of two that overlap, the earlier one."""
    matches = sorted(
        (match for pattern in _PHRASES for match in pattern.finditer(sentence)),
        key=lambda match: (match.start(), -match.end()),
    )
    phrases = []
    end = 0
    for match in matches:
        named = {role: named_offices(names or "") for role, names in match.groupdict().items()}
        roles = {role: offices for role, offices in named.items() if offices}
        if roles and match.start() >= end:
            phrases.append((match, roles))
            end = match.end()
    return phrases


def _task_start(text: str, section: Section, earliest: int, end: int) -> int:
    """The start of the item before a bracket: its section's, or its paragraph's in plain text."""
    start = min(earliest, end)
    if not section.path:
        paragraph = text.rfind("\n", start, len(text[:end].rstrip())) + 1
        start = max(start, paragraph)
    body = text[start:end]
    return start + len(body) - len(body.lstrip(" \t\u3000\xa0\n。；;，,"))


def _due_in(task: str) -> str:
    """The one deadline that a task itself states; none where there are several."""
    due = {match["due"] for match in _DUE.finditer(task)}
    return due.pop() if len(due) == 1 else ""


def _responsibility(
    text: str, sections: Sequence[Section], starts: Sequence[int], found: _Found
) -> Responsibility:
    index = bisect_right(starts, found.start) - 1
    task = text[found.start : found.end]
    return Responsibility(
        task=task,
        lead=found.roles.get("lead", ()),
        responsible=found.roles.get("responsible", ()),
        deadline=found.deadline or _due_in(task),
        path=sections[index].path if index >= 0 else (),
        start=found.start,
        end=found.end,
        statement_end=max(found.end, found.words[1]),
    )
