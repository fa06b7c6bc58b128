from datetime import timedelta
from typing import Any

import pytest

from bot.actions.worker import command_of
from bot.actions.worker_desk import stage_named
from bot.commands.parts import Parts
from bot.conversation import Conversation
from bot.storage.records import EventKind, Role, Stage

PHONE = "13912345678"


def stage(house: Parts, code: str) -> Stage:
    with house.database.read() as rows:
        return rows.proposals.get(code).stage


def kinds(house: Parts, code: str) -> list[EventKind]:
    with house.database.read() as rows:
        return [event.what for event in rows.proposals.events(code)]


def accesses(house: Parts, what: str) -> list[str]:
    with house.database.read() as rows:
        return [access.subject for access in rows.people.accesses() if access.what == what]


def handled(person: Any) -> str:
    """The act that answered last."""
    with person.parts.database.read() as rows:
        state, _ = rows.conversations.load("console", person.user)
    return Conversation.from_json(state).last_act


# -- who may


@pytest.mark.parametrize("text", ["/list", "/move P20261121-0001 办结", "/tickets", "导出本周提案"])
def test_a_resident_gets_a_friendly_no_and_the_attempt_is_logged(
    house: Parts, resident: Any, text: str
) -> None:
    before = len(accesses(house, "refused"))
    assert "社区工作人员用的" in resident.say(text)
    assert not any(reply.attachments for reply in resident.replies)
    assert len(accesses(house, "refused")) == before + 1


def test_a_button_does_not_make_a_worker(house: Parts, resident: Any, raised: Any) -> None:
    code = raised(resident, phone=PHONE).code
    for verb in ("move", "contacts", "show", "take"):
        assert "社区工作人员用的" in resident.say(button=f"worker:{verb}:{code}:declined")
    assert stage(house, code) is Stage.RAISED


def test_an_invite_works_once(house: Parts, person: Any) -> None:
    with house.database.unit_of_work() as work:
        code = work.people.create_invite(Role.WORKER, "xing", timedelta(days=1))
    first, second = person("李干事"), person("赵建国")
    assert "幸福社区" in first.say(f"/join {code}")
    assert "不能用了" in second.say(f"/join {code}")
    assert "社区工作人员用的" in second.say("/list")
    first.say("/list")
    assert "新提案" in [button.label for button in first.buttons]


def test_four_levels_each_see_and_move_what_is_theirs(
    house: Parts, enrol: Any, resident: Any, raised: Any
) -> None:
    ours, theirs = raised(resident, "灯坏了").code, raised(resident, "水管漏", "mei").code
    for community in ("qu", "jie", "xing", "yuan"):
        worker = enrol(community)
        assert ours in worker.say(f"/show {ours}")
    for community in ("qu", "jie"):
        assert theirs in enrol(community).say(f"/show {theirs}")
    for community in ("xing", "yuan"):
        worker = enrol(community)
        said = worker.say(f"/move {theirs} 议定")
        assert "梅花公寓" in said
        assert "不归您负责" in said
        assert theirs not in worker.say("/new")
    assert stage(house, theirs) is Stage.RAISED
    assert "居民会收到通知" in enrol("jie").say(f"/move {theirs} 议定")
    assert stage(house, theirs) is Stage.DECIDED


def test_an_admin_invites_inside_their_own_place(enrol: Any, person: Any) -> None:
    admin = enrol("xing", Role.ADMIN)
    assert "不归您管" in admin.say("/invite 光明社区")
    said = admin.say("/invite 锦绣家园")
    new = person("小张")
    assert "锦绣家园" in new.say(next(line for line in said.splitlines() if "/join" in line))
    assert "只有管理员" in new.say("/invite 锦绣家园")


# -- what they see


def test_lists_show_no_contacts(house: Parts, worker: Any, resident: Any, raised: Any) -> None:
    code = raised(resident, f"灯坏了，打我电话{PHONE}", phone=PHONE).code
    for command in ("/list", "/new", f"/show {code}"):
        said = worker.say(command)
        assert code in said
        assert PHONE not in said
        assert "139******78" in said or command != f"/show {code}"
    assert code not in worker.say("/mine")
    worker.say(f"/note {code} 先去看看")
    assert code in worker.say("/mine")


def test_a_list_has_pages(worker: Any, resident: Any, raised: Any) -> None:
    codes = [raised(resident).code for _ in range(9)]
    assert codes[-1] in worker.say("/new")
    assert codes[0] not in "\n".join(reply.text for reply in worker.replies)
    assert codes[0] in worker.press("下一页")


