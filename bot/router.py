"""Which action a message goes to, given what it means and what was said before.

Pure functions: the same parse and state always give the same route.
"""

import re
from dataclasses import replace

from bot.actions.form import BARE_REQUEST, is_only_place
from bot.actions.service_card import MAY_SHE
from bot.conversation import Choice, Conversation, Slot
from bot.follow_up import Ask, FollowUp
from bot.follow_up import read as read_follow_up
from bot.messages import Message
from bot.responses import Responses
from bot.slash_commands import CODE, PRIVATE_STARTS, Route
from intents.entities import (
    Slots,
    correction,
    is_abuse,
    is_contact_refusal,
    is_notice,
    is_question,
    is_rhetorical,
)
from intents.parse import Parse

ACT_OF_INTENT = {
    "submit_proposal": "proposal",
    "lookup_service": "service",
    "ask_policy": "policy",
    "check_status": "status",
    "export_proposals": "worker",
    "human_handoff": "handoff",
    "emergency": "emergency",
    "cancel": "cancel",
    "help": "smalltalk",
    "greet": "smalltalk",
    "thanks": "smalltalk",
    "goodbye": "smalltalk",
    "affirm": "smalltalk",
    "deny": "smalltalk",
    "out_of_scope": "smalltalk",
}

QUESTIONS = ("service", "policy", "status")
"""Acts that answer at once, so a form in progress simply goes on after them."""

PUBLIC_ACTS = ("service", "policy", "emergency", "smalltalk", "choose", "cancel")
"""What is done in front of others; the rest concerns contacts, addresses or somebody's own case."""

PLEASANTRIES = ("greet", "thanks", "goodbye", "affirm", "deny")
"""Intents that are met with a word, whichever of them it is."""

MIN_DANGER = 0.2
"""So probable must danger be to count where another intent is more so."""

MIN_QUESTION_CONFIDENCE = 0.5
"""Inside a form, a message must be this clearly a question to be answered as one."""

SERVICE_ASPECT = re.compile(
    r"材料|东西|证件|手续|地址|地方|位置|在?哪[里儿个]?|怎么走|边度|电话|号码|几点|几时|钟|开门|关门|上班|下班|营业|开不开|时间|周末|礼拜|星期"
    r"|周[一二三四五六日天]|[一二三四五六]天|[上中下]午|晚上|[\d一二两三四五六七八九十]+点半?|有人|国庆|节假日|放假"
    r"|春节|过年|大年|元旦|清明|五一|端午|中秋|大?后天|明早|今晚|\d+月|\d+[号日](?!楼)|期间|开[吗不没么]|休息|收费|多少|几多|钱|费用|免费|多久|多长|好久|几天|时限|流程|步骤"
    r"|(?:怎么|咋个?|啷个|么样|点样?)[办弄搞]|网上|线上|手机上|条件|资格|依据|联系|代办|代领|(?:带|准备|需要|要|拿)(?:些|点|齐)?(?:啥|乜|什么|么事|哪些)"
)
FILLER = re.compile(
    r"那么?|请问|还|要|需要|得|带|准备|什么|啥子?|么事|乜嘢?|哪些?|些|呢|吗|嘛|嘞|咧|呗|哦|哈|噻|唦|啊|呀|吧|是|系|的|嘅|能|可以|有|没|冇"
    r"|唔|我|你们?|他们|给|帮|办|弄|搞|做|去|打|到|今天|明天|现在|大概|一般|都|也|了|不|个|好多|几多|[?？。，,！!\s]"
)
REPORTS_IT = re.compile(
    r"^(?:那|就|好的?|行|嗯|还是|我|你|您|请|麻烦|要|想|可以|帮我?|给我|替我|把"
    r"|[它这]|件|个|事情?|情况|[，,、 ])*"
    r"(?:报|上报|报告|反映|反应|告诉|通知)(?:一下)?(?:给|到|上去|去)?"
    r"(?:社区|居委会?|网格员|上去)(?:一下|吧|啊|呀|了|[，,。.!！~ ])*"
)
"""报给社区: the matter that was just told, as the button of these words says it."""
TOLD = ("emergency", "service")
"""Acts after which the matter just told can be reported in these words."""
KEEPS_ALL = re.compile(r"^(算了|还是|那就)?[，, ]*[不唔莫](用|要|想)?(修改|改)(了|咗|啦)[。.!！]?$")
"""算了不改了: inside a form only the change is dropped."""
GIVES_UP = re.compile(
    r"^(那|还是|哎|唉)?(算了|算啦|不报了|不用报了|别报了|不说了)(?!.*[留改填交])[，, 吧啦了]*"
    r"(我|俺|咱|自己|不|懒得|没用|冇用|等|$)"
)
"""算了我自己打电话: inside a form the whole matter is dropped."""
CONTACT_WORD = re.compile(r"留|电话|電話|号码|號碼|手机|手機|匿名")
"""算了不留 refuses the contact; 算了不要了 drops the form."""

