"""A public service as a resident needs to know it: where, when, what to bring, whom to call."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from knowledge.opening_hours import OpeningHours, parse_hours
from knowledge.service_fields import Phones, Text, Texts, as_choice, check_phone

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:$|[ T])")


class Level(StrEnum):
    """Who keeps the counter."""

    COMMUNITY = "社区"
    SUBDISTRICT = "街道"
    DISTRICT = "区"
    CITY = "市"
    PROVINCE = "省"
    NATION = "全国"
    UNSTATED = ""


class Kind(StrEnum):
    """What an entry is: something to apply for, a number to call, or who deals with a nuisance."""

    SERVICE = "service"
    HOTLINE = "hotline"
    NUISANCE = "nuisance"


class Scope(StrEnum):
    """General national information, or what one community has filled in for itself."""

    NATIONAL = "national"
    COMMUNITY = "community"


_LEVEL_WORDS = {
    "村": "社区", "居委会": "社区", "镇": "街道", "乡": "街道", "乡镇": "街道", "街镇": "街道",
    "县": "区", "区县": "区", "县区": "区", "国家": "全国", "中央": "全国", "地市": "市",
}  # fmt: skip
_KIND_WORDS = {"服务": "service", "事项": "service", "热线": "hotline", "电话": "hotline",
               "扰民": "nuisance", "烦心事": "nuisance", "投诉": "nuisance"}  # fmt: skip
_SCOPE_WORDS = {"全国": "national", "通用": "national", "社区": "community", "本地": "community"}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Office(_Model):
    """A place to go to.

    `latitude` and `longitude` are degrees, both or neither. `hours` is text as people write it;
    `opening_hours` reads it.
    """

    name: Text = ""
    address: Text = ""
    community: Text = ""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    phone: Annotated[
        str, BeforeValidator(lambda value: check_phone(str(value)) if value else "")
    ] = ""
    hours: Text = ""
    note: Text = ""

    @field_validator("latitude", "longitude", mode="before")
    @classmethod
    def _blank(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("hours")
    @classmethod
    def _possible(cls, value: str) -> str:
        parse_hours(value)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("纬度和经度要么都填，要么都不填")
        if not (self.name or self.address):
            raise ValueError("办理点至少要有名称或地址")
        return self

    @property
    def opening_hours(self) -> OpeningHours:
        """The hours as weekly periods."""
        return parse_hours(self.hours)

    @property
    def location(self) -> tuple[float, float] | None:
        """(latitude, longitude) in degrees, None where unknown."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


class Service(_Model):
    """One entry of the service directory; fields that are empty are not known.

    `situations` are everyday ways to ask, `checked_on` the day the facts were last checked, `id` a
    stable slug. `category` is the proposal category that fits a nuisance.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=48)
    name: Text = Field(min_length=1, max_length=120)
    aliases: Texts = ()
    situations: Texts = ()
    department: Text = ""
    level: Annotated[Level, as_choice(_LEVEL_WORDS, "")] = Level.UNSTATED
    kind: Annotated[Kind, as_choice(_KIND_WORDS, "service")] = Kind.SERVICE
    category: Text = ""
    audience: Texts = ()
    min_age: int | None = Field(default=None, ge=0, le=120)
    max_age: int | None = Field(default=None, ge=0, le=120)
    conditions: Texts = ()
    materials: Texts = ()
    steps: Texts = ()
    fee: Text = ""
    time_limit: Text = ""
    offices: tuple[Office, ...] = ()
    phones: Phones = ()
    link: Text = ""
    legal_basis: Texts = ()
    checked_on: date | None = None
    source: Text = ""
    scope: Annotated[Scope, as_choice(_SCOPE_WORDS, "community")] = Scope.COMMUNITY
    region: Text = ""

    @field_validator("min_age", "max_age", mode="before")
    @classmethod
    def _blank(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("checked_on", mode="before")
    @classmethod
    def _written_date(cls, value: object) -> object:
        if isinstance(value, str) and (match := _DATE.match(value.strip())):
            return "-".join((match[1], match[2].zfill(2), match[3].zfill(2)))
        return None if value == "" else value

    @field_validator("link")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^\s/]+\.[^\s]+$", value):
            raise ValueError(f"网址要以 http:// 或 https:// 开头：“{value[:60]}”")
        return value

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if self.min_age is not None and self.max_age is not None and self.min_age > self.max_age:
            raise ValueError(f"最小年龄 {self.min_age} 大于最大年龄 {self.max_age}")
        return self

    @property
    def key(self) -> tuple[str, str]:
        """What makes two rows without an id the same service: (department, name)."""
        return self.department, self.name

    @property
    def fullness(self) -> int:
        """How many of the facts that a resident asks for are known, 0 to 8."""
        facts = (self.materials, self.steps, self.conditions, self.offices, self.phones,
                 self.situations, self.fee, self.time_limit)  # fmt: skip
        return sum(bool(fact) for fact in facts)


def made_id(department: str, name: str) -> str:
    """A stable id for an entry that has none, from its department and name."""
    digest = sha256("\x1f".join((department, name)).encode("utf-8", "replace")).hexdigest()
    return f"item-{digest[:12]}"


def is_made_id(service_id: str) -> bool:
    """Whether the id comes from `made_id`, for want of one that a person gave."""
    return re.fullmatch(r"item-[0-9a-f]{12}", service_id) is not None


class Fault(NamedTuple):
    """One thing wrong with an entry: the field's path ("offices.0.phone") and why, in Chinese."""

    field: str
    reason: str


def faults(error: ValidationError) -> list[Fault]:
    """What pydantic found, in words that the person who keeps the table understands."""
    return list(_explain(error))


_REASONS = {
    "missing": "没有填",
    "string_too_short": "没有填",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_pattern_mismatch": "只能用小写字母、数字和短横线",
    "extra_forbidden": "没有这个字段",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "int_parsing": "应该是整数",
    "int_from_float": "应该是整数",
    "float_parsing": "应该是数字",
    "float_type": "应该是数字",
    "enum": "只能是 {expected}",
    "string_type": "应该是文字",
    "tuple_type": "应该是列表",
    "model_type": "格式不对，应该是一组“字段: 值”",
}


def _explain(error: ValidationError) -> Iterator[Fault]:
    for fault in error.errors(include_url=False):
        path = ".".join(str(part) for part in fault["loc"])
        kind, context = fault["type"], fault.get("ctx", {})
        if kind == "value_error":
            reason = str(context["error"])
        elif kind.startswith("date"):
            reason = f"日期应写成 2026-11-01 这样{_given(fault['input'])}"
        else:
            reason = _REASONS.get(kind, fault["msg"]).format(**_chinese(context))
            reason += "" if kind in ("missing", "extra_forbidden") else _given(fault["input"])
        yield Fault(path, reason)


def _chinese(context: dict[str, Any]) -> dict[str, Any]:
    expected = context.get("expected")
    if isinstance(expected, str):
        context = context | {"expected": re.sub(r"', '|' or '", "、", expected).strip("'、")}
    return context


def _given(value: object) -> str:
    text = str(value).strip()
    return f"（写的是“{text[:40]}”）" if text and not isinstance(value, (dict, list)) else ""
