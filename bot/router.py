"""Which action a message goes to, given what it means and what was said before.

Pure functions: the same parse and state always give the same route.
"""

import re
from dataclasses import dataclass

from bot.conversation import Choice, Conversation, Slot
from bot.messages import Message
from bot.responses import Responses
from intents.entities import Slots, correction, is_contact_refusal, is_question
from intents.parse import Parse

CODE = re.compile(r"[PTpt]\d{8}-\d{4,}")

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

COMMANDS = {
    "start": "smalltalk",
    "help": "smalltalk",
    "propose": "proposal",
    "service": "service",
    "policy": "policy",
    "status": "status",
    "human": "handoff",
    "cancel": "cancel",
    "privacy": "privacy",
    "forget": "privacy",
    "join": "worker",
    "list": "worker",
    "due": "worker",
    "new": "worker",
    "show": "worker",
    "move": "worker",
    "assign": "worker",
    "reply": "worker",
    "note": "worker",
    "merge": "worker",
    "tickets": "worker",
    "answer": "worker",
    "export": "worker",
}

PLAIN_COMMANDS = {
    "隐私": "privacy",
    "隐私说明": "privacy",
    "删除我的信息": "forget",
    "忘记我": "forget",
    "帮助": "help",
    "菜单": "help",
}
"""Commands that a resident may also write as a plain word."""

QUESTIONS = ("service", "policy", "status")
"""Acts that answer at once, so a form in progress simply goes on after them."""

MIN_QUESTION_CONFIDENCE = 0.5
"""Inside a form, a message must be this clearly a question to be answered as one."""

SERVICE_FOLLOW_UP = re.compile(
    r"^(那|那么|请问|还)?(要|需要|还要|得)?(带|准备)?(什么|啥|哪些|些什么)?(材料|东西|证件|手续)"
    r"|要带(什么|啥)|^(那)?(地址|在哪|在哪里|在哪儿|怎么走|电话|电话号码|电话多少|几点|周末|星期|中午|国庆|收费|多少钱|要钱|费用"
    r"|要多久|多久|多长时间|怎么办|流程|网上能办|条件|依据)(呢|吗|是什么|是多少|开门|上班|营业|要什么)?[?？。]*$"
    r"|^(现在|今天|明天|周[一二三四五六日天末]|星期.|中午|国庆|节假日).{0,4}(开门|上班|营业|休息)"
)
POLICY_FOLLOW_UP = re.compile(
    r"^(那|那么)?.{0,2}(责任单位|牵头单位|谁负责|谁牵头|谁管|什么时候|时限|期限)(呢|是谁|是哪些|是什么)?[?？]*$"
    r"|^(把)?(原文|全文)|看原文|原文(给我)?看|^还有(呢|吗|别的吗|其他的吗|没有)?[?？]*$|^(那)?第[一二三四五六七八九十\d]+[条个](呢)?[?？]*$"
)
ORDINAL = re.compile(r"^(那|选|要|就)?第?([一二三四五六1-6])(个|条|件|项)?(吧|呢|啊)?[。.]?$")


@dataclass(frozen=True)
class Route:
    """The act to take, with what the route itself says (a button's or command's argument)."""

    act: str
    argument: str = ""
    offers: tuple[str, ...] = ()


def route_button(message: Message) -> Route:
    """A pressed button: its id is `act:argument`."""
    act, _, argument = message.button.partition(":")
    return Route(act, argument)


def route_command(text: str) -> Route | None:
    """A slash command such as `/status P20261121-0001`; None when it is no command of ours."""
    if word := PLAIN_COMMANDS.get(text.strip()):
        return Route(COMMANDS[word], word)
    match = re.match(r"/([a-z]+)(?:@\w+)?(?:\s+(.*))?$", text.strip(), re.DOTALL)
    if match is None or match[1] not in COMMANDS:
        return None
    name, rest = match[1], (match[2] or "").strip()
    if name == "start" and rest:
        return _deep_link(rest)
    return Route(COMMANDS[name], f"{name} {rest}".strip())


def _deep_link(payload: str) -> Route:
    """What a link or QR code on a poster leads to: `propose`, or the code of a proposal."""
    if CODE.fullmatch(payload):
        return Route("status", payload.upper())
    return Route("proposal") if payload == "propose" else Route("smalltalk", "start")


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
    if parse.intent == "emergency" and not parse.is_unsure:
        return Route("emergency")
    if state.awaiting:
        act, _, argument = state.awaiting.partition(":")
        if parse.intent != "cancel" or parse.is_unsure:
            return Route(act, f"awaited:{argument}")
    if code := CODE.search(text):
        return Route("status", code[0].upper())
    if state.draft is not None and state.expecting is not None:
        return _route_in_form(text, parse, slots, state)
    return _follow_up(text, state) or _route_intent(text, parse, state)


def _route_in_form(text: str, parse: Parse, slots: Slots, state: Conversation) -> Route:
    """Inside a form the type of the expected slot is checked before the intent."""
    if parse.intent == "cancel" and not parse.is_unsure:
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
    if state.services and (ordinal := ORDINAL.match(text)):
        return Route("service", f"pick:{digit(ordinal[2])}")
    if state.last_act == "service" and state.service and SERVICE_FOLLOW_UP.search(text):
        return Route("service", "follow")
    if state.last_act == "policy" and state.answer and POLICY_FOLLOW_UP.search(text):
        return Route("policy", "follow")
    return None


def _route_intent(text: str, parse: Parse, state: Conversation) -> Route:
    if parse.is_unsure and state.last_act != "choose":
        return Route("choose")
    act = ACT_OF_INTENT[parse.intent]
    offers = ("proposal",) if act == "policy" and _also_wishes(text, parse) else ()
    return Route(act, "" if act != "smalltalk" else parse.intent, offers)


def _also_wishes(text: str, parse: Parse) -> bool:
    """Two wishes in one message: a question whose runner-up is a proposal, in several clauses."""
    several = len([part for part in re.split(r"[，。！？,!?；;\s]+", text) if len(part) > 3]) > 1
    return several and any(name == "submit_proposal" for name, _ in parse.ranking[1:2])
