import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.phrases import (
    Correction,
    correction,
    is_abuse,
    is_contact_refusal,
    is_notice,
    is_question,
    is_rhetorical,
)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("不是3号楼是5号楼", "3号楼", "5号楼"),
        ("不是东门，是西门", "东门", "西门"),
        ("不是3号楼，应该是5号楼", "3号楼", "5号楼"),
        ("唔係3座係5座", "3座", "5座"),
        ("不在东门在西门", "东门", "西门"),
        ("不是路灯是井盖", "路灯", "井盖"),
        ("5号楼不是3号楼", "3号楼", "5号楼"),
        ("是5号楼，不是3号楼", "3号楼", "5号楼"),
        ("不对 是5号楼", "", "5号楼"),
        ("不对，5号楼", "", "5号楼"),
        ("不是不是，是8栋", "", "8栋"),
        ("不对不对，应该是二单元", "", "二单元"),
        ("搞错咗 係5座", "", "5座"),
        ("说错了，是5号楼", "", "5号楼"),
        ("哎呀打错字了 是幸福里", "", "幸福里"),
        ("地点错了 应该是东门", "", "东门"),
        ("名字写错了 是王建国", "", "王建国"),
        ("更正：二单元", "", "二单元"),
        ("地点改成西门吧", "", "西门"),
        ("把地址改为幸福里", "", "幸福里"),
        ("3号楼改成5号楼", "3号楼", "5号楼"),
        ("不是東門，是西門", "東門", "西門"),
        ("啊抱歉 是15号", "", "15号"),
        ("不对不对，我说错了，应该是梅花苑", "", "梅花苑"),
        ("唔好意思，係12座", "", "12座"),
    ],
)
def test_corrections(text: str, old: str, new: str) -> None:
    assert correction(text) == Correction(old, new)


@pytest.mark.parametrize(
    "text",
    ["希望把绿地改成停车场", "不是我不交物业费，是物业不作为", "电梯不对劲", "你说的不对",
     "不是这个意思", "是不是3号楼是5号楼", "不是说好了是三天吗", "不是 我想问一下低保",
     "路灯坏了", "不对", "",
     "不是3号楼是5号楼" + "，楼道里的灯坏了很久了，老人都不敢出门，麻烦你们快点派人来看一下"],
)  # fmt: skip
def test_no_correction(text: str) -> None:
    assert correction(text) is None


@pytest.mark.parametrize(
    "text",
    ["不留", "唔留", "冇电话", "不留电话", "匿名", "算了不留", "不用了", "不想留", "不方便",
     "不方便留电话", "不要", "不留 提交", "直接提交不留电话", "没电话", "唔使", "莫留", "跳过",
     "不给电话", "不", "无", "别写我名字", "我不留联系方式了", "懒得留"],
)  # fmt: skip
def test_refusing_to_leave_a_contact(text: str) -> None:
    assert is_contact_refusal(text)


@pytest.mark.parametrize(
    "text",
    ["不给处理", "不留神摔了", "路灯不亮", "门口不让停车", "不行", "不是5号楼", "不用修了",
     "不要停车", "13800138000", "我不知道应该怎么说才好，反正就是不留"],
)  # fmt: skip
def test_no_refusal(text: str) -> None:
    assert not is_contact_refusal(text)


@pytest.mark.parametrize(
    "text",
    ["几点开门", "周末上班不", "修好了没", "要带啥", "在边度", "要不要钱", "这样行不行",
     "需要预约吗", "咋个办", "么样搞", "係咪要預約", "多少户同意", "能不能修一下", "怎么还不修",
     "哪个部门管", "真的？", "電話係幾多號？"],
)  # fmt: skip
def test_questions(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    ["哪个都行 3号楼", "不知道多少号 就在东门", "好几天了", "几吵哦", "谁都不管", "没什么",
     "什么都没有", "多少年了", "臭着呢", "说不好", "就在菜市场那里", "路灯坏了",
     "唔知邊度，就喺東門", ""],
)  # fmt: skip
def test_no_question(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize(
    "text",
    ["这路灯都坏了一个月了也没人管吗", "还修不修了", "什么时候才能修好", "谁来管管", "怎么还不修",
     "你们到底管不管", "有没有人管啊", "几时先至有人整", "點解仲未修", "还要等多久",
     "是不是要等出了事", "还让不让人睡觉了", "物业收了钱就是这样办事的？", "拖到什么时候",
     "取暖费是白交了吗", "到底谁来修", "这么停车合理吗"],
)  # fmt: skip
def test_complaints_dressed_as_questions(text: str) -> None:
    assert is_rhetorical(text)


@pytest.mark.parametrize(
    "text",
    ["谁负责电梯", "什么时候发钱", "路灯归谁管", "社区电话多少", "低保什么时候发",
     "没人管的老人怎么申请补助", "几点开门", "路灯坏了", "快递柜收费合理吗", "物业费交给谁",
     "取暖费什么时候交"],
)  # fmt: skip
def test_questions_that_want_an_answer(text: str) -> None:
    assert not is_rhetorical(text)


@given(
    st.text(st.sampled_from("不是对错了改成东门3号楼，应该 谁还没人管吗哪都几留") | st.characters())
)
def test_any_text_is_taken(text: str) -> None:
    is_question(text), is_rhetorical(text), is_contact_refusal(text)
    found = correction(text)
    assert found is None or (found.old in text and found.new in text)


@pytest.mark.parametrize(
    "text",
    [
        "【温馨提醒】周五全小区消杀，请关好窗",
        "转发：明天上午九点核对户籍信息",
        "尊敬的业主：物业将于下周更换门禁卡",
        "周日义诊，請相互轉告",
        "[转发]警方提醒：当心刷单",
    ],
)
def test_notices(text: str) -> None:
    assert is_notice(text)


@pytest.mark.parametrize(
    "text", ["门口贴的停水通知看不懂", "收到一条短信通知是不是诈骗", "转人工", "通知一下物业来修灯"]
)
def test_what_mentions_a_notice_is_none(text: str) -> None:
    assert not is_notice(text)


@pytest.mark.parametrize("text", ["你这破程序", "一群廢物", "垃圾软件，啥也不会", "狗日的楼上又吵"])
def test_abuse(text: str) -> None:
    assert is_abuse(text)


@pytest.mark.parametrize(
    "text", ["垃圾没人收", "要带什么东西", "机器人能帮我报修吗", "废物利用怎么弄"]
)
def test_no_abuse(text: str) -> None:
    assert not is_abuse(text)
