import pytest

from bot.actions import form
from bot.actions.form import Step
from bot.conversation import ProposalForm, Slot
from intents.entities import read_slots
from intents.parse import Parse


def parse(intent: str) -> Parse:
    return Parse(text="", intent=intent, confidence=0.9)


def review(draft: ProposalForm, text: str, intent: str = "submit_proposal") -> form.Filled:
    return form.review(draft, text, read_slots(text), parse(intent))


def test_one_sentence_fills_all_that_is_in_it() -> None:
    text = "阳光花园3号楼门口路灯坏了 电话13800138000"
    draft = form.start(text, read_slots(text))
    assert draft.place == "阳光花园3号楼门口"
    assert draft.contact_phone == "+8613800138000"
    assert draft.contact_settled
    assert draft.missing is None


@pytest.mark.parametrize(
    "text", ["我要提建议", "我想反映一个问题", "能不能帮我报修一下", "我要投诉"]
)
def test_a_bare_request_is_no_description(text: str) -> None:
    assert form.start(text, read_slots(text)).missing is Slot.DESCRIPTION


def test_any_words_are_a_place_when_the_place_was_asked() -> None:
    draft = ProposalForm(description="想装充电桩")
    filled = form.answer(draft, Slot.PLACE, "就老年活动室那块", read_slots("就老年活动室那块"))
    assert filled.place
    assert filled.missing is None


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("他们乱收停车费", "想投诉物业；他们乱收停车费"),
        ("你们到底管不管", "想投诉物业；你们到底管不管"),
        ("我也不知道", "想投诉物业"),
    ],
)
def test_what_names_no_place_is_kept_and_the_place_asked_once_more(
    text: str, description: str
) -> None:
    draft = ProposalForm(description="想投诉物业")
    told = form.answer(draft, Slot.PLACE, text, read_slots(text))
    assert (told.description, told.missing) == (description, Slot.PLACE)
    assert form.answer(told, Slot.PLACE, text, read_slots(text)).missing is None


@pytest.mark.parametrize("text", ["我们小区", "充电桩那里", "桥头了", "老地方", "刚修过的那条路"])
def test_a_place_is_told_from_a_sentence(text: str) -> None:
    draft = form.answer(ProposalForm(description="太黑"), Slot.PLACE, text, read_slots(text))
    assert draft.missing is None


def test_a_place_keeps_what_stands_behind_it() -> None:
    filled = review(ProposalForm("想装充电桩", "小区"), "3号楼前面的空地")
    assert filled.draft.place == "3号楼前面的空地"


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        ("幸福里3号楼", "不是3号楼是5号楼", "幸福里5号楼"),
        ("幸福里3号楼", "不对 是5号楼", "幸福里5号楼"),
        ("东门", "地点改成西门", "西门"),
    ],
)
def test_corrections(place: str, text: str, expected: str) -> None:
    filled = review(ProposalForm(description="路灯坏了", place=place), text, "out_of_scope")
    assert filled.step is Step.UPDATED
    assert filled.draft.place == expected


@pytest.mark.parametrize("text", ["确认", "对", "好的", "可以", "冇错", "嗯嗯", "没问题", "提交吧"])
def test_words_that_confirm(text: str) -> None:
    assert review(ProposalForm("路灯坏了", "东门"), text, "affirm").step is Step.SUBMIT


@pytest.mark.parametrize("text", ["不留", "唔留", "不用了", "匿名", "不留电话"])
def test_contact_is_refused_in_many_ways(text: str) -> None:
    filled = review(ProposalForm("路灯坏了", "东门"), text, "deny")
    assert filled.step is Step.CONTACT_REFUSED
    assert filled.draft.contact_settled


@pytest.mark.parametrize("text", ["不留电话直接交", "我不想留，就提交吧", "唔留请提交"])
def test_no_contact_and_done_in_one_message(text: str) -> None:
    filled = review(ProposalForm("路灯坏了", "东门"), text, "deny")
    assert (filled.step, filled.draft.contact_settled) == (Step.SUBMIT, True)


@pytest.mark.parametrize("text", ["留电话直接交", "帮我提交", "就报吧"])
def test_who_refuses_nothing_is_not_read_as_refusing(text: str) -> None:
    filled = review(ProposalForm("路灯坏了", "东门"), text, "affirm")
    assert not filled.draft.contact_settled


def test_a_second_matter_elsewhere_is_not_mixed_in() -> None:
    filled = review(ProposalForm("路灯坏了", "东门"), "还有解放大道12号门口的井盖没了")
    assert filled.step is Step.ANOTHER


def test_more_about_the_same_matter_is_added() -> None:
    filled = review(ProposalForm("路灯坏了", "东门"), "已经黑了一个星期了")
    assert filled.step is Step.UPDATED
    assert filled.draft.description == "路灯坏了；已经黑了一个星期了"


def test_title_is_short_and_says_where() -> None:
    draft = ProposalForm(description="路灯坏了，黑漆漆的，老人都不敢出门", place="幸福里3号楼")
    assert form.title(draft) == "幸福里3号楼路灯坏了"
    assert len(form.title(ProposalForm(description="长" * 200, place="东门"))) <= form.TITLE_LENGTH


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ("还有一件事 门口的垃圾桶满了", "门口的垃圾桶满了"),
        ("那个那个我想说一下就是楼下垃圾桶好几天没人收", "楼下垃圾桶好几天没人收"),
        ("您好，我要反映一个情况 红绿灯坏了好几天", "红绿灯坏了好几天"),
        ("楼道里的感应灯不亮了 就是3单元", "楼道里的感应灯不亮了"),
        ("我要投诉物业", "我要投诉物业"),
    ],
)
def test_what_comes_before_the_matter_is_not_in_the_title(told: str, title: str) -> None:
    assert form.title(ProposalForm(description=told)) == title


def test_an_edited_message_corrects_what_it_told() -> None:
    told = "3号楼路灯坏了，电话13800138000"
    draft = form.remember(form.start(told, read_slots(told)), "7", told)
    edited = "5号楼路灯坏了，电话13900139000"
    amended = form.amend(draft, "7", edited, read_slots(edited))
    assert (amended.place, amended.contact_phone) == ("5号楼", "+8613900139000")
    assert amended.description == edited
    assert amended.told == (("7", edited),)


def test_an_edited_answer_corrects_the_place_but_not_one_given_later() -> None:
    draft = form.remember(ProposalForm(description="灯坏了", place="三号门"), "8", "三号门")
    assert form.amend(draft, "8", "五号门", read_slots("五号门")).place == "五号门"
    moved = ProposalForm(description="灯坏了", place="西门", told=draft.told)
    assert form.amend(moved, "8", "五号门", read_slots("五号门")).place == "西门"
