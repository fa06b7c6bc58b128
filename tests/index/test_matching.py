import pytest

from index.bundled import BundledEncoder
from index.matching import Need, group_needs, match
from knowledge.resources import Resource

RESOURCES = [
    Resource(name="李律师", skills=("遗产继承咨询", "代写诉状"), community="幸福里"),
    Resource(name="张医生", skills=("量血压", "慢病咨询")),
    Resource(name="老王水电", skills=("修水管", "换灯泡")),
    Resource(name="舞蹈队", skills=("教广场舞",)),
    Resource(name="大礼堂", skills=("开会场地", "办酒席场地")),
    Resource(name="小陈", skills=("教老人用手机", "帮忙挂号")),
    Resource(name="夕阳红合唱团", skills=("教唱歌",)),
]


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    return BundledEncoder()


@pytest.mark.parametrize(
    ("need", "resource", "why"),
    [
        ("家里水管漏水没人修", "老王水电", "修水管"),
        ("老人不会用智能手机", "小陈", "教老人用手机"),
        ("父母去世房子怎么继承", "李律师", "遗产继承咨询"),
        ("想找个地方开业主大会", "大礼堂", "开会场地"),
        ("谁能给我爸量个血压", "张医生", "量血压"),
    ],
)
def test_a_need_meets_the_skill_that_fits(
    encoder: BundledEncoder, need: str, resource: str, why: str
) -> None:
    needs = [Need("希望小区多装几个路灯"), Need(need), Need("垃圾桶满了")]
    first = next(found for found in match(needs, RESOURCES, encoder) if found.need.text == need)
    assert (first.resource.name, first.why) == (resource, why)
    assert 0 < first.score <= 1


def test_a_need_that_nobody_can_meet_has_no_match(encoder: BundledEncoder) -> None:
    needs = [Need("马路上红绿灯坏了"), Need("家里水管漏水没人修"), Need("地铁几点停运")]
    assert {found.need.text for found in match(needs, RESOURCES, encoder)} == {"家里水管漏水没人修"}


def test_the_same_verb_alone_is_no_match(encoder: BundledEncoder) -> None:
    helpers = [
        *RESOURCES,
        Resource(name="刘电工", skills=("修插座",)),
        Resource(name="马老师", skills=("教书法",)),
    ]
    unmet = ("修古琴", "修手表", "谁会修自行车", "想学游泳")
    needs = [Need(text) for text in (*unmet, "插座坏了谁会修", "想学书法")]
    found = [(each.need.text, each.resource.name) for each in match(needs, helpers, encoder)]
    assert found == [("插座坏了谁会修", "刘电工"), ("想学书法", "马老师")]


def test_nothing_to_match(encoder: BundledEncoder) -> None:
    assert match([], RESOURCES, encoder) == []
    assert match([Need("修水管")], [], encoder) == []


def test_wordings_of_one_need_are_grouped(encoder: BundledEncoder) -> None:
    needs = group_needs(
        [
            "楼道灯坏了",
            "想学书法",
            "楼道的灯不亮了",
            "楼道灯坏了",
            "哪里能打疫苗",
            "楼道里的灯坏了",
        ],
        encoder,
    )
    assert needs[0].count == 4
    assert set(needs[0].wordings) == {"楼道灯坏了", "楼道的灯不亮了", "楼道里的灯坏了"}
    assert sum(need.count for need in needs) == 6
    assert {need.text for need in needs[1:]} == {"想学书法", "哪里能打疫苗"}


def test_few_needs_are_grouped_too(encoder: BundledEncoder) -> None:
    assert group_needs([], encoder) == []
    assert [need.count for need in group_needs(["修水管"], encoder)] == [1]
