"""Names of offices: lists of them, and what is none."""

import re
from collections.abc import Sequence

OPENING, CLOSING = "（([［【〔〈《<", "）)]］】〕〉》>"
BRACKETS = dict(zip(OPENING, CLOSING, strict=True))
_OFFICE = (
    r"(?:局(?!面|部)|委员会|委(?!员|托|会(?!同))|政府|办公[室厅]|厅|办(?!公|法|理|事)|处(?!理|室|置)|部(?!门|分|署)|中心(?!城)|街道(?!办)"
    r"|社区(?!居|工|党)|乡镇|[支总大]队|海关|公司|集团|协会|总会|工会|妇联|残联|[银支分]行|法院|检察院|[管居村业]委会|党工委|党支部"
    r"|学校|院(?!校)|所(?!有|需|在)|站(?!点)|组(?!织|建)|部门|单位)"
)
_NOTED = r"(?:[（(〔][^（）()〔〕。\n]{1,16}[）)〕])?"
_LETTER = r"(?:(?!由|会同)[\u4e00-\u9fff“”\d])"
_UNIT = (
    rf"(?:(?:{_LETTER}{{1,12}}[（(][^（）()\n]{{1,12}}[）)])?{_LETTER}{{1,18}}?{_OFFICE}{_NOTED}"
    rf"|(?:各(?:地|[市州县区镇])|社区|街道|乡镇|物业){_NOTED})"
)
UNITS = rf"{_UNIT}(?:[、和及与]{_UNIT})*(?:等(?:有关|相关)?(?:部门|单位)?)?"
NOTE = re.compile(r"[〈（(<](?:含|包括|下同|以下)[^〉）)>]*[〉）)>]")
_NOT_A_UNIT = re.compile(
    r"^(?:有关|相关|各|该|本|同|其他?|并|上述|责任|牵头|主管)*(?:部门|单位|组|处|所)$"
    r"|[由在把的了请给]|负责|应当|会同"
)
BEFORE_NAME = re.compile(r"^(?:(?:并|可|应|即|具体|统一|原则上|分别)?由|即|以|其中|同时)")
_LEVEL = r"(?:自治)?[市州县区旗镇]"
_EACH_LEVEL = re.compile(rf"各(?:设区)?{_LEVEL}(?:、{_LEVEL})*{_NOTED}")
_NEXT_LEVEL = re.compile(rf"{_LEVEL}{_NOTED}(?:(?:人民)?政府.*)?")
_LONGEST_NAME = 30


def split_units(names: str) -> tuple[str, ...]:
    """Names parted by 、，,； outside nested brackets; notes such as 〈含…，下同〉 are dropped.

    >>> split_units("市财政局、市妇联，各区人民政府〈含开发区、风景区，下同〉")
    ('市财政局', '市妇联', '各区人民政府')
    """
    units: list[str] = []
    depth, start = 0, 0
    for position, character in enumerate(names + "、"):
        if character in OPENING:
            depth += 1
        elif character in CLOSING:
            depth = max(0, depth - 1)
        elif character in "、，,；;" and depth == 0:
            unit = NOTE.sub("", names[start:position]).strip(" \t\u3000。.\n")
            if units and _EACH_LEVEL.fullmatch(units[-1]) and _NEXT_LEVEL.fullmatch(unit):
                unit = f"{units.pop()}、{unit}"  # 各市、县（区）人民政府 is one name
            units.append(unit)
            start = position + 1
    units = [_without_others(unit) for unit in units]
    return tuple(dict.fromkeys(unit for unit in units if unit and unit != "下同"))


def _without_others(unit: str) -> str:
    """市公安局 for 市公安局等部门; 卫生健康等部门 stays, because it names no office without."""
    named = re.sub(r"等(?:[省市县区]直)?(?:有关|相关)?(?:部门|单位)?$", "", unit)
    return named if re.search(rf"{_OFFICE}{_NOTED}$", named) else unit


def are_offices(names: Sequence[str]) -> bool:
    """Whether these are offices: none is a clause, and most end as offices do."""
    if any(len(name) > _LONGEST_NAME or re.search("[。：:]", name) for name in names):
        return False
    offices = [name for name in names if re.search(rf"(?:{_OFFICE}{_NOTED}|^各.+)$", name)]
    return 2 * len(offices) > len(names)


def named_offices(names: str) -> tuple[str, ...]:
    """The offices in a run of names joined by 、 and 和; none that is only 有关部门."""
    names = BEFORE_NAME.sub("", re.sub(rf"({_OFFICE})[和及与]", r"\1、", names))
    return tuple(unit for unit in split_units(names) if not _NOT_A_UNIT.search(unit))
