"""Slots in a message: where, since when, who to call, how urgent. Small named rules, each tested.

Places are read by `intents.places`, phones by `phonenumbers`. All rules read the text as
`characters.plain` gives it (half-width, simplified); values of names and places are the resident's
own characters.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from intents.characters import MAX_CHARACTERS, plain
from intents.parse import Entity
from intents.phrases import (
    Correction,
    correction,
    is_abuse,
    is_contact_refusal,
    is_notice,
    is_question,
    is_rhetorical,
)
from intents.places import find_places

__all__ = [
    "Correction", "Slots", "correction", "extract", "is_abuse", "is_contact_refusal",
    "is_notice", "is_question", "is_rhetorical", "read_slots", "urgency",
]  # fmt: skip

DANGER = re.compile(
    r"着火|起火|失火|火烛|烧起来|燃起来|冒烟|冒火|火花|漏电|触电|电到人|爆炸"
    r"|电线.{0,4}(?:断|掉|垂|裸露|落|耷拉|拖在)|(?:燃气|煤气|天然气|液化气).{0,3}漏|漏气|[煤燃]气味"
    r"|坍塌|塌(?:了|陷|方|下)|倒塌|要[倒塌]|坠落|掉下来|砸[到伤]"
    r"|井盖.{0,4}(?:没|丢|不见|缺|坏|破|碎|裂|塌|翻|冇|莫得)"
    r"|[伤咬]人|咬伤|被困|困[人住]|溺水|落水|晕倒|昏倒|[持拿]刀|危险"
)
_NOT_YET = re.compile(
    r"(?:怕|担心|万一|以免|免得|避免|(?<!消)防|容易|要是|如果|假如|会不会|当心|小心|差点|没有?|冇|不会"
    r"|演练|宣传)[^，,。；;！!？?]{0,6}$"
)
"""Before a word of danger: it has not happened (楼道堆满纸箱，怕着火)."""
UTILITY = re.compile(
    r"(?:[停没无冇断]|莫得|没得)[水电气暖]|暖气不热|不供暖|水管.{0,2}[爆裂破]|爆[管裂]|水[淹浸]|倒灌"
    r"|(?:电梯|升降机|𨋢).{0,5}(?:坏|停|不动|不能用|故障|扯拐)"
)
COMPLEX = re.compile(
    r"装电梯|改造|重建|规划|产权|维修[资基]金|业委会|业主大会|换物业|物业费|拆迁|征地|补偿|学区"
    r"|违建|违章建筑|私搭乱建"
)
OTHERS = re.compile(
    r"我们(?:整?[楼院栋]|小区|单元|这[栋楼边片里块]|整|好多|几家|全)|大家|大伙|邻居们|居民|业主们|街坊"
    r"|全(?:楼|院|村|小区)|[整成][栋个层]|一栋楼|好[几多][家户人个]|[很不][多少]人|老人们?都|孩子们"
    r"|家家户?户?|各家|我哋"
)

ID_NUMBER = re.compile(
    r"(?<![\dA-Za-z])\d{6}[\s-]?(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
    r"[\s-]?\d{3}[\dXx](?![\dA-Za-z])"
)
"""18 digits of an identity card (GB 11643): region, day of birth, sequence, check digit."""

_SPOKEN = re.compile(r"[零〇一二三四五六七八九幺]{7,12}")
"""A number as dictation writes it (幺三八零零幺三八零零零)."""
_DIGITS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_LOCAL = re.compile(r"(?:电话|座机|固话|打)[是为号码:：\s]{0,3}([2-8]\d{2,3}[\s-]?\d{4})(?!\d)")
"""A landline without area code, told from other numbers by the word before it."""
_EXTENSION = re.compile(r"\s?(?:转分机|转|分机号?)\s?(\d{1,6})(?!\d)")
_CONTACT_TYPES = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
)
"""A hotline (400-…) that a resident names is not their own number."""

_SURNAME = (
    "(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容"
    "|[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏章苏潘葛范"
    "彭郎鲁韦马苗凤方俞任袁柳鲍史唐费廉岑薛雷贺倪汤罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾"
    "孟平黄穆萧尹姚邵汪祁毛禹狄贝明臧计成戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄江童"
    "颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房解应宗丁宣邓郁单杭洪包左石崔吉龚程邢"
    "裴陆荣翁甄储段侯武刘景龙叶司黎白赖卓乔温庄柴阎易廖曾关欧向涂聂])"
)
_TITLE = (
    "(?:阿姨|叔叔?|大[爷妈娘叔姐哥]|师傅|女士|先生|小姐|太太|婆婆|爹爹|奶奶|爷爷|嬢嬢|老师|同志"
    "|书记|医生|姐|哥|嫂|生)"
)
_AFTER_NAME = r"(?=[，,。；;、！!\s\d(（]|电话|手机|号码|联系|住|$)"
PERSON = re.compile(
    rf"(?:我叫|本人叫?|姓名[是叫为:：]?|名字[是叫:：]?|联系人[是为:：]?|我[是系]|我个?名叫)\s?"
    rf"(?P<named>{_SURNAME}[一-龥]{{1,2}}){_AFTER_NAME}"
    rf"|(?:我|本人|免贵)姓(?P<surname>{_SURNAME})"
    rf"|(?<![一-龥])(?P<signed>{_SURNAME}[一-龥]{{1,2}})"
    rf"(?=[，,、\s]?(?:电话|手机|联系)?[:：\s]?1[3-9]\d)"
    rf"|(?P<titled>[老小]?{_SURNAME}{_TITLE})(?![一-龥]?们)"
)
"""我叫王建国, 我姓李, 王建国 138…, 王阿姨."""

_COUNT = r"(?:\d{1,3}|[一二两三四五六七八九十百几好多半]{1,3})"
_HOUR = r"(?:凌晨|清早|一大早|[早晚]上|早晨|[上中下]午|傍晚|夜[里晚]|[半深]夜|[早晚]高峰|[早晚])"
_WEEKDAY = r"(?:星期|周|礼拜)[一二三四五六日天末]"
_DAY = (
    rf"(?:大?前天|昨[天日晚夜]?|今[天日早晚]?|[琴寻]日|前晚|上{{1,2}}个?(?:{_WEEKDAY}|星期|周|礼拜)"
    rf"|[这本]周|{_WEEKDAY}|[上这]个?月|本月|[去今前]年|年[初前]|春节|国庆|\d{{1,2}}月\d{{1,2}}[日号]?"
    r"|[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号])"
)
_CLOCK = rf"(?:{_COUNT}点(?:[半钟多]|[一二三四五六七八九十\d]{{1,3}}分?)?|\d{{1,2}}[:：]\d{{2}})"
TIME = re.compile(
    rf"[自从]?{_DAY}(?:的?{_HOUR})?{_CLOCK}?(?:以后|开始|起|到现在|至今)?"
    rf"|(?:每[天日晚]|天天|日日|晚晚|经常|一到)?{_HOUR}{_CLOCK}?(?:[到至-](?:{_HOUR}{_CLOCK}?|{_CLOCK}))?"
    rf"(?:[以之]后)?"
    rf"|{_CLOCK}(?:[以之]后|左右|到{_CLOCK})?"
    rf"|{_COUNT}(?:多个?|个多?)?(?:天|日|周|星期|礼拜|月|年|小时|钟头|分钟)[多半]?"
    rf"(?:了|以上|以?前|来)?(?![内之级轻])"
    r"|每[天周]|天天|每到周末|周末|刚[才刚]|长期|常年|成[日晚]"
)
"""When, or since when: 昨天晚上, 三天了, 一个多月, 每天早上六点, 上周三."""


@dataclass(frozen=True)
class Slots:
    """What a message says about a matter; empty where it says nothing.

    `place` is the whole phrase in the resident's own words, `time` likewise. `phone` is E.164, with
    `转` and the extension behind it where one was given; a landline without area code stays as
    its digits. `urgency` is one of danger, utility, general, complex. `others_affected` is true
    where neighbours suffer as well.
    """

    place: str = ""
    community: str = ""
    estate: str = ""
    building: str = ""
    road: str = ""
    landmark: str = ""
    time: str = ""
    person: str = ""
    phone: str = ""
    urgency: str = "general"
    others_affected: bool = False
    entities: tuple[Entity, ...] = ()


_NAMED_SLOTS = (
    "place",
    "community",
    "estate",
    "building",
    "road",
    "landmark",
    "time",
    "person",
    "phone",
)


def read_slots(text: str) -> Slots:
    """All slots of one message; of each kind the first one found."""
    entities = tuple(sorted(extract(text), key=lambda entity: (entity.start, -entity.end)))
    first = {entity.entity: entity.value for entity in reversed(entities)}
    return Slots(
        **{name: first.get(name, "") for name in _NAMED_SLOTS},
        urgency=urgency(text),
        others_affected=bool(OTHERS.search(plain(text[:MAX_CHARACTERS]))),
        entities=entities,
    )


def extract(text: str) -> Iterable[Entity]:
    """Every entity with its range; `place` spans the parts of an address that stand together."""
    text = text[:MAX_CHARACTERS]
    read = plain(text)
    yield from find_places(text, read)
    yield from _phones(read)
    yield from _people(text, read)
    for name, pattern in (("id_number", ID_NUMBER), ("time", TIME)):
        yield from (
            Entity(name, text[match.start() : match.end()], *match.span())
            for match in pattern.finditer(read)
        )


def urgency(text: str) -> str:
    """Danger to life or property, a utility cut, a complex matter, or a general one."""
    text = plain(text[:MAX_CHARACTERS])
    dangers = DANGER.finditer(text)
    if any(not _NOT_YET.search(text, max(0, at.start() - 12), at.start()) for at in dangers):
        return "danger"
    if UTILITY.search(text):
        return "utility"
    return "complex" if COMPLEX.search(text) else "general"


def _people(text: str, read: str) -> Iterator[Entity]:
    for match in PERSON.finditer(read):
        group = str(match.lastgroup)
        yield Entity("person", text[match.start(group) : match.end(group)], *match.span(group))


def _phones(read: str) -> Iterator[Entity]:
    digits = _SPOKEN.sub(lambda match: match[0].translate(_DIGITS), read)
    digits = ID_NUMBER.sub(lambda match: "x" * len(match[0]), digits)
    found = False
    for match in phonenumbers.PhoneNumberMatcher(digits, "CN"):
        if phonenumbers.number_type(match.number) in _CONTACT_TYPES:
            found = True
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            extension = _EXTENSION.match(digits, match.end)
            end = extension.end() if extension else match.end
            value = f"{number}转{extension[1]}" if extension else number
            yield Entity("phone", value, match.start, end)
    if not found and (local := _LOCAL.search(digits)):
        yield Entity("phone", re.sub(r"\D", "", local[1]), *local.span(1))
