import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.document import Responsibility
from knowledge.outline import outline
from knowledge.responsibilities import extract, split_units


def found(text: str) -> tuple[Responsibility, ...]:
    return extract(text, outline(text))


PLAN = (
    "一、任务\n（一）改造\n1.楼道装灯，年内完成。（牵头单位：市房管局；责任单位：市财政局、市妇联，"
    "各区人民政府〈含开发区、风景区，下同〉）\n2.修补路面。(牵头单位:市城建局)\n二、时间\n三月启动。"
)


def test_the_bracket_that_closes_an_item() -> None:
    lights, roads = found(PLAN)
    assert lights.lead == ("市房管局",)
    assert lights.responsible == ("市财政局", "市妇联", "各区人民政府")
    assert lights.task == "1.楼道装灯，年内完成。"
    assert lights.path == ("一、任务", "（一）改造", "1.楼道装灯，年内完成")
    assert PLAN[lights.start : lights.end] == lights.task
    assert (roads.lead, roads.responsible) == (("市城建局",), ())


@pytest.mark.parametrize(
    ("bracket", "lead", "responsible", "deadline"),
    [
        ("（责任单位：市房管局，各县（市）区政府）", (), ("市房管局", "各县（市）区政府"), ""),
        ("[责任部门:物业科,综合科]", (), ("物业科", "综合科"), ""),
        ("（主办：居委会；协办：物业公司；完成时限：6月底）", ("居委会",), ("物业公司",), "6月底"),
        ("（牵头单位：民政局 责任单位：残联 时限：年底）", ("民政局",), ("残联",), "年底"),
        ("（市民政局牵头，市财政局、市残联配合）", ("市民政局",), ("市财政局", "市残联"), ""),
        ("（市民政局、市财政局按职责分工负责）", (), ("市民政局", "市财政局"), ""),
        ("（配合单位：市公安局等部门）", (), ("市公安局",), ""),
    ],
)  # fmt: skip
def test_brackets_of_every_kind(
    bracket: str, lead: tuple[str, ...], responsible: tuple[str, ...], deadline: str
) -> None:
    (one,) = found(f"一、给独居老人装烟感报警器，先装高龄户。{bracket}")
    assert (one.lead, one.responsible, one.deadline) == (lead, responsible, deadline)
    assert one.task == "一、给独居老人装烟感报警器，先装高龄户。"


def test_lines_of_their_own() -> None:
    text = "一、修车棚\n车棚加顶。\n牵头单位：居委会\n责任单位：物业公司\n完成时限：5月\n二、修路灯"
    (one,) = found(text)
    assert (one.lead, one.responsible, one.deadline) == (("居委会",), ("物业公司",), "5月")
    assert one.task == "一、修车棚\n车棚加顶。"


def test_several_brackets_in_one_item_each_close_their_part() -> None:
    text = "一、装灯。（责任单位：房管局）修路。（责任单位：城建局）"
    assert [(each.task, each.responsible) for each in found(text)] == [
        ("一、装灯。", ("房管局",)),
        ("修路。", ("城建局",)),
    ]


@pytest.mark.parametrize(
    ("sentence", "lead", "responsible"),
    [
        ("由市民政局牵头，市财政局配合，建立助餐补贴制度。", ("市民政局",), ("市财政局",)),
        ("社区居委会负责登记报修并在两天内答复。", (), ("社区居委会",)),
        ("本办法由市民政局负责解释。", (), ("市民政局",)),
        ("街道办事处和物业公司共同负责清理楼道。", (), ("街道办事处", "物业公司")),
        ("在线学习由市教育和体育局负责指导。", (), ("市教育和体育局",)),
        ("由区发展改革委会同其他各相关部门负责解释。", ("区发展改革委",), ()),
        ("由市民政局会同市财政局制定补贴办法。", ("市民政局",), ("市财政局",)),
        ("市督查局要牵头组织检查。", ("市督查局",), ()),
        ("由乡镇（街道）牵头，以社区为单元登记。", ("乡镇（街道）",), ()),
        ("装灯的事，由当地街道负责。", (), ("当地街道",)),
        ("牵头单位为市民政局。", ("市民政局",), ()),
    ],
)
def test_phrases_in_running_text(
    sentence: str, lead: tuple[str, ...], responsible: tuple[str, ...]
) -> None:
    (one,) = found(f"大家的事大家办。{sentence}其他另定。")
    assert (one.lead, one.responsible) == (lead, responsible)
    assert one.task == sentence.rstrip("。")


