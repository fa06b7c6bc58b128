"""What a community has to give: halls, doctors, lawyers, volunteers, shops, and their skills."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from knowledge.columns import guess_columns, one_spelling, recognised
from knowledge.directory import write_atomically
from knowledge.document import KnowledgeError
from knowledge.service import faults
from knowledge.service_fields import Text, Texts, as_choice, check_phone
from knowledge.service_import import ImportReport, RowProblem
from knowledge.tables import Row, read_table

RESOURCES_FILE = "resources.json"


class ResourceKind(StrEnum):
    """What the resource is."""

    HALL = "hall"
    DOCTOR = "doctor"
    LAWYER = "lawyer"
    VOLUNTEER = "volunteer"
    SHOP = "shop"
    ORGANISATION = "organisation"
    OTHER = "other"


_KIND_WORDS = {
    word: kind
    for kind, words in {
        "hall": "场地 活动室 会议室 阵地 空间",
        "doctor": "医生 护士 医护 医疗",
        "lawyer": "律师 法律 法律顾问 调解员",
        "volunteer": "志愿者 志愿服务队 志愿队 服务队 队伍 义工 能人 党员",
        "shop": "商户 商铺 店铺 企业",
        "organisation": "单位 社会组织 共建单位",
        "other": "其他",
    }.items()
    for word in words.split()
}

COLUMNS: Mapping[str, Sequence[str]] = {
    "name": ("名称", "资源名称", "姓名", "单位名称"),
    "kind": ("类型", "资源类型", "类别", "种类"),
    "skills": ("能做什么", "技能", "特长", "服务内容", "可提供服务", "擅长", "能提供"),
    "contact_phone": ("联系电话", "电话", "联系方式", "手机"),
    "community": ("社区", "所属社区", "所在社区"),
    "note": ("备注", "说明", "可用时间"),
}


class Resource(BaseModel):
    """One person, place or organisation that can help; `skills` say with what."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Text = Field(min_length=1, max_length=80)
    kind: Annotated[ResourceKind, as_choice(_KIND_WORDS, "other")] = ResourceKind.OTHER
    skills: Texts = Field(min_length=1)
    contact_phone: Annotated[
        str, BeforeValidator(lambda value: check_phone(str(value)) if value else "")
    ] = Field(default="", repr=False)
    community: Text = ""
    note: Text = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two rows the same resource: (community, name)."""
        return self.community, self.name


def import_resources(
    path: Path, existing: Sequence[Resource]
) -> tuple[list[Resource], ImportReport]:
    """Join the rows of a CSV, TSV, XLSX, JSON or YAML file to `existing`.

    Rows of a known community and name are updated, faulty ones listed. Raises KnowledgeError when
    the file cannot be read or has no name column.
    """
    table = one_spelling(read_table(path, lambda cells: recognised(cells, COLUMNS)), COLUMNS)
    columns = guess_columns(table.headings, COLUMNS)
    if "name" not in columns.values():
        raise KnowledgeError(f"{path.name} 里找不到名称这一列（列有：{'、'.join(table.headings)}）")
    unused = tuple(title for title in table.headings if title not in columns)
    report = ImportReport(path.name, columns, unused, table.unit, rows=len(table.rows))
    resources = {resource.key: resource for resource in existing}
    for row in table.rows:
        resource = _validated(row, columns, report)
        if resource is None:
            continue
        before = resources.get(resource.key)
        report.added += before is None
        report.unchanged += before == resource
        report.updated += before is not None and before != resource
        resources[resource.key] = resource
    return list(resources.values()), report


def _validated(row: Row, columns: Mapping[str, str], report: ImportReport) -> Resource | None:
    if row.fault:
        report.problems.append(RowProblem(row.line, "", row.fault))
        return None
    values: dict[str, Any] = {
        columns[title]: value for title, value in row.values.items() if title in columns
    }
    try:
        return Resource.model_validate(values)
    except ValidationError as error:
        titles = {meant: title for title, meant in columns.items()}
        report.problems += [
            RowProblem(row.line, titles.get(field.split(".")[0], field), reason)
            for field, reason in faults(error)
        ]
        return None


def load_resources(home: Path) -> list[Resource]:
    """Read what has been imported into `home`; nothing when there is none yet.

    Raises KnowledgeError when the file is damaged.
    """
    path = home / RESOURCES_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return [Resource.model_validate(entry) for entry in stored["resources"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KnowledgeError(f"{path} 读不出来，可能损坏了") from error


def save_resources(home: Path, resources: Sequence[Resource]) -> None:
    """Replace the community's resources, all or nothing; raises KnowledgeError."""
    entries = [resource.model_dump(mode="json", exclude_defaults=True) for resource in resources]
    text = json.dumps({"resources": entries}, ensure_ascii=False, indent=1)
    try:
        write_atomically(home / RESOURCES_FILE, text.encode())
    except OSError as error:
        raise KnowledgeError(f"{home / RESOURCES_FILE} 写不进去：{error.strerror}") from error
