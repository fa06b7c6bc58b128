"""A worker's day in everyday words, without one command."""

from typing import Any

from bot.commands.parts import Parts
from bot.storage.records import Stage


def test_a_proposal_is_carried_on_in_everyday_words(
    house: Parts, person: Any, enrol: Any, raised: Any
) -> None:
    resident = person("王秀英")
    proposal = raised(resident, "地下室的声控灯不亮", "mei", "+8613912345678")
    raised(person("李大山"), "花坛边的长椅散架了", "mei")
    worker = enrol("guang")
    listed = worker.say("有多少没办完的")
    assert "地下室的声控灯不亮" in listed
    number = next(line for line in listed.split("\n") if proposal.code in line).split(".")[0]
    assert proposal.code in worker.say(f"看第{number}个")
    assert "换个词" in worker.say("/find 天上的月亮")
    raised(resident, "电话13812345678的车挡了消防通道", "mei")
    assert "换个词" in worker.say("/find 13812345678")
    assert "消防通道" in worker.say("/find 消防通道")
    worker.say("找声控灯")
    assert "长椅散架" in worker.say("长椅那件什么情况")
    assert proposal.code in worker.say("找声控灯").split("\n")[0]
    assert "交给" in worker.say("转给物业公司")
    assert "已退单" in worker.say("退单：他们说不归物业")
    worker.say("回复居民：明天派人修")
    assert "明天派人修" in resident.hear()
    assert "13912345678" not in worker.say("看联系电话")
    assert "139" in worker.say("约时间上门")
    worker.say("修好了，换了灯泡")
    assert "换了灯泡" in resident.hear()
    with house.database.read() as rows:
        done = rows.proposals.get(proposal.code)
    assert done is not None
    assert done.stage is Stage.EXECUTED


def test_a_bare_code_opens_the_card_for_who_works_on_it(
    enrol: Any, person: Any, raised: Any
) -> None:
    resident = person("王秀英")
    proposal = raised(resident, "楼道的灯坏了", "mei")
    assert "承办" in enrol("guang").say(proposal.code)
    assert "现在" in resident.say(proposal.code)
