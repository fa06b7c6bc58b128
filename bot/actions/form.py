"""The proposal form: what a message adds to the draft. Pure functions, no rows, no words.

Fewest turns: every message may fill several slots, and what was said is never asked again.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.conversation import ProposalForm, Slot
from intents.entities import Slots, correction, is_contact_refusal, read_slots
from intents.parse import Parse
from intents.places import BUILDING, FLOOR, HOUSE_NUMBER, ROOM, UNIT

BARE_REQUEST = re.compile(
    r"^(您好|你好|那|请问)?[，, ]*(我|俺|咱)?(们)?(也)?(想|要|来|有|能不能|可以|帮我)*(再)?"
    r"(提|报|反映|反应|说|投诉|举报|上报|提交|报修)(交|上)?(一|1)?(个|条|点|下|些|件)?(新)?(的)?"
    r"(建议|意见|问题|提案|事情?|情况|投诉|故障)?[吧啊呀呢。.!！~]*$"
    r"|^(您好|你好|那|请问)?[，, ]*(我|我们|俺|咱)?这?(里|边)?(也|还)?有"
    r"(一|1)?(个|条|点|件|些)?(小|新)?(的)?"
    r"(建议|意见|问题|提案|事情?|情况)(想|要)?(提|报|反映|反应|说|讲)?(一下|下)?[吧啊呀呢。.!！~]*$"
    r"|^(提案|建议|提建议|投诉|报修|报事)$"
)
CONFIRMS = re.compile(
    r"^(确认|确定|对的?|是的?|嗯+|好的?|行|可以|没错|没问题|提交|交吧|报吧|就这样|冇错|啱|係|系|ok|OK|yes|Yes|要得|中|得)"
    r"(了|吧|啊|呀|的|嘞|提交|就这样|没问题|[，,。.!！~ ])*$"
)
NO_CONTACT_BUT_SUBMIT = re.compile(
    r"^(我)?[不唔别冇](用|要|想|使)?(留|填)(电话|電話|号码|號碼|手机|手機|联系方式)?(了)?[，, ]*"
    r"(就|直接|马上|请|帮我|你|吧|这样){1,3}(提交|交|报|确认|上报)(上去|了|吧|就行|就好)*[。.!！~]*$"
)
"""不留电话直接交: no contact, and done."""
BAD_PHONE = re.compile(
    r"(我的?|联系)*(电话|電話|手机|手機|号码|號碼|座机)*(号码?)?[是为:： ]*\+?[\d\- ]{5,20}"
)
"""A number that is no phone of this country."""
LEAD_IN = re.compile(
    r"^(你好|您好|喂|那个|这个|就是|还有|另外|请问|麻烦|对了|[一1]?[个件]?事情?|啊|嗯|呃"
    r"|(我|俺|咱)?们?(想|要|来)?(说|问|讲|反映|反应|投诉|举报|提|报)(一下|下|个|一个|一件)*(情况|问题|事情?|建议|意见)?(就是)?"
    r"(?=.{4}))+"
)
"""What comes before the matter, and does not belong in its title."""
EDIT_FIELD = {
    Slot.DESCRIPTION: re.compile(r"事情|内容|描述|问题"),
    Slot.PLACE: re.compile(r"地点|地址|位置|地方|哪里"),
    Slot.CATEGORY: re.compile(r"类别|分类|类型"),
    Slot.CONTACT: re.compile(r"电话|号码|手机|联系"),
}
NAMES_A_PLACE = re.compile(
    r"[里裡边邊旁口楼樓栋棟幢号號区區园園院路街巷弄村店场場站处處那这這上下面头頭近家层層室库庫道桥橋河校"
    r"门門侧角坪房厅廳廊梯内外中间間后後前段坡湾城苑庭]了?[吧啊呀呢啦哦嘛的]*[。.!！~]*$"
)
"""What a place ends with: 就在小区南边, 我屋门口."""
TELLS = re.compile(
    r"[了着过没不冇]|[乱亂]|到底|怎么|怎麼|为什么|為什麼|天天|老是|总是|一直|管|凭什么|希望|建议"
    r"|[吗嗎么呢]$"
)
"""What a sentence has and a place has not: 他们乱收停车费, 你们到底管不管."""
KNOWS_NOT = re.compile(r"^(我|俺|咱)?(也)?(不|唔|没)?(知道|晓得|清楚|记得)|^说不[上清好]|^不好说")
ADDRESS_PARTS = (BUILDING, UNIT, HOUSE_NUMBER, FLOOR, ROOM)
"""A new value of one of these takes the place of the old one of its kind."""
MAX_PLACE = 60
MAX_TOLD = 10
MAX_DESCRIPTION = 2000
TITLE_LENGTH = 30


class Step(Enum):
    """What a message did to the form while it waited for confirmation."""

    CONTINUE = auto()
    SUBMIT = auto()
    UPDATED = auto()
    CONTACT_REFUSED = auto()
    CONTACT_SAVED = auto()
    CONTACT_BAD = auto()
    LOCATION_SHARED = auto()
    ASK_EDIT = auto()
    EDIT_FIELD = auto()
    ANOTHER = auto()


@dataclass(frozen=True)
class Filled:
    """The draft after a message, what happened, and the slot to be asked anew, if any."""

    draft: ProposalForm
    step: Step
    slot: Slot | None = None


def start(text: str, slots: Slots) -> ProposalForm:
    """A new draft from the first message."""
    says_nothing = BARE_REQUEST.match(text) or is_only_place(text, slots)
    description = "" if says_nothing else text
    return absorb(
        ProposalForm(description=description[:MAX_DESCRIPTION], urgency=slots.urgency), slots
    )


def is_only_place(text: str, slots: Slots) -> bool:
    """Whether a message names a place and says nothing of it."""
    return bool(slots.place) and text.strip("在，,。.!！~ ") == slots.place


def absorb(draft: ProposalForm, slots: Slots) -> ProposalForm:
    """Fill what is empty with what the message holds."""
    return replace(
        draft,
        place=draft.place or slots.place,
        community=draft.community or slots.community,
        building=draft.building or slots.building,
        contact_name=draft.contact_name or (slots.person if slots.phone else ""),
        contact_phone=draft.contact_phone or slots.phone,
        contact_settled=draft.contact_settled or bool(slots.phone),
        urgency=draft.urgency if draft.urgency != "general" else slots.urgency,
    )


def answer(draft: ProposalForm, slot: Slot, text: str, slots: Slots) -> ProposalForm:
    """The message as the value of the slot that was asked for (description or place)."""
    if slot is Slot.DESCRIPTION:
        return absorb(replace(draft, description=text[:MAX_DESCRIPTION]), slots)
    if slot is Slot.PLACE:
        return _answer_place(draft, text, slots)
    if slot is Slot.CONTACT:
        return absorb(replace(draft, contact_settled=True), slots)
    return draft


def _answer_place(draft: ProposalForm, text: str, slots: Slots) -> ProposalForm:
    fixed = correction(text)
    if not (fixed or slots.place or draft.place_asked_again) and _says_no_place(text):
        more = "" if KNOWS_NOT.match(text) or CONFIRMS.match(text) else text
        description = join(draft.description, more) if more else draft.description
        told = replace(draft, description=description, place_asked_again=True)
        return absorb(told, slots)
    place = fixed.new if fixed else (_whole_place(text, slots.place) or text.strip("，,。. "))
    said_more = slots.place and len(text) > len(slots.place) + 8
    if said_more and not fixed:
        draft = replace(draft, description=join(draft.description, text))
    return absorb(replace(draft, place=place[:MAX_PLACE], building=slots.building), slots)


def _says_no_place(text: str) -> bool:
    """Whether an answer to where it is tells something else. It is asked once more then; what
    comes after that is taken as it is.
    """
    plain = text.strip("，,。. ")
    tells = len(plain) > 3 and TELLS.search(plain) and not NAMES_A_PLACE.search(plain)
    return bool(tells or KNOWS_NOT.match(plain) or CONFIRMS.match(plain))


def _whole_place(text: str, place: str) -> str:
    """The place with what the answer names after it (的棋牌室 behind 派出所对面)."""
    after = re.match(r"的[一-龥A-Za-z0-9]{1,8}$", text[text.find(place) + len(place) :])
    return place + after[0] if place and after else place


def press(draft: ProposalForm, button: str) -> ProposalForm:
    """The draft after a button of the form: contact refused, or the photo's place shared."""
    if button == "no_contact":
        return replace(draft, contact_settled=True)
    if button == "photo_location" and (place := draft.photo_location):
        draft = replace(draft, latitude=place.latitude, longitude=place.longitude)
        return replace(draft, photo_location=None)
    return draft