@pytest.mark.parametrize(
    "words", ["待办", "看看有哪些新提案", "新提案", "我经手的提案", "人工来访"]
)
def test_a_worker_may_ask_in_everyday_words_and_a_resident_may_not(
    worker: Any, resident: Any, words: str
) -> None:
    worker.say(words)
    assert handled(worker) == "worker"
    resident.say(words)
    assert handled(resident) != "worker"


def test_the_number_in_a_ticket_is_shown_to_who_takes_it_and_that_is_logged(
    house: Parts, worker: Any, resident: Any
) -> None:
    worker.hear()
    resident.say("转人工")
    resident.say(f"家里水停了，打我电话{PHONE}")
    assert PHONE not in worker.hear()
    ticket = worker.buttons[-1].label.split()[-1]
    assert PHONE in worker.say(f"/take {ticket}")
    assert ticket in accesses(house, "contacts")


def test_contacts_need_a_purpose_and_leave_a_trace(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident, phone=PHONE).code
    worker.say(f"/show {code}")
    assert PHONE not in worker.press("看联系方式")
    assert "contacts" not in accesses(house, "contacts")
    assert PHONE in worker.say("约时间上门维修")
    assert EventKind.VIEWED in kinds(house, code)
    assert code in accesses(house, "contacts")


# -- what they do


def test_declining_asks_for_the_reason_and_the_resident_hears_it(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident).code
    worker.say(f"/show {code}")
    worker.press("推进")
    assert "理由" in worker.press("未受理")
    assert stage(house, code) is Stage.RAISED
    worker.say("这段路归市政管，已转给他们")
    assert stage(house, code) is Stage.DECLINED
    assert "这段路归市政管" in resident.hear()


def test_a_reason_is_asked_for_until_there_is_one(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident).code
    worker.say(f"/move {code} 不予受理")
    assert "理由" in worker.say("无")
    assert stage(house, code) is Stage.RAISED
    worker.say("井盖归燃气公司管")
    assert stage(house, code) is Stage.DECLINED
    assert "没有受理，理由：井盖归燃气公司管" in resident.hear()
    worker.say(f"/move {code} 重新受理 燃气公司说不是他们的")
    assert "重新受理了。燃气公司说不是他们的" in resident.hear()


def test_a_move_that_makes_no_sense_names_those_that_do(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident).code
    said = worker.say(f"/move {code} 评议")
    assert "商议" in said
    assert "不能从" in said
    assert "没有“飞走”这个阶段" in worker.say(f"/move {code} 飞走")
    assert "没有找到编号" in worker.say("/move P20200101-9999 议定")
    assert stage(house, code) is Stage.RAISED


def test_from_assignment_to_judgement_and_back(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident).code
    worker.say(f"/show {code}")
    worker.press("分派")
    assert [b.label for b in worker.buttons][:3] == ["幸福居委会", "南湖执法中心", "区城管局"]
    worker.press("南湖执法中心")
    assert "南湖执法中心" in resident.hear()
    worker.say(f"/return {code}")
    worker.say("不在我们的范围")
    assert kinds(house, code)[-1] is EventKind.RETURNED
    worker.say(f"/assign {code} 物业")
    worker.say(f"/reply {code} 明天上午来修")
    assert "明天上午来修" in resident.hear()
    worker.say(f"/move {code} 办结 换了新灯泡")
    asked = resident.hear()
    assert "换了新灯泡" in asked
    assert "解决了吗" in asked
    worker.hear()
    assert "哪里还没弄好" in resident.press("没解决")
    assert "没解决" in worker.hear()
    resident.say("还是一闪一闪的")
    assert "一闪一闪" in worker.hear()
    assert stage(house, code) is Stage.DECIDED
    worker.say(f"/move {code} 办结 线路也换了")
    resident.hear()
    assert "满意吗" in resident.press("解决了")
    resident.press("很满意")
    assert "谢谢您的评价" in resident.say("师傅很细心")
    with house.database.read() as rows:
        proposal = rows.proposals.get(code)
        words = [e.note for e in rows.proposals.events(code) if e.what is EventKind.RATED]
    assert (proposal.stage, proposal.satisfaction) == (Stage.EVALUATED, 5)
    assert words == ["还是一闪一闪的", "", "师傅很细心"]


def test_merging_takes_the_supporters_along(
    house: Parts, worker: Any, person: Any, raised: Any
) -> None:
    first, second = person("王秀英"), person("赵建国")
    kept, merged = raised(first).code, raised(second).code
    worker.say(f"/merge {merged} {kept}")
    with house.database.read() as rows:
        assert rows.proposals.supporter_count(kept) == 1
    assert kept in second.hear()
    assert "不能并入自己" in worker.say(f"/merge {kept} {kept}")


