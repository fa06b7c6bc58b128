from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.conversation import AnswerShown, Choice, Conversation, ProposalForm, Slot
from bot.messages import Message
from bot.responses import Responses
from bot.router import (
    keep_private,
    route_choice,
    route_edit,
    route_forwarded,
    route_text,
)
from bot.slash_commands import Route
from intents.entities import read_slots
from intents.parse import Parse

RESPONSES = Responses.load()


def parsed(intent: str, confidence: float = 0.9, unsure: bool = False) -> Parse:
    ranking = ((intent, confidence), ("submit_proposal", 1 - confidence))
    return Parse("", intent, confidence, ranking, is_unsure=unsure)


def route(text: str, parse: Parse, state: Conversation | None = None) -> Route:
    return route_text(text, parse, read_slots(text), state or Conversation())


@pytest.mark.parametrize(
    ("intent", "act"),
    [
        ("submit_proposal", "proposal"),
        ("lookup_service", "service"),
        ("ask_policy", "policy"),
        ("check_status", "status"),
        ("human_handoff", "handoff"),
        ("emergency", "emergency"),
        ("greet", "smalltalk"),
        ("export_proposals", "worker"),
    ],
)
def test_each_intent_has_its_act(intent: str, act: str) -> None:
    assert route("x", parsed(intent)).act == act


def test_unsure_asks_once() -> None:
    unsure = parsed("ask_policy", 0.3, unsure=True)
    assert route("充电桩", unsure).act == "choose"
    assert route("充电桩", unsure, Conversation(choice=Choice("充电桩", ()))).act == "policy"


def test_unsure_is_settled_by_danger_or_by_a_place() -> None:
    ranking = (("submit_proposal", 0.4), ("emergency", 0.35), ("ask_policy", 0.25))
    danger = Parse("", "submit_proposal", 0.4, ranking, is_unsure=True)
    assert route("楼道里烟好大", danger).act == "emergency"
    ranking = (("lookup_service", 0.4), ("submit_proposal", 0.35), ("ask_policy", 0.25))
    report = Parse("", "lookup_service", 0.4, ranking, is_unsure=True)
    assert route("楼上漏水到我屋里了 在幸福里小区2栋", report).act == "proposal"
    assert route("幸福里小区2栋漏水找谁", report).act == "choose"


def test_a_code_is_about_status_whatever_else_is_said() -> None:
    assert route("p20261121-0001 办得咋样", parsed("out_of_scope")).argument == "P20261121-0001"


@pytest.fixture
def in_form() -> Conversation:
    return Conversation(draft=ProposalForm("路灯坏了"), expecting=Slot.PLACE)


@pytest.mark.parametrize("text", ["充电桩那里", "幸福里3号楼", "就在菜市场对面"])
def test_inside_a_form_a_place_is_a_place(text: str, in_form: Conversation) -> None:
    assert route(text, parsed("lookup_service"), in_form).act == "proposal"


def test_inside_a_form_a_question_is_answered(in_form: Conversation) -> None:
    assert route("装电梯要多少户同意？", parsed("ask_policy"), in_form).act == "policy"


def test_inside_a_form_danger_comes_first(in_form: Conversation) -> None:
    assert route("着火了", parsed("emergency"), in_form).act == "emergency"


def test_inside_a_form_cancel_cancels(in_form: Conversation) -> None:
    assert route("算了不报了", parsed("cancel"), in_form).act == "cancel"


@pytest.mark.parametrize(
    "text",
    ["那要带什么材料？", "地址呢", "电话多少", "周末开门吗", "几点下班", "周六上班不", "要多少钱"],
)
def test_follow_ups_of_a_service(text: str) -> None:
    state = Conversation(service="social-security-card", last_act="service")
    assert route(text, parsed("out_of_scope", 0.4, True), state) == Route("service", "follow")


