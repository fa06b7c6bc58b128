"""What a short message does in a conversation: corrects, refuses, asks, or only complains aloud.

Rules over `characters.plain` text, so that one spelling is enough; Wuhan, Sichuan, North-eastern
and Cantonese wording stands beside the standard one.
"""

import re
from dataclasses import dataclass

from intents.characters import MAX_CHARACTERS, plain
from intents.places import find_places

MAX_CORRECTION = 40
MAX_REFUSAL = 16

_NOT = r"(?:不是|唔系|不系|不在|唔喺|并非)"
_FIELD = r"(?:地[点址]|位置|楼[号栋]|门牌号?|电话|号码|手机号?|名字|姓名|类别|分类|内容|时间|日期)"
_SORRY = r"(?:不好意思|唔好意思|对不起|抱歉|对唔住)"
_SLIP = r"(?:[说讲搞打写弄报填记]错字?[了咗]?|错[了咗]|更正(?:一下)?|唔啱)"

OLD_THEN_NEW = re.compile(
    rf"(?<!是){_NOT}(?P<old>[^，,。；\s]{{1,15}}?)[，,\s]*(?:而是|应该?是|[是系在喺])"
    rf"(?P<new>[^，,。；！!？?]{{1,20}})"
)
"""不是3号楼是5号楼"""
NEW_THEN_OLD = re.compile(
    rf"^(?:应该)?[是系在喺]?(?P<new>[^，,。是系]{{1,15}}?)[，,\s]*{_NOT}(?P<old>[^，,。]{{1,15}})$"
)
"""5号楼不是3号楼"""
NEW_ALONE = re.compile(
    rf"^(?:哎呀?|啊|哦|噢|喔|{_SORRY}|[，,\s])*{_FIELD}?我?"
    rf"(?:我?{_SLIP}|{_SORRY}|(?:不对|唔对|不是)(?=[，,。！!\s]|不|应该|其实|[是系])|[，,。！!\s])+"
    rf"(?P<sure>(?:应该|其实|正确的|准确地说)?{_FIELD}?[是系在喺为]?)(?P<new>.{{2,30}})$"
)
"""不对 是5号楼; 地点错了 应该是东门; 不好意思 是83号; 搞错咗 係5座"""
CHANGE = re.compile(
    r"^(?:请|麻烦|帮我|给我){0,2}把?(?P<old>.{0,12}?)[，,\s]*"
    r"(?:改[成为到做]|换成|更正为)(?P<new>.{1,30})$"
)
"""地点改成东门; 3号楼改成5号楼; but not 把绿地改成停车场"""

_LEAVE = (
    r"(?:不|唔|莫|别|冇|甭|懒得)(?:想|要|用|使|方便|愿意|需要|肯|打算)?再?"
    r"(?:留|提供|给|填|写|公开|方便留?)"
)
_CONTACT = r"(?:我的?|个)?(?:联系方式|电话|号码|手机号?|姓名|名字)?"
_TRAILING = r"(?:[了吧啦嘞得的哈啊咯撒嘛行吗就，,。.!！~\s]|可以|提交|直接)*$"
REFUSAL = re.compile(
    rf"{_LEAVE}{_CONTACT}{_TRAILING}"
    rf"|(?:没有?|冇|无|莫得)(?:电话|手机|号码){_TRAILING}|匿名"
    rf"|^(?:算了)?(?:[不唔]要|不用|不必|不需要|唔使|免|跳过)了?{_TRAILING}|^[不无]了?[。.]?$"
)
"""不留电话, 唔留, 没电话, 匿名, 算了不留"""

