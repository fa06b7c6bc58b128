import pytest

from knowledge.traditional import is_traditional, is_traditional_character, to_simplified


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        (
            "社區網格員每週走訪獨居老人，瞭解他們的需要。",
            "社区网格员每周走访独居老人，了解他们的需要。",
        ),
        ("大家圍著長桌坐下，聽著鄰居說話。", "大家围着长桌坐下，听着邻居说话。"),
        ("把曬乾的衣服收進屋裡，別佔樓道。", "把晒干的衣服收进屋里，别占楼道。"),
        ("每隻寵物都要登記，請衆人互相提醒。", "每只宠物都要登记，请众人互相提醒。"),
        ("乾隆年間的著名碑刻就在這個院子。", "乾隆年间的著名碑刻就在这个院子。"),
    ],
)
def test_traditional_text_becomes_simplified(traditional: str, simplified: str) -> None:
    assert is_traditional(traditional)
    assert to_simplified(traditional) == simplified


@pytest.mark.parametrize(
    "text",
    [
        "居民代表每季度开一次会，乾坤湾小区和著名的老槐树都在册。",
        "小区名叫幸福里，疫情过後照常开放，其余地方照旧，大家放心来。",
        "",
    ],
)
def test_simplified_text_stays_as_it_is(text: str) -> None:
    assert to_simplified(text) == text


def test_only_the_traditional_lines_of_a_mixed_text_change() -> None:
    plain = "\n".join(["楼道照明由物业公司负责维修，费用从公共收益里列支，每年公示一次。"] * 12)
    assert to_simplified(plain + "\n請業主們準時參加會議") == plain + "\n请业主们准时参加会议"


def test_single_characters() -> None:
    assert is_traditional_character("區")
    assert not is_traditional_character("区")
    assert not is_traditional_character("a")