@pytest.mark.parametrize("text", ["身份证丢了要带什么材料", "医保在哪里交", "居住证多久能办好"])
def test_another_service_is_no_follow_up(text: str) -> None:
    state = Conversation(service="social-security-card", last_act="service")
    assert route(text, parsed("lookup_service"), state) == Route("service")


@pytest.mark.parametrize(
    ("text", "follow"),
    [
        ("那责任单位呢", "units:0"),
        ("原文給我看", "original:0"),
        ("还有呢", "more:0"),
        ("第二条", "item:2"),
        ("时限呢", "due:0"),
    ],
)
def test_follow_ups_of_a_policy_answer(text: str, follow: str) -> None:
    state = Conversation(
        answer=AnswerShown("装电梯", document_id="lift"),
        services=("a", "b"),  # offered before; the last answer counts
        last_act="policy",
    )
    assert route(text, parsed("out_of_scope", 0.4, True), state) == Route(
        "policy", f"follow:{follow}"
    )
    other = replace(state, last_act="smalltalk")
    assert route(text, parsed("out_of_scope"), other).argument != f"follow:{follow}"


def test_second_of_a_list() -> None:
    state = Conversation(services=("a", "b"), last_act="service")
    assert route("第二个", parsed("affirm"), state) == Route("service", "pick:2")


def test_a_written_choice() -> None:
    choice = Choice("充电桩", ("submit_proposal", "ask_policy"))
    assert route_choice("问政策规定", choice, RESPONSES) == Route("choose", "ask_policy")
    assert route_choice("第一个", choice, RESPONSES) == Route("choose", "submit_proposal")
    assert route_choice("路灯坏了", choice, RESPONSES) is None


def sent(**fields: object) -> Message:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return Message("2", "telegram", "1", "1", "居民", "话", moment, **fields)  # type: ignore[arg-type]


def test_an_edit_corrects_the_draft_that_was_told_in_it() -> None:
    drafting = Conversation(draft=ProposalForm(told=(("1", "路灯坏了"),)))
    assert route_edit(sent(edited="1"), drafting) == Route("proposal", "edited")
    assert route_edit(sent(edited="9"), drafting) is None
    filed = Conversation(filed=("1",))
    assert route_edit(sent(edited="1"), filed) == Route("proposal", "edited_late")


def test_what_was_forwarded_is_offered_unless_it_tells_of_danger() -> None:
    offered = Route("proposal", "forwarded")
    assert route_forwarded(sent(forwarded=True), Route("policy"), Conversation()) == offered
    danger = Route("emergency")
    assert route_forwarded(sent(forwarded=True), danger, Conversation()) == danger
    assert route_forwarded(sent(), Route("policy"), Conversation()) == Route("policy")


@pytest.mark.parametrize("act", ["proposal", "status", "handoff", "worker", "privacy"])
def test_a_group_reads_nothing_private(act: str) -> None:
    start = {"worker": "hello", "handoff": "human", "proposal": "propose"}.get(act, act)
    kept = keep_private(sent(public=True), Route(act))
    assert kept == Route("smalltalk", f"limit.group_private {start}")
    assert keep_private(sent(), Route(act)) == Route(act)
    assert keep_private(sent(public=True), Route("policy")) == Route("policy")


def test_a_case_that_is_only_supposed_is_a_follow_up() -> None:
    answered = Conversation(answer=AnswerShown("养狗要牵绳吗"), last_act="policy")
    assert route("那把人咬伤了呢", parsed("emergency"), answered) == Route(
        "policy", "follow:case:0"
    )
    assert route("那把人咬伤了呢", parsed("emergency")) == Route("emergency")


def test_remote_danger_is_not_danger() -> None:
    ranking = (("submit_proposal", 0.6), ("emergency", 0.1), ("ask_policy", 0.05))
    cut = Parse("", "submit_proposal", 0.6, ranking, is_unsure=True)
    assert route("屋里头水停了 好久来水", cut).act == "choose"


