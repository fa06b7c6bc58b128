"""Policy answers in conversation: follow-ups, buttons, what is not known."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.actions.policy_replies import PolicyReplies, chinese_date
from bot.commands.parts import Parts
from bot.messages import Button
from knowledge.loaders import build_document
from tests.bot.actions.conftest import Person

ROOT = Path(__file__).parent.parent.parent.parent
ASKED = "老小区加装电梯要多少业主同意"
UNKNOWN = "火星移民的补贴标准是怎么规定的"


def topics(person: Person) -> list[Button]:
    """The documents that are on offer, beside services."""
    return [button for button in person.buttons if button.id.startswith("policy:near:")]


@pytest.mark.parametrize("words", ["原文给我看", "原文給我看", "愿文给我看"])
def test_the_original_is_the_part_that_was_quoted(resident: Person, words: str) -> None:
    resident.say(ASKED)
    original = resident.say(words)
    assert "三分之二" in original.replace("佔", "占")
    assert "#" not in original
    assert "一楼住户不同意" not in original  # the next part


def test_items_and_more_are_numbered_and_can_be_named(resident: Person) -> None:
    resident.say(ASKED)
    assert "三分之二以上的业主参加" in resident.say("第二条")
    more = resident.say("还有呢")
    assert "第1条：《" in more and "第3条：《" in more and "第4条" not in more
    second = more.split("第2条：")[1].split("\n“")[1][:12]
    assert second in resident.say("第二条")
    assert "第4条：《" in resident.say("还有呢")
    assert "数错" in resident.say("第九十条")


def test_the_tasks_of_a_unit_go_on_and_one_can_be_opened(resident: Person) -> None:
    first = resident.say("民政局牵头哪些事")
    assert "\n1. " in first and "\n8. " in first and "\n9. " not in first
    assert first.count("出处") == 0 and first.count("《武汉市2023年3号建议案") == 2
    assert first.count("别的地方不一定一样") == 1
    assert "\n9. " in resident.say("还有呢")
    opened = resident.say("第九条")
    assert "牵头单位：" in opened and "市民政局" in opened and "出处：" in opened
    assert "责任单位：" in resident.say("那責任單位呢").replace("責任單位", "责任单位")


def test_what_the_material_does_not_say_is_admitted(resident: Person) -> None:
    resident.say(ASKED)
    said = resident.say("那责任单位呢")
    assert "没有写明由谁负责" in said and "12345" in said
    assert "没有写明时间" in resident.say("时限呢")


def test_a_follow_up_is_logged_with_what_it_follows(resident: Person, house: Parts) -> None:
    resident.say(ASKED)
    resident.say("那责任单位呢")
    with house.database.read() as rows:
        *_, last = rows.questions.find()
    assert last.text == f"{ASKED} 那责任单位呢"
    assert (last.intent, last.found) == ("ask_policy", False)


def test_a_topic_that_was_offered_shows_its_nearest_part(resident: Person) -> None:
    assert "没有找到依据" in resident.say(UNKNOWN)
    offered = topics(resident)[0]
    assert len(offered.id.encode()) <= 64
    shown = resident.say(button=offered.id)
    assert offered.label.rstrip("…") in shown and "不一定答得上" in shown
    assert "原文是这样写的" in resident.press("看原文")


def test_a_topic_can_be_named_by_its_number(resident: Person) -> None:
    resident.say(UNKNOWN)
    second = topics(resident)[1].label.rstrip("…")
    assert second in resident.say("第二个")


def test_without_an_answer_there_is_nothing_to_follow(resident: Person) -> None:
    assert "没有引用材料" in resident.say(button="policy:original")
    resident.say(UNKNOWN)
    assert "没有引用材料" in resident.say("原文给我看")
    assert "没有更多" in resident.say("还有呢")


def test_feedback_belongs_to_the_question(resident: Person, house: Parts) -> None:
    resident.say(ASKED)
    assert "有人补充资料" in resident.press("没帮助")
    with house.database.read() as rows:
        *_, last = rows.questions.find()
    assert (last.text, last.feedback) == (ASKED, "unhelpful")


def test_a_suggestion_takes_the_answer_along(resident: Person) -> None:
    resident.say(ASKED)
    assert "什么事" in resident.press("我要提建议")
    resident.say("一楼住户应该得到补偿，地点在锦绣家园2号楼")
    resident.say("不留电话")
    created = resident.say("确认")
    code = created.split("编号：")[1].split()[0]
    with resident.parts.database.read() as rows:
        proposal = rows.proposals.get(code)
    assert proposal is not None and ASKED in proposal.description


@pytest.fixture
def told(fresh: Parts) -> Person:
    """Somebody who asks where documents can be added."""
    return Person(fresh, "王秀英")


def test_a_document_past_its_own_end_is_marked_and_comes_second(told: Person) -> None:
    index = told.parts.indexer
    rule = (
        "{}\n第一条 冬季清洁取暖户每户补贴{}元。\n第二条 本办法自2020年1月1日起施行，有效期{}年。"
    )
    old = rule.format("清河县冬季清洁取暖补贴办法", 300, 2)
    new = rule.format("清河县冬季清洁取暖户补贴新办法", 400, 90)
    index.add([build_document("old", old), build_document("new", new)])
    said = told.say("冬季清洁取暖户每户补贴多少元")
    assert "400元" in said and "失效" not in said
    index.remove(["new"])
    said = told.say("清河县冬季清洁取暖户每户补贴多少元")
    assert "300元" in said and "有效期到2021年12月31日，现在已经失效" in said


def golden_questions() -> list[str]:
    lines = (ROOT / "tests" / "data" / "answers.jsonl").read_text("utf-8").splitlines()
    asked = [str(json.loads(line)["question"]) for line in lines]
    for file in sorted((ROOT / "tests" / "bot" / "conversations").glob("*.yml")):
        for talk in yaml.safe_load(file.read_text("utf-8")):
            asked += [turn["say"] for turn in talk["turns"] if turn.get("say", "").strip()]
    return asked


def test_every_quote_of_the_golden_set_stands_at_its_range(parts: Parts) -> None:
    """What a reply quotes and cites, read again from the file that the index keeps on disk."""
    reading, snapshot = parts.knowledge.reading(), parts.snapshot()
    stored = {}
    for line in (snapshot.path / "documents.jsonl").read_text("utf-8").splitlines():
        fields = json.loads(line)[1]
        stored[fields["id"]] = fields
    words = PolicyReplies(parts.responses, False, "", date(2026, 1, 1))
    questions = golden_questions()
    quotes = 0
    for question in questions:
        vector = parts.encoder.encode_query([question])[0]
        passages = reading.retriever.search(question, vector=vector)
        answer = reading.reader.read(question, passages, vector)
        stated = reading.responsibilities.find(question, vector)
        for quote in (*answer.quotes, *(stated.quotes if stated else ())):
            kept = stored[quote.document.id]
            assert quote.text == kept["text"][quote.start : quote.end] != ""
            assert quote.context_start <= quote.start < quote.end <= quote.context_end
            assert any(
                section["start"] < quote.end
                and quote.start < section["end"]
                and list(quote.path) == section["path"][: len(quote.path)]
                for section in kept["sections"]
            )
            cited = words.citation(quote.document, quote.path)
            for name in ("title", "issuer", "document_number"):
                assert kept[name] in cited
            assert chinese_date(kept["issued_on"]) in cited
            assert all(label in cited for label in quote.path)
            quotes += 1
        if answer.quotes:
            (first, *_) = answer.quotes
            shown = words.answer(answer).split("\n\n出处：")[0][1:-1]  # without quotation marks
            around = stored[first.document.id]["text"][first.context_start : first.context_end]
            assert all(line in around for line in shown.split("\n"))
    assert quotes >= 200 and len(questions) > 235
