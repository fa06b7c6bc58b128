import pytest

from knowledge.regions import region_of, starts_with_place


@pytest.mark.parametrize(
    ("title", "issuer", "region"),
    [
        ("武汉市物业管理办法", "", "湖北省武汉市"),
        ("关于加装电梯的通知", "杭州市住房保障和房产管理局", "浙江省杭州市"),
        ("湖北省社区工作者管理办法", "湖北省民政厅", "湖北省"),
        ("上海市徐汇区垃圾分类指南", "", "上海市徐汇区"),
        ("北京推出新办法", "", "北京市"),
        ("恩施土家族苗族自治州养老办法", "", "湖北省恩施土家族苗族自治州"),
        ("关于养老服务的意见", "国务院办公厅", "全国"),
        ("民政部关于社区服务的通知", "民政部", "全国"),
        ("关于发票的通告", "国家税务总局厦门市税务局", "福建省厦门市"),
        ("应急管理部调拨物资支援湖北", "", "全国"),
        ("楼道公约", "", ""),
        ("吉林路小区公约", "", ""),
        ("市委组织部关于社区工作的意见", "市委组织部", ""),
    ],
)
def test_where_a_document_applies(title: str, issuer: str, region: str) -> None:
    assert region_of(title, issuer) == region


def test_the_city_that_a_local_text_keeps_naming() -> None:
    text = "我市社区多。武汉供电公司、武汉燃气公司配合，武汉水务公司检修。外地如成都也有先例。"
    assert region_of("办理方案", "", text) == "湖北省武汉市"


def test_several_cities_or_a_text_that_is_not_local_give_none() -> None:
    assert region_of("综述", "", "我市学习武汉、成都、杭州、南京的做法，武汉经验丰富。") == ""
    assert region_of("综述", "", "武汉的做法值得一看，武汉的社区多，武汉的楼长也多。") == ""


def test_starts_with_place() -> None:
    assert starts_with_place("浙江省某局")
    assert not starts_with_place("某局驻浙江")
