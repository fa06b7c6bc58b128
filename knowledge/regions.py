"""Which place a document is for: the province and city that its title, issuer or text names."""

import re
from collections import Counter
from functools import lru_cache
from importlib.resources import files

import yaml

NATION = "全国"

_NATIONAL = re.compile(
    r"^(?:中共中央|中央|国务院|全国|最高人民|中华人民共和国|国家|中国人民银行|海关总署|税务总局"
    r"|(?:财政|教育|公安|民政|司法|科技|商务|水利|外交|自然资源|生态环境|交通运输|农业农村"
    r"|文化和旅游|应急管理|退役军人事务|工业和信息化|住房和?城乡建设|人力资源和?社会保障)部)"
)
_LOCAL = re.compile("[我本全][省市区县州]|[省市区县州](?:人民)?政府")
_ENDING = re.compile(
    r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|[\u4e00-\u9fff]{2,10}族自治州"
    r"|蒙古自治州|柯尔克孜自治州|地区|省|市|盟|林区)$"
)
# A short name that is also an ordinary word or another place counts only with its ending.
_AMBIGUOUS = frozenset(["海南", "吉林", "朝阳", "中山", "黄山", "和田", "安康", "大理", "山南"])
_DISTRICT = re.compile(
    r"([\u4e00-\u9fff]{2,3}?(?:新区|自治县|区|县|旗))(?!域|级|内|块|间|分|市|政府采购)"
)
_NO_DISTRICT = re.compile(
    r"[社市辖小园地全各校景疫特山灾街治我本城郊该农湖库发片]区|[全各我本该郊]县|市?[、和与]"
)
_DOMINANT = 0.7
_LEAST_MENTIONS = 2


def region_of(title: str, issuer: str, text: str = "") -> str:
    """The region as "省市区" names in a row, "全国" for national offices, "" when none is stated.

    Issuer and title decide; else the one city that a text of a local office keeps naming.
    """
    for stated in (issuer, title):
        place = _place_in(stated)
        if _NATIONAL.match(stated) and (not place or stated == title != issuer):
            return place if place and starts_with_place(_after_office(stated)) else NATION
        if place:
            return place + _district_after(stated, place)
    return _dominant(text) if _LOCAL.search(text) else ""


def starts_with_place(text: str) -> bool:
    """Whether a text begins with the name of a province or city."""
    return _names().match(text) is not None


def _after_office(stated: str) -> str:
    """What follows the national office: its branch in 国家税务总局厦门市税务局."""
    return re.sub(r"^.*?(?:总局|总署|银行|部|委)", "", stated, count=1)


def _place_in(text: str) -> str:
    """The first city, or else province, that a text names, with its province before it."""
    cities = [match for match in _names().finditer(text) if match[0] in _places()]
    for match in cities:
        place = _places()[match[0]]
        if not _is_province(place):
            return place
    return _places()[cities[0][0]] if cities else ""


def _district_after(text: str, place: str) -> str:
    """A district or county right after the name of its city: 徐汇区 in 上海市徐汇区."""
    for match in _names().finditer(text):
        if _places()[match[0]] == place:
            district = _DISTRICT.match(text, match.end())
            if district and not _NO_DISTRICT.search(district[1]):
                return district[1]
    return ""


def _dominant(text: str) -> str:
    """The city that makes up most of the mentions of cities; "" when several compete."""
    mentions = Counter(
        place for match in _names().finditer(text) if not _is_province(place := _places()[match[0]])
    )
    if not mentions:
        return ""
    place, count = mentions.most_common(1)[0]
    enough = count >= _LEAST_MENTIONS and count >= _DOMINANT * mentions.total()
    return place if enough else ""


def _is_province(place: str) -> bool:
    return place in _provinces() and _provinces()[place] != []


@lru_cache(maxsize=1)
def _provinces() -> dict[str, list[str]]:
    text = files("knowledge").joinpath("regions.yml").read_text("utf-8")
    loaded: dict[str, list[str]] = yaml.safe_load(text)
    return loaded


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    """Every way to write a place, to its full name with the province before it."""
    places: dict[str, str] = {}
    for province, cities in _provinces().items():
        for name in (province, *cities):
            full = name if name == province else province + name
            short = _ENDING.sub("", name)
            places[name] = full
            if short not in _AMBIGUOUS and len(short) > 1:
                places.setdefault(short, full)
    return places


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    names = sorted(_places(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))
