"""Slots in a message: where, who to call, how urgent. Small named rules, each tested.

Phones are found by `phonenumbers`; places by what Chinese addresses end with (小区, 号楼, 路, 门口),
read leftwards to where the name must begin.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

from intents.parse import Entity

NUMBER = r"(?:\d{1,4}|[一二三四五六七八九十百两]{1,4})"
BUILDING = re.compile(rf"(?:第?{NUMBER}\s*(?:号楼|号院|栋|幢|座|[#＃]楼?)|[A-Za-z]\d?(?:座|栋|幢))")
UNIT = re.compile(rf"(?:{NUMBER}|[A-Za-z])\s*(?:单元|单源)")
FLOOR = re.compile(rf"(?<![\d号]){NUMBER}\s*(?:层|楼)(?!下|上|道|栋|顶|梯)")
ROOM = re.compile(r"(?<!\d)\d{3,4}\s*(?:室|房间|房|号房)")
HOUSE_NUMBER = re.compile(r"\d{1,4}\s*(?:弄\d*号?|号(?!楼|院|线|码))")
ESTATE = re.compile(
    r"小区|花园|家园|新村|新城|公寓|苑|家属院|宿舍|大院|山庄|名都|豪庭|雅居|华府|庭院|大厦|公馆|福里|新苑"
)
COMMUNITY = re.compile(r"社区|街道|居委会|村(?!里|民|委)|镇(?!上|定)")
ROAD = re.compile(r"大道|大街|胡同|路(?!灯|面|上|边|过|由|人|况|牌|标|障|障碍|子|口|费)|街(?!道|坊|上|边)|巷(?!子|口)")
LANDMARK = re.compile(
    r"(?:小区|东|西|南|北|正|大|后|侧|校|单元|楼|店|车库|公园|地铁|医院)?(?:门口|大门|后门|东门|西门|南门|北门|侧门)"
    r"|(?:十字|丁字|三岔)?路口|地下(?:车库|室)|停车场|车库|车棚|楼道|楼梯间|电梯间|电梯口|天台|楼顶|屋顶"
    r"|垃圾(?:站|房|桶|点|箱)|公交(?:车)?站|地铁(?:站|口)|菜(?:市)?场|幼儿园|[一二三四五六七八九]?小学|中学|学校"
    r"|卫生(?:站|院|服务中心|室)|医院|药店|超市|公园|广场|健身(?:区|广场|器材)|凉亭|花坛|草坪|绿化带|篮球场|活动室|活动中心"
    r"|门岗|岗亭|保安亭|配电(?:房|室|箱)|水泵房|充电桩|快递柜|河边|桥(?:头|下|上)|天桥|巷子|巷口|楼下|楼上|隔壁"
)
SIDE = re.compile(r"(?:对面|旁边|旁|附近|后面|前面|里面|外面|边上|那里|那边|那儿|这里|这边|那块|那头|拐角|尽头|门前|跟前|侧面)")

_STOP_WORDS = (
    "我们 咱们 俺们 你们 他们 咱 俺 我家 家住 住在 位于 就在 现在 请问 麻烦 关于 反映 举报 投诉 那个 这个 "
    "我 你 他 她 它 在 到 从 去 住 的 了 是 有 这 那 就 跟 与 给 把 被 请 想 要 说 啊 呢 吧 嘛 和 及 来 往 "
    "地点 地址 改成 换成 不是 应该 靠近 挨着 家 每天 今天 昨天 晚上 早上 都 也 还 叫 走 过 向 对 于 经过 因为 "
    "您好 你好 同志 师傅 老师 建议 希望 能不能 可不可以 可以 能否"
).split()
_STOP = re.compile("|".join(sorted(map(re.escape, _STOP_WORDS), key=len, reverse=True)))
_NAME_WITH_STOP = re.compile(r"和(?=[平谐睦美顺信润悦家])|家(?=[和园福乐])|万家|人家|都(?=市|会|汇)|有(?=福|余)|福|来(?=福)|向(?=阳)|对(?=外)|走(?=马)|过(?=街)")
_HAN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·]")
MAX_NAME = 8
VAGUE = re.compile(
    r"(?:楼道|楼梯间|电梯间|电梯口|楼下|楼上|楼顶|屋顶|天台|隔壁|充电桩|垃圾(?:桶|箱|点)|快递柜|绿化带|草坪|花坛"
    r"|门口|路口|河边|桥下|巷子|车库|楼门口|这里|那里|这边|那边|旁边|旁|附近|里面|外面|边上|\s|[，,的])+"
)
"""Places that every neighbourhood has many of: they do not say where."""

REFUSAL = re.compile(
    r"^(不|唔|莫|别|甭|无|没|算了)?.{0,3}?(不留|唔留|不用留|不想留|不要留|别留|匿名|不方便留?|不提供|没有?电话|没手机|冇电话|不给|不写|不填)"
    r"|^(不用了?|不要|不了|唔使|免了|跳过|无)[。.!！了吧]*$"
)
CORRECTION = re.compile(
    r"不是(?P<old>[^，,。 ]{1,20}?)[，, ]*(?:而?是|应该是|系)(?P<new>[^，,。]{1,30})"
    r"|(?:^|[，,。 ])(?:不对|错了|说错了|搞错了|打错了|更正|写错了|不系)[，,。 ]*(?:应该|其实)?(?:是|系)?(?P<only>[^，,。]{2,30})"
    r"|(?:地点|地址|位置)?(?:改成|改为|换成|改到)(?P<changed>[^，,。]{2,30})"
)
QUESTION = re.compile(
    r"[?？]|吗|么$|呢$|什么|啥|怎么|咋|如何|哪|谁|几|多少|多久|多长|是否|能不能|可不可以|有没有|要不要|行不行|为什么|为啥|是不是|点样|边个|邊個|乜|甚麼|怎樣|莫子|么事|哪个"
)
DANGER = re.compile(
    r"着火|起火|冒烟|火花|漏电|触电|电线.{0,4}(断|掉|垂|裸露)|燃气|煤气|天然气.{0,3}漏|漏气|坍塌|塌(了|陷|方)|倒塌|要倒|坠落|掉下来|井盖.{0,4}(没|丢|不见|缺|坏|翻)|砸到|伤人|咬人|被困|爆炸|危险"
)
UTILITY = re.compile(r"停水|停电|没水|没电|断电|断水|没气|停气|停暖|暖气不热|水管爆|爆管|爆裂|水淹|倒灌|电梯.{0,5}(坏|停|不动|不能用)")
COMPLEX = re.compile(r"加装电梯|装电梯|改造|重建|规划|产权|维修资金|业委会|换物业|物业费|拆迁|补偿|违建|违章建筑")
OTHERS = re.compile(r"我们(楼|小区|院|单元|这栋|整栋|这一片|好多|几家)|大家|邻居们|居民|业主们|全(楼|小区)|整(栋|个|层)|好几(家|户|个人)|很多人|老人(们)?|孩子们|家家")
ID_NUMBER = re.compile(r"(?<![\dA-Za-z])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])")
PERSON = re.compile(
    r"(?:我(?:叫|姓)|姓名[:：是]?|联系人[:：是]?|找)\s*(?P<named>[\u4e00-\u9fff]{1,4}?)(?=[，,。；;\s\d]|电话|手机|$)"
    r"|(?P<titled>[赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹柏章苏潘葛范彭鲁韦马方俞任袁柳鲍史唐费薛雷贺汤罗毕郝安常乐于时傅皮卞齐康伍余元顾孟平黄穆萧尹姚邵汪毛禹狄贝明臧计成戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路江童颜郭梅林刁钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房解应宗丁宣邓洪包左石崔龚程邢裴陆荣翁段侯武刘景龙叶黎白赖卓乔温庄柴阎易廖曾关欧]"
    r"(?:阿姨|叔叔?|大爷|大妈|师傅|女士|先生|婆婆|爹爹|奶奶|爷爷|老师|姐|哥|嫂))"
)


@dataclass(frozen=True)
class Slots:
    """What a message says about a matter; empty where it says nothing.

    `place` is the whole phrase in the resident's own words, `phone` is E.164, `urgency` one of
    danger, utility, general, complex. `others_affected` is true where neighbours suffer as well.
    """

    place: str = ""
    community: str = ""
    estate: str = ""
    building: str = ""
    road: str = ""
    landmark: str = ""
    person: str = ""
    phone: str = ""
    urgency: str = "general"
    others_affected: bool = False
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True)
class Correction:
    """“不是 old 是 new”; `old` is empty where only the new value was said."""

    old: str
    new: str


def read_slots(text: str) -> Slots:
    """All slots of one message, in one pass."""
    entities = tuple(sorted(extract(text), key=lambda entity: entity.start))
    first = {entity.entity: entity.value for entity in reversed(entities)}
    place = first.get("place", "")
    return Slots(
        place="" if VAGUE.fullmatch(place) else place,
        community=first.get("community", ""),
        estate=first.get("estate", ""),
        building=first.get("building", ""),
        road=first.get("road", ""),
        landmark=first.get("landmark", ""),
        person=first.get("person", ""),
        phone=first.get("phone", ""),
        urgency=urgency(text),
        others_affected=bool(OTHERS.search(text)),
        entities=entities,
    )


def extract(text: str) -> Iterable[Entity]:
    """Every entity with its range; `place` spans the parts of an address that stand together."""
    parts = list(_place_parts(text))
    yield from parts
    if place := _whole_place(text, parts):
        yield place
    yield from _phones(text)
    yield from (_entity("id_number", match) for match in ID_NUMBER.finditer(text))
    for match in PERSON.finditer(text):
        group = "named" if match["named"] else "titled"
        yield Entity("person", match[group], match.start(group), match.end(group))


def urgency(text: str) -> str:
    """Danger to life or property, a utility cut, a complex matter, or a general one."""
    if DANGER.search(text):
        return "danger"
    if UTILITY.search(text):
        return "utility"
    return "complex" if COMPLEX.search(text) else "general"


def is_question(text: str) -> bool:
    """Whether the message asks something, with or without a question mark."""
    return bool(QUESTION.search(text))


def is_contact_refusal(text: str) -> bool:
    """“不留”, “唔留”, “不用了”, “匿名”: no contact, said in a short message."""
    return len(text) <= 16 and bool(REFUSAL.search(text))


def correction(text: str) -> Correction | None:
    """“不是3号楼是5号楼”, “不对，是5号楼”, “地点改成东门”; None where nothing is corrected."""
    match = CORRECTION.search(text) if len(text) <= 40 else None
    if match is None:
        return None
    new = match["new"] or match["only"] or match["changed"]
    return Correction((match["old"] or "").strip(), new.strip(" 。.!！了"))


def _place_parts(text: str) -> Iterable[Entity]:
    for match in BUILDING.finditer(text):
        yield _entity("building", match)
    for name, pattern in (("unit", UNIT), ("floor", FLOOR), ("room", ROOM)):
        yield from (_entity(name, match) for match in pattern.finditer(text))
    for name, pattern in (("estate", ESTATE), ("community", COMMUNITY), ("road", ROAD)):
        for match in pattern.finditer(text):
            start = _name_start(text, match.start())
            if start < match.start() or match[0] in ("小区", "家属院", "大院", "宿舍"):
                yield Entity(name, text[start : match.end()], start, match.end())
    yield from (_entity("house_number", match) for match in HOUSE_NUMBER.finditer(text))
    yield from (_entity("landmark", match) for match in LANDMARK.finditer(text))


def _name_start(text: str, end: int) -> int:
    """Where the name that ends at `end` begins: after a stop word, a number's unit or a border."""
    start = end
    while start > 0 and end - start < MAX_NAME and _HAN.match(text[start - 1]):
        start -= 1
    window = text[start:end]
    kept = {span for match in _NAME_WITH_STOP.finditer(window) for span in range(*match.span())}
    for match in _STOP.finditer(window):
        if not kept.intersection(range(*match.span())):
            start = end - len(window) + match.end()
    for pattern in (BUILDING, UNIT, COMMUNITY, ESTATE, ROAD, LANDMARK):
        for match in pattern.finditer(text, start, end):
            start = max(start, match.end())
    return start


def _whole_place(text: str, parts: list[Entity]) -> Entity | None:
    """The longest run of address parts that touch, or nearly so, with the words of side after it."""
    spans = sorted((part.start, part.end) for part in parts)
    spans += [match.span() for match in SIDE.finditer(text)] if spans else []
    runs: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if runs and re.fullmatch(r"[的\s，,]?", text[runs[-1][1] : start] if start > runs[-1][1] else ""):
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    runs = [run for run in runs if any(run[0] <= part.start < run[1] for part in parts)]
    if not runs:
        return None
    start, end = max(runs, key=lambda run: run[1] - run[0])
    return Entity("place", text[start:end].strip(" ，,的"), start, end)


def _phones(text: str) -> Iterable[Entity]:
    hidden = ID_NUMBER.sub(lambda match: "x" * len(match[0]), text)
    for match in phonenumbers.PhoneNumberMatcher(hidden, "CN"):
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        yield Entity("phone", number, match.start, match.end)


def _entity(name: str, match: re.Match[str]) -> Entity:
    return Entity(name, match[0], match.start(), match.end())