def test_a_report_of_a_place_that_speaks_of_no_danger_is_a_report() -> None:
    ranking = (("submit_proposal", 0.6), ("emergency", 0.3), ("ask_policy", 0.05))
    torn = Parse("", "submit_proposal", 0.6, ranking, is_unsure=True)
    assert route("建新里4号楼门口盏灯唔着", torn).act == "proposal"
    assert route("建新里4号楼门口冒烟", torn).act == "emergency"


@pytest.mark.parametrize(
    ("text", "reports"),
    [
        ("报给社区", True),
        ("帮我报上去吧", True),
        ("那就把这件事报给居委会，就在3号楼门口", True),
        ("怎么报给社区", False),
        ("报给社区了吗", False),
        ("我要报给社区 5号楼电梯坏了", False),  # says what by itself
        ("好", False),
    ],
)
def test_the_words_of_the_button_report_what_was_told(text: str, reports: bool) -> None:
    told = Conversation(question="井盖破了，我差点掉下去", last_act="emergency")
    button = Route("proposal", "from_question")
    assert (route(text, parsed("lookup_service"), told) == button) is reports
    assert route(text, parsed("lookup_service")) != button  # nothing was told


def test_who_asks_for_a_person_by_name_gets_one() -> None:
    ranking = (("human_handoff", 0.6), ("check_status", 0.3), ("submit_proposal", 0.05))
    torn = Parse("", "human_handoff", 0.6, ranking, is_unsure=True)
    assert route("转人工吧，材料交了三回都没下文", torn).act == "handoff"
    assert route("材料交了三回都没下文", torn).act == "choose"


def test_between_pleasantries_there_is_nothing_to_ask() -> None:
    ranking = (("goodbye", 0.5), ("thanks", 0.45), ("help", 0.01))
    both = Parse("", "goodbye", 0.5, ranking, is_unsure=True)
    assert route("谢啦 回见", both) == Route("smalltalk", "goodbye")


def test_a_complaint_dressed_as_a_question_about_rules_is_a_complaint() -> None:
    asks = parsed("ask_policy", 0.8)
    assert route("停车费交了都打水漂了吗", asks).act == "proposal"
    assert route("停车费怎么收才合规", asks).act == "policy"


def test_a_question_that_also_tells_offers_to_report_it() -> None:
    asks = parsed("ask_policy", 0.8)
    told = "楼上天天半夜拖桌子，几点以后算扰民"
    assert route(told, asks).matter == "楼上天天半夜拖桌子"
    assert route("几点以后算扰民，罚多少钱", asks).matter == ""
    assert route("我是租房子的，能参加居民投票吗", asks).matter == ""


@pytest.mark.parametrize("text", ["【停水通知】明天检修管道", "转发：大家注意防火"])
def test_a_notice_that_was_copied_is_offered_like_a_forwarded_one(text: str) -> None:
    message = replace(sent(), text=text)
    offered = Route("proposal", "forwarded")
    assert route_forwarded(message, Route("policy"), Conversation()) == offered


@pytest.mark.parametrize("text", ["紧急程度", "着火的那户已经安置好了"])
def test_what_a_worker_answers_is_no_emergency(text: str) -> None:
    waiting = Conversation(enrolled=True, awaiting="worker:edit:P20261121-0001")
    meant = Route("worker", "awaited:edit:P20261121-0001")
    assert route(text, parsed("emergency"), waiting) == meant
    assert route(text, parsed("emergency")).act == "emergency"


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("小孩打疫苗本子丢了", "choose"),
        ("老人的医保卡找不到了", "choose"),
        ("孩子走丢了", "emergency"),
        ("家里老人不见了", "emergency"),
        ("钥匙丢了，屋里着火了", "emergency"),
    ],
)
def test_a_lost_thing_is_no_lost_child(text: str, act: str) -> None:
    ranking = (("emergency", 0.8), ("lookup_service", 0.15), ("help", 0.05))
    assert route(text, Parse(text, "emergency", 0.8, ranking)).act == act