def review(draft: ProposalForm, text: str, slots: Slots, parse: Parse) -> Filled:
    """A message while the summary stands to be confirmed."""
    if slots.phone:
        named = replace(draft, contact_phone=slots.phone, contact_settled=True)
        named = replace(named, contact_name=slots.person or draft.contact_name)
        submits = CONFIRMS.search(text.split(slots.phone[-4:])[-1].strip("，, "))
        return Filled(named, Step.SUBMIT if submits else Step.CONTACT_SAVED)
    if fixed := correction(text):
        return Filled(correct(draft, fixed.old, fixed.new, slots), Step.UPDATED)
    if CONFIRMS.match(text):
        return Filled(draft, Step.SUBMIT)
    submits_without = NO_CONTACT_BUT_SUBMIT.match(text)
    if submits_without or is_contact_refusal(text):
        refused = replace(draft, contact_settled=True)
        done = submits_without or "提交" in text
        return Filled(refused, Step.SUBMIT if done else Step.CONTACT_REFUSED)
    if BAD_PHONE.fullmatch(text):
        return Filled(draft, Step.CONTACT_BAD)
    return _change(draft, text, slots, parse)


def _change(draft: ProposalForm, text: str, slots: Slots, parse: Parse) -> Filled:
    if len(text) <= 10 and re.search(r"改|修改|换|错", text):
        for slot, pattern in EDIT_FIELD.items():
            if pattern.search(text):
                return Filled(draft, Step.EDIT_FIELD, slot)
    if parse.intent == "affirm":
        return Filled(draft, Step.SUBMIT)
    if parse.intent == "deny" or re.fullmatch(
        r"(我)?(要|想)?(改|修改|不对|错了|不是)[一下了。]*", text
    ):
        return Filled(draft, Step.ASK_EDIT)
    elsewhere = slots.place and slots.place not in draft.place and draft.place not in slots.place
    if parse.intent == "submit_proposal" and elsewhere and len(text) >= len(slots.place) + 4:
        return Filled(draft, Step.ANOTHER)
    if slots.place and len(text) <= len(slots.place) + 3:
        place = _whole_place(text, slots.place)
        return Filled(replace(draft, place=place, building=slots.building), Step.UPDATED)
    more = join(draft.description, text)
    return Filled(absorb(replace(draft, description=more), slots), Step.UPDATED)