MAX_LEFT_OVER = 1
"""A follow-up about the last service names an aspect of it and, but for filler, nothing else."""

ASKS_PERSON = re.compile(r"转人工|轉人工|人工客服|真人|活人")
WITHDRAWS = re.compile(
    r"^(我|想|要|把|帮我|给我|这个|那个|第.[个件]|这件|那件|它|提案|的)*(撤回|撤销|撤掉|撤了)(吧|了|它|提案|一下|掉)*"
    r"[。.!！~]*$"
)
"""撤回第二个 after one's proposals were shown."""
SAYS_WHO = re.compile(r"^(我|俺|咱|本人|家里|我[爸妈])们?(是|系|今年|姓|叫|住在|有房|没房)")
"""我是租户: who asks, not what is to be reported."""
LOST_THING = re.compile(
    r"(?:[本证證卡票书書单單表]|本子|钥匙|鑰匙|手机|手機|钱包|錢包|材料|发票|發票|合同|眼镜|存折|快递|包裹)"
    r"[儿子]?(?:给|也|都|好像|又|被)?[我他她]?(?:弄|搞|整)?"
    r"(?:丢|丟|掉了|掉咗|不见|不見|找不[到着]|遗失|搞落|落在|冇咗)"
)
"""疫苗本子丢了, 卡找不到了."""
ORDINAL = re.compile(r"^(那|选|要|就)?第?([一二三四五六1-6])(个|条|件|项)?(吧|呢|啊)?[。.]?$")


def route_button(message: Message) -> Route:
    """A pressed button: its id is `act:argument`."""
    act, _, argument = message.button.partition(":")
    return Route(act, argument)


def route_edit(message: Message, state: Conversation) -> Route | None:
    """An edit corrects the draft that the message is part of; None when it is part of none."""
    told = state.draft.told if state.draft else ()
    if message.edited in dict(told):
        return Route("proposal", "edited")
    return Route("proposal", "edited_late") if message.edited in state.filed else None


def route_forwarded(message: Message, route: Route, state: Conversation) -> Route:
    """What somebody else wrote, forwarded or copied, is offered as a proposal, unless it tells of
    danger."""
    is_passed_on = message.forwarded or is_notice(message.text)
    if not is_passed_on or state.draft is not None or route.act == "emergency":
        return route
    return Route("proposal", "forwarded")


def keep_private(message: Message, route: Route) -> Route:
    """In a group, what is not for others to read goes on between the two of us."""
    if not message.public or route.act in PUBLIC_ACTS:
        return route
    return Route("smalltalk", f"limit.group_private {PRIVATE_STARTS.get(route.act, 'hello')}")


