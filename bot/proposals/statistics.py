"""Response, resolution and satisfaction rates (响应率、解决率、满意率), computed from events.

These are the three rates by which city hotlines (12345, 接诉即办) judge their work; residents are
called back and asked. With the proposals of a period and a group, not counting the rest:

    response rate     = answered in time / (answered in time + answered late + overdue)
    resolution rate   = solved / (solved + unsolved)
    satisfaction rate = rated 4 or 5 / rated

- Answered: the first dispatch, move or answer by a worker in the history. In time: not after
  `response_due_at`. Who still waits within the time counts as neither, nor does what was withdrawn
  unanswered.
- Solved or unsolved, and rated: the resident's last answer. No answer counts as neither.
- Of the five grades of the national 好差评 scale, 5 and 4 count as satisfied. Cities that count the
  third (基本满意) too pass `satisfied_from=3`.

A rate without anything to divide by is None, never 0 or 1.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

from bot.clock import local
from bot.storage.database import UnitOfWork
from bot.storage.proposals import EVERYTHING, OPEN_STAGES, Filter
from bot.storage.records import Outcome, Stage

SATISFIED_FROM = 4


class Group(StrEnum):
    """By what to group; `MONTH` and `WEEK` are local calendar months and ISO weeks of creation."""

    NOTHING = "nothing"
    COMMUNITY = "community"
    CATEGORY = "category"
    DEPARTMENT = "department"
    MONTH = "month"
    WEEK = "week"


@dataclass
class Statistics:
    """Counts of one group; the hours are medians from creation to first answer and execution."""

    group: str
    proposals: int = 0
    open: int = 0
    overdue: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    answered_in_time: int = 0
    answered_late: int = 0
    unanswered_overdue: int = 0
    solved: int = 0
    unsolved: int = 0
    rated: int = 0
    satisfied: int = 0
    transfers: int = 0
    reopened: int = 0
    hours_to_answer: list[float] = field(default_factory=list, repr=False)
    hours_to_execute: list[float] = field(default_factory=list, repr=False)

    @property
    def response_rate(self) -> float | None:
        """响应率: see the module."""
        late = self.answered_late + self.unanswered_overdue
        return _share(self.answered_in_time, self.answered_in_time + late)

    @property
    def resolution_rate(self) -> float | None:
        """解决率: see the module."""
        return _share(self.solved, self.solved + self.unsolved)

    @property
    def satisfaction_rate(self) -> float | None:
        """满意率: see the module."""
        return _share(self.satisfied, self.rated)

    def as_dict(self) -> dict[str, object]:
        """Everything as JSON can hold it: rates from 0 to 1 or None, medians in hours or None."""
        return {
            "group": self.group,
            "proposals": self.proposals,
            "open": self.open,
            "overdue": self.overdue,
            "stages": {stage.value: self.stages[stage] for stage in Stage},
            "response": {
                "rate": self.response_rate,
                "in_time": self.answered_in_time,
                "late": self.answered_late,
                "overdue": self.unanswered_overdue,
                "median_hours": _median(self.hours_to_answer),
            },
            "resolution": {
                "rate": self.resolution_rate,
                "solved": self.solved,
                "unsolved": self.unsolved,
                "median_hours": _median(self.hours_to_execute),
            },
            "satisfaction": {
                "rate": self.satisfaction_rate,
                "satisfied": self.satisfied,
                "rated": self.rated,
            },
            "transfers": self.transfers,
            "reopened": self.reopened,
        }

    def count(self, outcome: Outcome, now: datetime, satisfied_from: int) -> None:
        """Add one proposal."""
        self.proposals += 1
        self.stages[outcome.stage] += 1
        is_open = outcome.stage in OPEN_STAGES
        self.open += is_open
        self.overdue += is_open and _is_past(outcome.resolution_due_at, now)
        self._count_answer(outcome, now)
        self.solved += outcome.judged == "solved"
        self.unsolved += outcome.judged == "unsolved"
        if outcome.rated is not None:
            self.rated += 1
            self.satisfied += outcome.rated >= satisfied_from
        if outcome.executed_at is not None:
            self.hours_to_execute.append(_hours(outcome.created_at, outcome.executed_at))
        self.transfers += max(0, outcome.departments - 1)
        self.reopened += outcome.reopened

    def _count_answer(self, outcome: Outcome, now: datetime) -> None:
        due = outcome.response_due_at
        if outcome.answered_at is not None:
            late = _is_past(due, outcome.answered_at)
            self.answered_late += late
            self.answered_in_time += not late
            self.hours_to_answer.append(_hours(outcome.created_at, outcome.answered_at))
        elif outcome.stage is not Stage.WITHDRAWN:
            self.unanswered_overdue += _is_past(due, now)


def statistics(
    unit: UnitOfWork,
    wanted: Filter = EVERYTHING,
    group: Group = Group.NOTHING,
    satisfied_from: int = SATISFIED_FROM,
) -> list[Statistics]:
    """The counts and rates of the wanted proposals, one a group, in the order of the group names.

    Without a group, one for all of them (also when there are none).
    """
    groups: dict[str, Statistics] = {}
    if group is Group.NOTHING:
        groups[""] = Statistics("")
    for outcome in unit.proposals.outcomes(wanted):
        name = _group_name(outcome, group, unit)
        groups.setdefault(name, Statistics(name)).count(outcome, unit.now, satisfied_from)
    return [groups[name] for name in sorted(groups)]


def _group_name(outcome: Outcome, group: Group, unit: UnitOfWork) -> str:
    match group:
        case Group.NOTHING:
            return ""
        case Group.MONTH:
            return f"{local(outcome.created_at, unit.time_zone):%Y-%m}"
        case Group.WEEK:
            return f"{local(outcome.created_at, unit.time_zone):%G-W%V}"
        case _:
            return str(getattr(outcome, group.value))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _median(hours: list[float]) -> float | None:
    return round(median(hours), 2) if hours else None


def _hours(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600


def _is_past(due: datetime | None, moment: datetime) -> bool:
    return due is not None and moment > due
