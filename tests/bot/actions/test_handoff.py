from typing import Any

from bot.commands.parts import Parts


def test_what_is_said_at_once_goes_along(worker: Any, resident: Any) -> None:
    said = resident.say("帮我转人工，低保材料被退回来三次了，没人说得清楚")
    assert "转给社区工作人员" in said
    assert "退回来三次" in worker.hear()


def test_a_second_request_adds_to_the_first(house: Parts, worker: Any, resident: Any) -> None:
    resident.say("转人工")
    assert "一起转过去" in "\n".join(reply.text for reply in resident.replies)
    resident.say("想问养老认证")
    assert "还在排队" in resident.say("/human")
    resident.say("还想问高龄津贴")
    with house.database.read() as rows:
        owner = next(ticket for ticket in rows.tickets.waiting() if "养老认证" in ticket.text)
    assert "高龄津贴" in owner.text


def test_after_the_answer_one_may_ask_again(worker: Any, resident: Any) -> None:
    resident.say("转人工")
    resident.say("办证要带照片吗")
    heard = worker.hear()
    code = heard.split("（")[1].split("）")[0]
    worker.say(f"/answer {code} 要带一张")
    assert "要带一张" in resident.hear()
    assert "想问工作人员什么" in resident.press("还想问")


def test_a_correction_reaches_a_worker_and_is_answered(
    house: Parts, worker: Any, resident: Any
) -> None:
    service = next(iter(house.directory))
    resident.say(button=f"service:wrong:{service.id}")
    resident.say("电话打不通，要打13912345678")
    heard = worker.hear()
    assert service.name in heard
    assert "13912345678" not in heard
    listed = worker.say("/corrections")
    assert "电话打不通" in listed
    assert "13912345678" not in listed
    code = heard.split("（")[1].split("）")[0]
    worker.say(button=next(button.id for button in worker.buttons if code in button.id))
    worker.say("已经改成新号码")
    assert "已经改成新号码" in resident.hear()


def test_a_resident_of_another_place_is_another_workers_matter(
    house: Parts, enrol: Any, person: Any
) -> None:
    resident, far, near = person("孙大妈"), enrol("guang"), enrol("yuan")
    with house.database.unit_of_work() as work:
        known = work.people.meet("console", resident.user)
        work.people.set_community(known.id, "yuan")
    resident.say("转人工")
    resident.say("楼上漏水没人管")
    assert "漏水" in near.hear()
    assert "漏水" not in far.hear()
    assert "漏水" not in far.say("/tickets")