def route_choice(text: str, choice: Choice, responses: Responses) -> Route | None:
    """A written answer to a question with buttons: the label itself, or its number."""
    labels = [responses.text(f"choose.{option}") for option in choice.options]
    if text in labels:
        return Route("choose", choice.options[labels.index(text)])
    if (ordinal := ORDINAL.match(text)) and (number := digit(ordinal[2])) <= len(labels):
        return Route("choose", choice.options[number - 1])
    return None


def digit(numeral: str) -> int:
    """1 to 9, written as a digit or in Chinese."""
    return int(numeral) if numeral.isdigit() else "一二三四五六七八九".index(numeral) + 1


def route_text(text: str, parse: Parse, slots: Slots, state: Conversation) -> Route:
    """Where a written message goes. Danger comes first, then what was asked, then the intent."""
    if LOST_THING.search(text) and slots.urgency != "danger":
        parse = _without_danger(parse)
    at_work = state.awaiting.startswith("worker:")  # 紧急程度, or a note on a fire, is an answer
    fears = parse.intent == "emergency" and not parse.is_unsure
    if fears and not at_work and not _supposes(text, state):
        return Route("emergency")
    if state.awaiting:
        act, _, argument = state.awaiting.partition(":")
        if _is_awaited(act, text, parse):
            return Route(act, f"awaited:{argument}")
    if code := CODE.search(text):
        return Route("status", code[0].upper())
    if state.draft is not None and state.expecting is not None:
        return _route_in_form(text, parse, slots, state)
    if state.last_act in TOLD and state.question and reports_it(text, slots):
        return Route("proposal", "from_question")
    return _follow_up(text, state) or _route_intent(text, parse, slots, state)


def _without_danger(parse: Parse) -> Parse:
    """The reading without its fear: a lost thing is no lost child (小孩的疫苗本丢了)."""
    ranking = tuple((name, share) for name, share in parse.ranking if name != "emergency")
    if parse.intent != "emergency" or not ranking:
        return parse
    intent, confidence = ranking[0]
    return replace(parse, intent=intent, confidence=confidence, ranking=ranking, is_unsure=True)


def reports_it(text: str, slots: Slots) -> bool:
    """Whether a message says only that the matter just told shall be reported, and maybe where."""
    said = REPORTS_IT.match(text)
    if said is None:
        return False
    left = text[said.end() :]
    return not (left.replace(slots.place, "") if slots.place else left).strip("就在是，,。.!！ ")


def _is_awaited(act: str, text: str, parse: Parse) -> bool:
    """Whether a message is the single answer that was waited for.

    Words about a finished matter are optional: who asks something else instead is answered.
    """
    if parse.intent == "cancel" and not parse.is_unsure:
        return False
    asks = is_question(text) and ACT_OF_INTENT[parse.intent] in (*QUESTIONS, "handoff")
    return not (act == "status" and asks and parse.confidence >= MIN_QUESTION_CONFIDENCE)


def _route_in_form(text: str, parse: Parse, slots: Slots, state: Conversation) -> Route:
    """Inside a form the type of the expected slot is checked before the intent."""
    if KEEPS_ALL.search(text):
        return Route("proposal", "resume")
    refuses = is_contact_refusal(text) and bool(CONTACT_WORD.search(text))
    gives_up = parse.intent == "cancel" and not (parse.is_unsure or refuses)
    if gives_up or GIVES_UP.search(text):
        return Route("cancel")
    if _answers(text, slots, state.expecting):
        return Route("proposal")
    act = ACT_OF_INTENT[parse.intent]
    asks = is_question(text) or act in ("status", "handoff")
    if act in (*QUESTIONS, "handoff") and asks and parse.confidence >= MIN_QUESTION_CONFIDENCE:
        return Route(act)
    return Route("proposal")


def _answers(text: str, slots: Slots, expecting: Slot | None) -> bool:
    """Whether the message holds a value of the type that was asked for."""
    if correction(text) or is_contact_refusal(text) or slots.phone:
        return True
    return expecting is Slot.PLACE and bool(slots.place) and not is_question(text)


