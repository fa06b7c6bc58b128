"""The columns of a service table: what people call them, and the heading that we write."""

from collections.abc import Mapping, Sequence

OFFICE = "offices."

SERVICE_COLUMNS: Mapping[str, Sequence[str]] = {
    "id": ("编号", "事项编码", "事项编号", "编码", "key", "code"),
    "name": ("名称", "事项名称", "服务名称", "服务事项", "办理事项", "业务名称", "子项名称", "事项",
             "item", "title", "service"),
    "aliases": ("别名", "俗称", "简称", "常用名", "关键词", "alias"),
    "situations": ("常见问法", "常见情形", "情形", "怎么问", "问法"),
    "department": ("部门", "主管部门", "责任部门", "责任单位", "实施主体", "实施机构", "办理部门",
                   "办理单位", "办理机构", "牵头单位", "所属部门", "单位", "agency"),
    "level": ("层级", "行使层级", "办理层级", "级别"),
    "kind": ("类型", "类别", "种类", "条目类型"),
    "category": ("诉求类别", "问题类别", "分类", "主题"),
    "audience": ("服务对象", "适用对象", "办理对象", "对象", "人群"),
    "min_age": ("最小年龄", "年龄下限"),
    "max_age": ("最大年龄", "年龄上限"),
    "conditions": ("办理条件", "受理条件", "申请条件", "条件"),
    "materials": ("所需材料", "申请材料", "办理材料", "材料清单", "材料"),
    "steps": ("办理流程", "办理步骤", "流程", "步骤", "程序"),
    "fee": ("费用", "收费标准", "是否收费", "收费", "收费情况"),
    "time_limit": ("办理时限", "承诺时限", "法定时限", "办结时限", "办理期限", "时限"),
    "phones": ("电话", "联系电话", "咨询电话", "服务电话", "咨询方式", "联系方式", "phone"),
    "link": ("网上办理", "在线办理", "网址", "链接", "办事指南", "url", "link"),
    "legal_basis": ("依据", "法律依据", "设定依据", "政策依据", "文件依据"),
    "checked_on": ("核对日期", "更新日期", "更新时间", "核对时间", "最后核对"),
    "source": ("来源", "信息来源", "数据来源"),
    "scope": ("适用范围",),
    "region": ("地区", "区域", "行政区", "行政区划"),
    "offices.name": ("办理点", "办理点名称", "窗口", "网点", "办理窗口", "受理窗口", "服务网点"),
    "offices.address": ("地址", "办理地点", "办公地址", "办理地址", "受理地点", "地点", "address"),
    "offices.community": ("社区", "所属社区", "所在社区"),
    "offices.latitude": ("纬度", "lat"),
    "offices.longitude": ("经度", "lng", "lon"),
    "offices.phone": ("窗口电话", "办理点电话", "网点电话"),
    "offices.hours": ("办理时间", "办公时间", "工作时间", "开放时间", "服务时间", "营业时间",
                      "接待时间", "上班时间", "hours"),
    "offices.note": ("备注", "说明", "办理点说明", "note"),
}  # fmt: skip

REMARKS: Mapping[str, str] = {
    "id": "小写字母、数字、短横线；留空则按部门和名称生成。再次导入时按它更新",
    "name": "必填。居民办的是什么事",
    "aliases": "居民平时怎么叫它，每行一个",
    "situations": "居民会怎么问，每行一句，越多越好找",
    "department": "哪个部门管",
    "level": "社区、街道、区、市、省、全国",
    "kind": "service 办事，hotline 热线，nuisance 扰民等问题归谁管",
    "category": "归谁管的问题可填诉求类别",
    "audience": "给谁办的，每行一类",
    "min_age": "多少岁起可办，整数",
    "max_age": "多少岁以下可办，整数",
    "conditions": "每行一条",
    "materials": "每行一样",
    "steps": "每行一步",
    "fee": "如：免费",
    "time_limit": "如：当场办结",
    "phones": "每行一个",
    "link": "以 https:// 开头",
    "legal_basis": "每行一部",
    "checked_on": "如 2026-11-01",
    "source": "从哪里来的",
    "scope": "community 本社区，national 全国通用",
    "region": "如：湖北省武汉市",
    "offices.name": "有几个办理点就写几行，编号或部门、名称相同",
    "offices.address": "详细到门牌",
    "offices.community": "办理点在哪个社区",
    "offices.latitude": "小数，和经度一起填",
    "offices.longitude": "小数，和纬度一起填",
    "offices.phone": "这个办理点自己的电话",
    "offices.hours": "如：周一至周五 9:00-12:00，13:30-17:30；周六 9:00-12:00；法定节假日休息",
    "offices.note": "如：从小区北门进",
}


def heading(field: str) -> str:
    """The heading that we write for a field, in Chinese."""
    return SERVICE_COLUMNS[field][0]