def test_supporters_hear_of_moves_without_contacts_and_answers_reach_the_owner_alone(
    house: Parts, worker: Any, person: Any, raised: Any
) -> None:
    owner, neighbour = person("王秀英"), person("赵建国")
    code = raised(owner, f"灯坏了{PHONE}").code
    assert "支持" in neighbour.say(button=f"proposal:support:{code}")
    neighbour.hear()
    worker.say(f"/move {code} 商议")
    heard = neighbour.hear()
    assert "您支持的" in heard
    assert PHONE not in heard
    worker.say(f"/reply {code} 您的退款{PHONE}已办")
    assert neighbour.hear() == ""
    assert PHONE in owner.hear()


def test_a_worker_corrects_how_urgent_it_is_and_the_deadline_follows(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident).code
    worker.say(f"/show {code}")
    worker.press("更正")
    worker.press("紧急程度")
    assert "已改为“疑难复杂事项”" in worker.press("疑难复杂事项")
    assert "没有“天大的”" in worker.say(f"/edit {code} 紧急程度 天大的")
    assert "没有“描述”这一项" in worker.say(f"/edit {code} 描述 别的话")
    assert "把紧急程度改为“疑难复杂事项”" in worker.say(f"/show {code}")
    with house.database.read() as rows:
        proposal = rows.proposals.get(code)
    assert proposal.urgency == "complex"
    assert proposal.resolution_due_at - proposal.created_at > timedelta(days=14)


def test_a_matter_of_no_known_place_is_given_one_and_its_workers_hear_of_it(
    enrol: Any, person: Any, resident: Any, raised: Any
) -> None:
    finder, theirs = enrol("xing"), enrol("mei")
    code = raised(resident, community="").code
    assert "已改为“梅花公寓”" in finder.say(f"/edit {code} 社区 梅花公寓")
    assert code in theirs.hear()
    assert "不归您负责" in finder.say(f"/show {code}")
    assert "名册里没有" in theirs.say(f"/edit {code} 社区 月亮湾")


def test_an_admin_is_told_of_inviting_and_a_worker_is_not(enrol: Any) -> None:
    assert "/invite" in enrol("xing", Role.ADMIN).say("/help")
    assert "/invite" not in enrol("xing").say("/help")


def test_another_command_ends_a_question(
    house: Parts, worker: Any, resident: Any, raised: Any
) -> None:
    code = raised(resident).code
    worker.say(f"/reply {code}")
    worker.say("/new")
    worker.say("您好")
    assert EventKind.REPLIED not in kinds(house, code)
    worker.say(f"/note {code}")
    assert "没有改动" in worker.press("不改了")


# -- tickets


def test_a_ticket_reaches_a_worker_and_comes_back(
    house: Parts, worker: Any, resident: Any, enrol: Any
) -> None:
    resident.say("转人工")
    resident.say(f"我想问低保材料交到哪里，电话{PHONE}")
    heard = worker.hear()
    assert "低保材料" in heard
    assert PHONE not in heard
    other = enrol("qu")
    worker.press("回复")
    ticket = worker.buttons[0]
    assert ticket.label == "不改了"
    code = heard.split("（")[1].split("）")[0]
    assert "有同事在处理" in other.say(f"/take {code}")
    worker.say("交到社区一楼窗口就行")
    assert "社区一楼窗口" in resident.hear()
    assert "已经回复过" in other.say(f"/answer {code} 再答一次")
    assert code not in worker.say("/tickets")


# -- small parts


@pytest.mark.parametrize(
    ("argument", "command"),
    [
        ("move:P1:decided", ("move", "P1 decided")),
        ("move P1 议定 开过会：同意", ("move", "P1 议定 开过会：同意")),
        ("move:P1:declined 因为: 不归我们", ("move", "P1 declined 因为: 不归我们")),
        ("list", ("list", "")),
        ("list:new:2", ("list", "new 2")),
    ],
)
def test_commands(argument: str, command: tuple[str, str]) -> None:
    assert command_of(argument) == command


@pytest.mark.parametrize(
    ("name", "expected"),
    [("办结", Stage.EXECUTED), ("已办理", Stage.EXECUTED), ("商议中", Stage.DISCUSSED),
     ("DECIDED", Stage.DECIDED), ("评", Stage.EVALUATED), ("飞", None), ("", None)],
)  # fmt: skip
def test_stages_by_name(name: str, expected: Stage | None) -> None:
    assert stage_named(name) is expected
