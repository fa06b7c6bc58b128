"""What workers may say instead of commands: lists by name, and what shall become of a proposal.

Pure functions. Words are read this way for enrolled workers alone, and without a code only while
they are at it: after a list or a proposal was shown.
"""

import re
from itertools import chain

from bot.conversation import Conversation
from bot.slash_commands import CODE, Route
from knowledge.outline import number_of

LISTS = re.compile(
    r"^(?:请|帮我|给我|我要|我想)*"
    r"(?:看看?|看一下|列出|列一下|打开|查看|查一下|有哪些|有什么|有没有|有多少|有几[个件]|现在|还|有|哪些|什么)*"
    r"(?:(?P<new>新(?:来|报)?的?(?:提案|诉求))|(?P<due>(?:快到期|快超期|超期|要到期)(?:了|和超期|的)*(?:提案|诉求)?)"
    r"|(?P<mine>我(?:经手|办|在办|负责)的(?:提案|诉求)?)|(?P<tickets>人工来访|(?:等人工|找人工)的居民)"
    r"|(?P<corrections>服务纠错)|(?P<list>(?:全部)?(?:待办|没办完|没办|在办)的?(?:提案|诉求|事项?)?))"
    r"(?:有哪些|有什么|有几件|有多少|有吗|呢|吗|列表)?[？?。.]*$"
)
"""Lists that have commands of these names."""

_NUMBER = re.compile(
    r"^(?:看看?|打开|查看|点开|选|要|就)?第?(?P<number>[一二三四五六七八九十]{1,2}|\d{1,2})"
    r"(?:个|件|条|项|号)?(?:吧|呢|啊|看看)?[。.]*$"
)
_FIND = re.compile(
    r"^(?:请|帮我|我要)?(?:找|查|搜)(?:一下|找)?(?P<words>.{2,20}?)(?:的?(?:提案|诉求|那[件个]))?[。.]*$"
    r"|^(?:看看?|打开)?(?P<that>.{2,12}?)那[件个](?:事情?|提案)?"
    r"(?:什么情况|啥情况|怎么样了?|咋样了?|到哪一?步了?|进展|呢|办了没有?|办好了?[没吗])?[？?。.]*$"
)
"""找路灯的提案, 路灯那件什么情况: by what stands in title or place."""
_START = (
    rf"^(?:请|麻烦)?(?:把|给|将)?(?:(?P<code>{CODE.pattern})|这[件个]|那[件个]|它)?(?:事情?|提案)?"
    r"[，,：:\s]*"
)
_REST = r"[，,：:\s]*(?P<rest>.*)$"
_VERBS: tuple[tuple[str, str], ...] = (
    ("assign", r"(?:转|分派|指派|派|交|分)(?:给|到)(?P<rest>.{2,20})$"),
    ("return", rf"退单{_REST}"),
    (
        "reply",
        rf"(?:回复|答复|告诉)(?:一下)?(?:居民|群众|对方|[他她]|报的人)?(?:一声|说)?{_REST}",
    ),
    ("note", rf"(?:加个)?备注(?:一下)?{_REST}"),
    (
        "merge",
        rf"(?:合并|并)(?:到|入|进|给)?\s*(?:(?P<rest>{CODE.pattern})(?:里|一起|上)?)?[。.]*$",
    ),
    (
        "contacts",
        r"(?:看看?|查看|查一下|给我|我要)*(?:联系方式|联系电话|电话号码|电话|联系人|谁报的|谁提的)"
        r"(?:是多少|是谁|多少|呢)?(?P<rest>)[？?。.]*$",
    ),
    ("move executed", rf"(?:已经|已|都)?(?:办|修|处理|解决)(?:好|结|完|掉)?了{_REST}"),
    ("move executed", rf"办结{_REST}"),
    ("move decided", rf"(?:已经|已)?(?:议定|定下来)了?{_REST}"),
    ("move discussed", rf"(?:开始|正在|先)?商[议量](?:中|一下|着)?{_REST}"),
    ("move declined", rf"(?:不予?受理|办不了){_REST}"),
    (
        "edit",
        r"(?:把)?(?P<field>紧急程度|类别|社区|地点|标题|内容|楼栋)(?:改|换)(?:成|为|到)(?P<rest>.+)$",
    ),
    ("edit", r"改(?:成|为)(?P<rest>)(?!.*[吗么呢？?]$).{1,10}$"),
    ("edit", r"(?:更正|改一下|改一改|要改|修改)(?P<rest>)[。.]*$"),
)
_READERS = tuple((verb, re.compile(_START + body, re.DOTALL)) for verb, body in _VERBS)
_BOTH = re.compile(
    rf"^(?:把)?合并\s*(?P<code>{CODE.pattern})\s*(?:到|入|进|和|与|跟|给)+\s*(?P<rest>{CODE.pattern})"
)


def route_worker_words(text: str, state: Conversation) -> Route | None:
    """The command that a worker's everyday words stand for; None for anything else."""
    text = text.strip()
    if (match := LISTS.match(text)) and match.lastgroup:
        return Route("worker", match.lastgroup)
    if CODE.fullmatch(text):
        return Route("worker", f"show {text.upper()}") if text[0] in "Pp" else None
    if both := _BOTH.match(text):
        return Route("worker", f"merge {both['code'].upper()} {both['rest'].upper()}")
    if state.last_act == "worker" and (said := _NUMBER.match(text)):
        number = number_of(said["number"])
        code = next(iter(state.listed[number - 1 : number]), "")
        return Route("worker", f"show {code}") if code else None
    if about := _about_one(text, state):
        return about
    if state.last_act == "worker" and (sought := _FIND.match(text)):
        return Route("worker", f"find {sought['words'] or sought['that']}")
    return None


def _about_one(text: str, state: Conversation) -> Route | None:
    """What shall become of the proposal that is named, or that was opened last."""
    for verb, reader in _READERS:
        if match := reader.match(text):
            named = match["code"] or (state.opened if state.last_act == "worker" else "")
            if not named:
                return None
            verb, *stage = verb.split()
            field = match.groupdict().get("field") or ""
            words = chain(
                (verb, named.upper()), stage, (field, (match["rest"] or "").strip("，,：: "))
            )
            return Route("worker", " ".join(word for word in words if word))
    return None