def _follow_up(text: str, state: Conversation) -> Route | None:
    """Short messages that only make sense after the last answer."""
    if state.last_act == "policy" and state.answer and (asks := read_follow_up(text)):
        return Route("policy", f"follow:{asks.ask}:{asks.number}")
    if state.last_act == "status" and WITHDRAWS.match(text):
        return Route("status")  # with the button that does it
    if state.last_act == "status" and (ordinal := ORDINAL.match(text)):
        number = digit(ordinal[2])
        return Route("status", state.listed[number - 1]) if number <= len(state.listed) else None
    if state.services and (ordinal := ORDINAL.match(text)):
        return Route("service", f"pick:{digit(ordinal[2])}")
    if (
        state.last_act == "service"
        and state.service
        and (_asks_aspect(text) or MAY_SHE.match(text))
    ):
        return Route("service", "follow")
    return None


def _supposes(text: str, state: Conversation) -> bool:
    """Whether a message only asks the last policy question for another case."""
    follows = state.last_act == "policy" and state.answer is not None
    return follows and read_follow_up(text) == FollowUp(Ask.CASE)


def _asks_aspect(text: str) -> bool:
    left = FILLER.sub("", SERVICE_ASPECT.sub("", text))
    return bool(SERVICE_ASPECT.search(text)) and len(left) <= MAX_LEFT_OVER


def _route_intent(text: str, parse: Parse, slots: Slots, state: Conversation) -> Route:
    intent = parse.intent
    is_bare_place = intent == "out_of_scope" and is_only_place(text, slots)
    if is_bare_place or _only_complains(text, parse):
        intent = "submit_proposal"
    elif parse.is_unsure and state.choice is None:
        intent = _settled(text, parse, slots)
        if not intent:
            return Route("choose")
    act = ACT_OF_INTENT[intent]
    matter = _told_beside(text, parse) if act == "policy" else ""
    return Route(act, "" if act != "smalltalk" else intent, matter)


def _only_complains(text: str, parse: Parse) -> bool:
    """A complaint dressed as a question about rules or services (物业费是白交的吗)."""
    likely = [name for name, _ in parse.ranking[:3]]
    asks = parse.intent in ("ask_policy", "lookup_service")
    return asks and "submit_proposal" in likely and is_rhetorical(text)


def _settled(text: str, parse: Parse, slots: Slots) -> str:
    """An intent that the rest of the message settles where the classifier is unsure.

    Danger counts even when it is only second, unless it is remote or a report of a place speaks
    of none, because a number too many costs little. Who names a place and asks nothing reports
    something, and so does who only says that there is a matter. Between two pleasantries
    (谢谢再见) there is nothing to ask.
    """
    likely = [name for name, _ in parse.ranking[:3]]
    only_reports = slots.place and slots.urgency != "danger" and likely[0] == "submit_proposal"
    if dict(parse.ranking[:2]).get("emergency", 0) >= MIN_DANGER and not only_reports:
        return "emergency"
    if all(name in PLEASANTRIES for name in likely[:2]):
        return likely[0]
    if likely[0] == "human_handoff" and ASKS_PERSON.search(text):
        return "human_handoff"
    if likely[0] == "out_of_scope" and is_abuse(text):
        return "out_of_scope"
    reports = BARE_REQUEST.match(text) or (slots.place and not is_question(text))
    return "submit_proposal" if reports and "submit_proposal" in likely else ""


def _told_beside(text: str, parse: Parse) -> str:
    """What a question also tells of: the clauses that ask nothing, where a proposal is likely too.

    Who somebody is (我是租户，能投票吗) belongs to the question.
    """
    if not any(name == "submit_proposal" for name, _ in parse.ranking[1:2]):
        return ""
    clauses = [part for part in re.split(r"[，。！？,!?；;\s]+", text) if len(part) > 3]
    told = [each for each in clauses if not (is_question(each) or SAYS_WHO.match(each))]
    return "，".join(told) if len(clauses) > 1 else ""
