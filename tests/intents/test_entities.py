import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.characters import MAX_CHARACTERS
from intents.entities import read_slots, urgency


def test_one_sentence_fills_many_slots() -> None:
    slots = read_slots(
        "昨天晚上开始阳光花园3号楼门口漏水，我们整栋楼都没水，我叫王建国，138 0013 8000"
    )
    assert slots.place == "阳光花园3号楼门口"
    assert slots.estate == "阳光花园"
    assert slots.building == "3号楼"
    assert slots.time == "昨天晚上开始"
    assert slots.person == "王建国"
    assert slots.phone == "+8613800138000"
    assert slots.urgency == "utility"
    assert slots.others_affected


def test_an_empty_message_fills_none() -> None:
    assert read_slots("") == read_slots("嗯嗯")


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800138000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("我139 1234 5678", "+8613912345678"),
        ("１３８００１３８０００", "+8613800138000"),
        ("幺三八零零幺三八零零零", "+8613800138000"),
        ("+852 6123 4567", "+85261234567"),
        ("027-82345678", "+862782345678"),
        ("（027）82345678转12", "+862782345678转12"),
        ("027 82345678 分机 12", "+862782345678转12"),
        ("电话83456789", "83456789"),
    ],
)
def test_phones(text: str, phone: str) -> None:
    assert read_slots(text).phone == phone


@pytest.mark.parametrize(
    "text",
    [
        "打400-820-8820没人接",
        "打了12345",
        "3号楼1302",
        "20261121",
        "身份证420106198001011234",
        "一共花了83456789",
    ],
)
def test_no_phone(text: str) -> None:
    assert read_slots(text).phone == ""


@pytest.mark.parametrize(
    "number", ["42010619800101123X", "420106 19800101 1234", "４２０１０６１９８００１０１１２３４"]
)
def test_identity_numbers_are_recognised_and_are_no_phones(number: str) -> None:
    slots = read_slots(f"身份证{number}")
    assert [e.value for e in slots.entities if e.entity == "id_number"] == [number]
    assert slots.phone == ""


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("我叫王建国，住3号楼", "王建国"),
        ("姓名：李娜", "李娜"),
        ("联系人欧阳锋 电话", "欧阳锋"),
        ("我姓张", "张"),
        ("张三 13800138000", "张三"),
        ("王阿姨说的", "王阿姨"),
        ("老李师傅", "老李师傅"),
        ("我係陳大文，電話", "陳大文"),
    ],
)
def test_people(text: str, person: str) -> None:
    assert read_slots(text).person == person


@pytest.mark.parametrize(
    "text",
    ["我叫他来修", "我是楼长", "找物业电话", "我叫了物业来", "老师们都在", "高空抛物", "我是业主"],
)
def test_no_person(text: str) -> None:
    assert read_slots(text).person == ""


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("昨天晚上停的电", "昨天晚上"),
        ("坏了三天了", "三天了"),
        ("一个多月没人管", "一个多月"),
        ("每天早上六点就吵", "每天早上六点"),
        ("上周三开始漏", "上周三开始"),
        ("6月3号停水", "6月3号"),
        ("十二点以后还在唱", "十二点以后"),
        ("半年了", "半年了"),
        ("琴日停電", "琴日"),
        ("晚上10:30到凌晨", "晚上10:30到凌晨"),
    ],
)
def test_times(text: str, when: str) -> None:
    assert read_slots(text).time == when


@pytest.mark.parametrize("text", ["路灯坏了", "3号楼", "三年级家长", "三天内答复"])
def test_no_time(text: str) -> None:
    assert read_slots(text).time == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("着火了", "danger"),
        ("煤气漏了", "danger"),
        ("井盖没了", "danger"),
        ("井盖裂了一半", "danger"),
        ("電線掉下來了", "danger"),
        ("电梯困人", "danger"),
        ("著火啦", "danger"),
        ("楼道堆满纸箱，怕着火", "general"),
        ("万一爆炸怎么办", "general"),
        ("希望搞个防溺水宣传", "general"),
        ("消防通道冒烟", "danger"),
        ("停水了", "utility"),
        ("屋里冇电", "utility"),
        ("电梯坏了", "utility"),
        ("想加装电梯", "complex"),
        ("隔壁违建", "complex"),
        ("路灯坏了", "general"),
    ],
)
def test_urgency(text: str, expected: str) -> None:
    assert urgency(text) == expected


@pytest.mark.parametrize(
    "text", ["我们整栋楼都停水", "大家都有意见", "好几户漏水", "全小区没灯", "很多人摔跤"]
)
def test_others_are_affected(text: str) -> None:
    assert read_slots(text).others_affected


def test_one_resident_alone() -> None:
    assert not read_slots("我家窗户漏风").others_affected


PIECES = st.sampled_from(
    ["3号楼", "幸福里", "和", "，", "138", "00138000", "的", "路", "小区", "昨天", "不是",
     "王阿姨", "4201", "１", "樓"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=20).map("".join))
def test_ranges_stand_in_the_text(text: str) -> None:
    slots = read_slots(text)
    for entity in slots.entities:
        assert 0 <= entity.start < entity.end <= len(text)
        if entity.entity != "phone":
            assert entity.value == text[entity.start : entity.end]
    assert slots.place in text


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1-",
        "138 ",
        "3号楼",
        "一",
        "和",
        "路",
        "幸福里小区",
        "不是",
        "（",
        "昨天晚上十点",
        "\0",
        "电话1380013",
    ],
)
def test_very_long_messages_take_no_longer(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    slots = read_slots(text)
    assert time.perf_counter() - started < 2
    assert all(entity.end <= MAX_CHARACTERS for entity in slots.entities)