def correct(draft: ProposalForm, old: str, new: str, slots: Slots) -> ProposalForm:
    """Put the new value where the old one stood, or where a value of its kind stands."""
    if old and (old in draft.place or old in draft.description):
        return replace(
            draft,
            place=draft.place.replace(old, new),
            description=draft.description.replace(old, new),
            building=new if draft.building == old else draft.building,
        )
    for part in ADDRESS_PARTS:
        standing, coming = part.search(draft.place), part.search(new)
        if standing and coming and len(new) <= len(coming[0]) + 2:
            return correct(draft, standing[0], coming[0], slots)
    if old or not slots.place:
        return replace(draft, description=join(draft.description, new))
    told = draft.description.replace(draft.place, new) if draft.place else draft.description
    return replace(draft, place=new[:MAX_PLACE], description=told, building=slots.building)


def remember(draft: ProposalForm, message_id: str, text: str) -> ProposalForm:
    """Note which message told what, so that it can be corrected."""
    return replace(draft, told=(*draft.told, (message_id, text))[-MAX_TOLD:]) if text else draft


def amend(draft: ProposalForm, message_id: str, text: str, slots: Slots) -> ProposalForm:
    """The draft after one of the messages that it was told in was edited to say `text`."""
    old = dict(draft.told)[message_id]
    was = read_slots(old)

    def put(value: str, before: str, after: str) -> str:
        return after if value and after and value == before else value

    answered = put(draft.place, old.strip("，,。. "), slots.place or text.strip("，,。. "))
    amended = replace(
        draft,
        description=draft.description.replace(old, text)[:MAX_DESCRIPTION],
        place=put(answered, was.place, slots.place)[:MAX_PLACE],
        building=put(draft.building, was.building, slots.building),
        contact_phone=put(draft.contact_phone, was.phone, slots.phone),
        told=tuple((each, text if each == message_id else words) for each, words in draft.told),
    )
    return absorb(amended, slots)


def join(first: str, more: str) -> str:
    """Two things that were said, as one text."""
    if not first or more in first:
        return first or more
    return f"{first.rstrip('。.；; ')}；{more}"[:MAX_DESCRIPTION]


def title(draft: ProposalForm) -> str:
    """A short title: the first clause that says something, with the place if it is not in it."""
    parts = re.split(r"[，。！？；,!?;\s]+", draft.description)
    clauses = [LEAD_IN.sub("", part) for part in parts if not BARE_REQUEST.match(part)]
    first = next((part for part in clauses if len(part) >= 4), draft.description.strip())
    if draft.place and draft.place not in first and len(draft.place) + len(first) <= TITLE_LENGTH:
        first = f"{draft.place}{first}"
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"
