"""The service directory: what is shipped for everywhere, completed by what a community knows."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from knowledge.document import KnowledgeError
from knowledge.service import Scope, Service, faults, is_made_id

SHIPPED = Path(__file__).parent / "services"
COMMUNITY_FILE = "services.json"
_FORMAT = 1


class Directory:
    """All services that can be found, each id once.

    A community's entry stands in for the national one of the same id or name; what it leaves
    empty is taken from there.
    """

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: tuple[Service, ...] = tuple(services)

    @classmethod
    def load(cls, home: Path, shipped: Path = SHIPPED) -> "Directory":
        """Read the shipped entries (`*.yml` in `shipped`) and the community's below `home`.

        Raises KnowledgeError that names file, entry and reason.
        """
        return cls(_joined(load_folder(shipped), load_community(home)))

    @cached_property
    def _by_id(self) -> Mapping[str, Service]:
        return {service.id: service for service in self.services}

    def get(self, service_id: str) -> Service | None:
        """The service of this id, None when there is none."""
        return self._by_id.get(service_id)

    def __len__(self) -> int:
        return len(self.services)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.services)


def load_folder(folder: Path) -> list[Service]:
    """Read every `*.yml` of a folder, in the order of their names.

    Raises KnowledgeError for a file that is no list of valid entries, or an id that comes twice.
    """
    services: dict[str, Service] = {}
    for path in sorted(folder.glob("*.yml")):
        for service in load_file(path):
            if service.id in services:
                raise KnowledgeError(f"{path.name}：编号 {service.id} 重复")
            services[service.id] = service
    return list(services.values())


def load_file(path: Path) -> list[Service]:
    """Read one YAML file of entries; raises KnowledgeError with every fault in it."""
    try:
        with path.open(encoding="utf-8") as stream:
            entries = yaml.load(stream, Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KnowledgeError(f"{path.name} 读不出来：{error}") from error
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise KnowledgeError(f"{path.name}：应该是一个列表，每个服务一项")
    return _validated(entries, path.name)


def load_community(home: Path) -> list[Service]:
    """Read what has been imported into `home`; nothing when there is none yet.

    Raises KnowledgeError when the file cannot be read or is damaged.
    """
    path = home / COMMUNITY_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"{path} 读不出来：{error}") from error
    if not isinstance(stored, dict) or stored.get("format") != _FORMAT:
        raise KnowledgeError(f"{path} 不是这个版本写的服务目录")
    return _validated(stored["services"], str(path))


def save_community(home: Path, services: Sequence[Service]) -> None:
    """Replace the community's entries, all or nothing; raises KnowledgeError when it cannot."""
    entries = [service.model_dump(mode="json", exclude_defaults=True) for service in services]
    text = json.dumps({"format": _FORMAT, "services": entries}, ensure_ascii=False, indent=1)
    try:
        write_atomically(home / COMMUNITY_FILE, text.encode())
    except OSError as error:
        raise KnowledgeError(f"{home / COMMUNITY_FILE} 写不进去：{error.strerror}") from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path`, flush to disk, then take its place; raises OSError, leaving the old."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def completed(entry: Service, general: Service) -> Service:
    """`entry` with the facts that it leaves empty taken from the general entry.

    An id that was only made up for want of one gives way to the general entry's.
    """
    given = {
        name
        for name, value in entry
        if value != type(entry).model_fields[name].get_default(call_default_factory=True)
    }
    known = {name: value for name, value in general if name not in given}
    known["scope"] = Scope.COMMUNITY
    known["id"] = general.id if is_made_id(entry.id) else entry.id
    # Joined lists keep the everyday ways to ask, which a community's table hardly ever has.
    for name in ("aliases", "situations"):
        known[name] = tuple(dict.fromkeys((*getattr(entry, name), *getattr(general, name))))
    return entry.model_copy(update=known)


def _joined(national: Sequence[Service], community: Sequence[Service]) -> Iterator[Service]:
    """Community entries, completed, in the place of national ones; then the rest of them."""
    by_id = {entry.id: entry for entry in community}
    by_name: dict[str, Service] = {}
    for entry in community:
        by_name.setdefault(entry.name, entry)
    used: set[str] = set()
    for general in national:
        own = by_id.get(general.id) or by_name.get(general.name)
        if own is None or own.id in used:
            yield general
            continue
        used.add(own.id)
        yield completed(own, general)
    yield from (entry for entry in community if entry.id not in used)


def _validated(entries: Sequence[Any], source: str) -> list[Service]:
    services, wrong = [], []
    for number, entry in enumerate(entries, 1):
        try:
            services.append(Service.model_validate(entry))
        except ValidationError as error:
            name = entry.get("id") or entry.get("name") if isinstance(entry, dict) else None
            wrong += [
                f"{source} 第 {number} 条（{name or '没有编号'}）{field}：{reason}"
                for field, reason in faults(error)
            ]
    if wrong:
        raise KnowledgeError("\n".join(wrong))
    return services


# The C loader reads the shipped entries some ten times faster than the one in Python.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