_NO_QUESTION = re.compile(
    r"(?:哪|谁|什么|啥|怎么|咋|几时|边|乜|点样)[^，,。？?\s]{0,3}[都也]"
    r"|(?:[不莫]管|不论|无论|不知道?|不晓得|唔知|不清楚|说不[清准]|不记得)[^，,。？?\s]{0,6}?"
    r"(?:哪|谁|什么|啥|怎么|几|多少|边)[^，,。？?\s]{0,2}"
    r"|[好十这那前过没上下]几|几[十百千天次]|几个?[月年]了|几(?=[吵臭黑脏烦吓冷热])|多少[次年天]了?"
    r"|哪怕|没什么|没啥|没多少|好多久?了|不怎么|什么的"
)
"""Words of asking that ask nothing: 哪个都行, 好几天, 没什么."""
QUESTION = re.compile(
    r"[?？]|吗|(?<![什怎这那多])么$|(?<!着)呢$|什么|啥|怎[么样]|咋|如何|哪|谁|多[少久长大远]|是否|为何|何时"
    r"|几[点号时个多岁年钱月层楼]|([一-龥])不\1|有没有|有冇|系咪|得唔得|好唔好|可唔可以|[能可]否"
    r"|边[度个间位]|点[样解]|乜|咩|么[样子事]|莫子|啷个|哪门"
    r"|(?<=[了过咗])(?:没有?|冇|未)[呀啊嘛]?$|(?<![要好行对是可说])(?<=[一-龥])不$"
)

_NOBODY = (
    r"(?:没有?|冇|无|莫得)人来?(?:管|修|理|问|清|扫|搞|处理|负责)[^，,。]{0,4}"
    r"[吗嘛么呀啊吧]?[？?！!]*$"
)
_OR_NOT = r"还([修管要让办做])不\1|还让不让|还叫不叫人|([管修办])不\2[^，,。]{0,3}[？?啊呀了]*$"
_SO_LONG = (
    r"(?:[什啥]么?时候|几时|多久|哪天|猴年马月)[^，,。]{0,3}(?:才|先至?)(?:[能会得来修整肯]|可以|有人)"
    r"|[拖等]到(?:什么|啥|几|哪)|还要[等拖忍](?:[多好]久|几)"
)
_WHO = r"谁[来能还][管理](?:[管理]|一管)?[^，,。]{0,3}$|谁管一?管|有没有人来?(?:管|修|理|处理)"
_WHY = (
    r"(?:怎么|咋|点解|为[什啥]么?|做乜)(?:[还又老总仲]|到现在)|难道|凭什么|凭啥|至于吗|像话吗|这[么样][^，,。]{0,8}合理吗|不嫌"
    r"|是不是(?:要|非得|得)等|这[样就][是叫][^，,。]{0,10}[？?]|[收交]了钱[^，,。]{0,8}[？?]"
)
_PAID = r"(?:费|钱|税)[^，,。]{0,4}[交给花缴收]了?[^，,。]{0,3}[是都白就][^，,。]{0,8}[吗嘛么？?]+$"
_IN_VAIN = r"白[交给花缴收]了?[吗嘛么？?]+$|眼睛?瞎|看不[到见][吗嘛么？?]*$"
_AT_LAST = r"到底(?:谁|哪个|有没有|还|几时|[管修]不)[^，,。]{0,8}$"
RHETORICAL = re.compile(
    "|".join((_OR_NOT, _NOBODY, _SO_LONG, _WHO, _WHY, _PAID, _IN_VAIN, _AT_LAST))
)
"""A complaint dressed as a question: 也没人管吗, 还修不修了, 什么时候才能修好, 谁来管管."""


NOTICE = re.compile(
    r"^[\s【\[(（]*(?:温馨|紧急|重要|停[水电气]|安全|物业)?(?:通知|公告|提示|提醒|通报|告示|预警)[】\])）:：]"
    r"|^\s*[【\[(（]?转(?:发|载|贴|自[^，,。\s]{1,10})?[】\])）]?[:：]|^\s*[【\[(（]转[发载][】\])）]"
    r"|请(?:各位|大家|广大)?(?:居民|业主|住户|邻居)?(?:们)?(?:相互转告|互相转告|知悉|周知)|特此(?:通知|公告)"
    r"|^(?:各位|尊敬的)(?:居民|业主|住户)(?:朋友)?们?[：:，,].{0,60}(?:将于|定于|拟于)"
)
"""【通知】…, 转发：…, 请相互转告: words that somebody else wrote for many."""