@pytest.mark.parametrize(
    "text",
    [
        "居委会负责人每天在岗。",
        "大家要对自己负责，也要对邻居负责。",
        "各项条款由责任单位负责解释。",
        "发挥牵头作用，凝聚各方力量。",
        "责任重大，使命光荣。",
        "",
    ],
)
def test_what_names_nobody(text: str) -> None:
    assert found(text) == ()


def test_units_are_parted_outside_nested_brackets() -> None:
    assert split_units("各县（市、区）政府、市妇联，团市委。") == (
        "各县（市、区）政府",
        "市妇联",
        "团市委",
    )
    assert split_units("市财政局、市财政局") == ("市财政局",)
    assert split_units("") == ()


@given(st.text(alphabet="（）()[]〈〉：:；、，。牵头责任单位局市由负责\n一、1.", max_size=80))
@settings(max_examples=150, deadline=None)
def test_ranges_stand_in_the_text(text: str) -> None:
    for one in found(text):
        assert text[one.start : one.end] == one.task
        assert one.task.strip()


def test_a_bracket_that_never_closes_ends_with_its_line() -> None:
    (one, *_) = found("一、装灯。（责任单位：房管局\n二、修路。")
    assert one.responsible == ("房管局",)


@pytest.mark.parametrize(
    ("text", "lead", "responsible"),
    [
        (
            "一、修车棚。（区房管局、区城管局牵头，区财政局，各街道、各镇〔含园区〕配合）",
            ("区房管局", "区城管局"),
            ("区财政局", "各街道", "各镇〔含园区〕"),
        ),
        ("一、装灯。（由区城管局牵头负责）", ("区城管局",), ()),
        (
            "装灯（区城管局牵头，区财政局、卫健委等配合）。修路。",
            ("区城管局",),
            ("区财政局", "卫健委"),
        ),
        ("一、装灯。（区城管局、区财政局、供电公司）", (), ("区城管局", "区财政局", "供电公司")),
        ("一、装灯。（区城管局、区财政局，列首的为牵头单位，下同）", ("区城管局",), ("区财政局",)),
        (
            "通知 一、装灯，先装老楼。 责任单位：区城管局、 供电公司 二、修路。",
            (),
            ("区城管局", "供电公司"),
        ),
        (
            "一、装灯。\n责任单位：各市、县（区）人民政府，区城管局",
            (),
            ("各市、县（区）人民政府", "区城管局"),
        ),
    ],
)
def test_names_in_brackets_and_behind_the_task(
    text: str, lead: tuple[str, ...], responsible: tuple[str, ...]
) -> None:
    first = found(text)[0]
    assert (first.lead, first.responsible) == (lead, responsible)
    assert "装灯" in first.task or "修车棚" in first.task
    assert "单位：" not in first.task
    assert text[first.start : first.statement_end].startswith(first.task)


def test_several_phrases_part_a_sentence() -> None:
    text = "区教育局负责收表，区卫健委负责体检，社区负责通知家长。另有通知。"
    assert [(one.responsible, one.task) for one in found(text)] == [
        (("区教育局",), "区教育局负责收表"),
        (("区卫健委",), "区卫健委负责体检"),
        (("社区",), "社区负责通知家长"),
    ]


def test_a_phrase_does_not_shorten_the_task_of_the_bracket_behind_it() -> None:
    text = "一、由社区负责登记，登记后装灯。（责任单位：区城管局）"
    assert {(one.responsible, one.task) for one in found(text)} == {
        (("社区",), "一、由社区负责登记，登记后装灯"),
        (("区城管局",), "一、由社区负责登记，登记后装灯。"),
    }


@pytest.mark.parametrize(
    ("task", "deadline"),
    [
        ("一、装灯，2027年6月底前完成。", "2027年6月底前"),
        ("一、装灯，年底前全部投用。", "年底前"),
        ("一、装灯，10个工作日内办结。", "10个工作日内"),
        ("一、先装老楼，3月底前完成；再装新楼，年底前完成。", ""),
        ("一、装灯，每天晚上6点前开灯。", ""),
    ],
)
def test_a_deadline_that_the_task_states(task: str, deadline: str) -> None:
    (one,) = found(f"{task}（责任单位：区城管局）")
    assert one.deadline == deadline


@pytest.mark.parametrize(
    "text",
    [
        "办事大厅在二楼（时间：周一至周五）。",
        "申请人要写明用途（申请人对真实性负责）。",
        "请先登记。（见附件）",
        "各部门分头去办（谁主管、谁负责）。",
    ],
)
def test_brackets_that_name_no_office(text: str) -> None:
    assert found(text) == ()