ABUSE = re.compile(
    r"傻[逼比叉bB]|[妈马]的|他妈|滚[蛋吧开]?$|废物(?!利用|回收)|(垃圾|破|烂)(机器人?|东西|玩意|系统|软件|程序|助手)|去死|混蛋|王八"
    r"|狗屁|狗日|吃屎|脑残|智障|吃干饭|屁事|屁用|神经病|扑街|[仆死]街|瓜娃子|板马"
)


@dataclass(frozen=True)
class Correction:
    """“不是 old 是 new”; `old` is empty where only the new value was said."""

    old: str
    new: str


def correction(text: str) -> Correction | None:
    """“不是3号楼是5号楼”, “不对，是5号楼”, “地点改成东门”; None where nothing is corrected.

    Only short messages correct; a sentence that denies (不是我不交) or asks does not.
    """
    if len(text) > MAX_CORRECTION:
        return None
    read = plain(text)
    if re.search(r"[吗？?]", read):
        return None
    for pattern in (OLD_THEN_NEW, NEW_THEN_OLD, NEW_ALONE, CHANGE):
        match = pattern.search(read)
        if match and _corrects(match):
            old, new = _said(text, match, "old"), _said(text, match, "new")
            return Correction("" if re.fullmatch(f"{_FIELD}?", plain(old)) else old, new)
    return None


def is_contact_refusal(text: str) -> bool:
    """“不留”, “唔留”, “不用了”, “匿名”: no contact, said in a short message."""
    return len(text) <= MAX_REFUSAL and bool(REFUSAL.search(plain(text.strip())))


def is_question(text: str) -> bool:
    """Whether the message asks something, with or without a question mark."""
    read = plain(text[:MAX_CHARACTERS]).strip(" 。.!！~")
    return bool(QUESTION.search(_NO_QUESTION.sub("", read)))


def is_rhetorical(text: str) -> bool:
    """Whether a question only complains (也没人管吗): no answer is wanted, but action."""
    return bool(RHETORICAL.search(plain(text[:MAX_CHARACTERS]).strip(" 。.~")))


def is_abuse(text: str) -> bool:
    """Whether a message holds words of abuse; what else it says may still be a matter."""
    return bool(ABUSE.search(plain(text[:MAX_CHARACTERS])))


def is_notice(text: str) -> bool:
    """Whether a message is a notice that was copied from elsewhere (【停水通知】…)."""
    return bool(NOTICE.search(plain(text[:MAX_CHARACTERS])))


def _said(text: str, match: re.Match[str], group: str) -> str:
    """A group in the resident's own characters, without the particles at its end."""
    if match.groupdict().get(group) is None:
        return ""
    start, end = match.span(group)
    return text[start:end].strip(" ，,:：").rstrip(" 。.!！~了吧啊呀哈哦啦嘞的")


def _corrects(match: re.Match[str]) -> bool:
    """Whether what the pattern found is a value in place of another, not a sentence."""
    groups = match.groupdict()
    new, old = groups["new"], groups.get("old") or ""
    if re.search(r"[不没冇]|因为|为了", old + new):
        return False
    if match.re is NEW_THEN_OLD:
        return _is_value(new) and _is_value(old)
    if match.re is CHANGE:
        return _is_value(old) or re.fullmatch(f"(?:{_FIELD}(?:是|给我|帮我)?)?", old) is not None
    if match.re is NEW_ALONE:
        return bool(groups["sure"]) or _is_value(new) or re.search(_SLIP, match[0]) is not None
    return True


def _is_value(words: str) -> bool:
    return bool(re.search(r"\d", words)) or any(find_places(words, words))
