"""Any order of what can be done to proposals, against a model of the ledger."""

import shutil
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.clock import FixedClock
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import (
    MOVES,
    Draft,
    InvalidMove,
    ProposalError,
    allowed_moves,
)
from bot.storage.database import Database
from bot.storage.proposals import OPEN_STAGES
from bot.storage.records import (
    EventKind,
    Person,
    PersonKind,
    Resident,
    Stage,
)
from tests.bot.ram_disk import new_folder

WORKER = Person(PersonKind.WORKER, "9", "李")


DRAFT = Draft("3栋门口的路灯坏了三天", "3栋门口")


class LedgerMachine(RuleBasedStateMachine):
    """The ledger against a model: a stage and a set of supporters for each proposal."""

    @initialize()
    def open(self) -> None:
        self.folder = new_folder()
        self.clock = FixedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
        self.database = Database(self.folder / "linli.db", self.clock, "Asia/Shanghai")
        self.stages: dict[str, Stage] = {}
        self.owners: dict[str, int] = {}
        self.supporters: dict[str, set[int]] = {}
        with self.database.unit_of_work() as unit:
            self.people: list[Resident] = [
                unit.people.meet("console", str(each), f"居民{each}") for each in range(4)
            ]

    def pick(self, number: int) -> str:
        return list(self.stages)[number % len(self.stages)]

    @rule(owner=st.integers(0, 3))
    def create(self, owner: int) -> None:
        with self.database.unit_of_work() as unit:
            code = Ledger(unit, Deadlines(unit.time_zone)).create(DRAFT, self.people[owner]).code
        assert code not in self.stages
        self.stages[code], self.owners[code] = Stage.RAISED, self.people[owner].id
        self.supporters[code] = set()

    @rule(number=st.integers(0, 99), who=st.integers(0, 3))
    def support(self, number: int, who: int) -> None:
        if not self.stages:
            return
        code, person = self.pick(number), self.people[who]
        try:
            with self.database.unit_of_work() as unit:
                added = Ledger(unit, Deadlines(unit.time_zone)).support(code, person)
        except InvalidMove:
            assert self.stages[code] not in OPEN_STAGES
            return
        assert self.stages[code] in OPEN_STAGES
        assert added == (person.id != self.owners[code] and person.id not in self.supporters[code])
        if added:
            self.supporters[code].add(person.id)

    @rule(
        number=st.integers(0, 99),
        other=st.integers(0, 99),
        to=st.sampled_from(Stage),
        who=st.integers(-1, 3),
        note=st.sampled_from(["", "理由"]),
    )
    def move(self, number: int, other: int, to: Stage, who: int, note: str) -> None:
        if not self.stages:
            return
        code = self.pick(number)
        into = self.pick(other) if to is Stage.MERGED else ""
        by = WORKER if who < 0 else self.people[who].person
        stage = self.stages[code]
        sensible = (
            (who < 0 or self.people[who].id == self.owners[code])
            and to in allowed_moves(stage, by.kind)
            and (bool(note) or to not in (Stage.DECLINED, Stage.RAISED))
            and (not into or (into != code and self.stages[into] in OPEN_STAGES))
        )
        try:
            with self.database.unit_of_work() as unit:
                Ledger(unit, Deadlines(unit.time_zone)).move(code, to, by, note, into)
        except ProposalError:
            assert not sensible
            return
        assert sensible
        self.stages[code] = to
        if into:
            came = self.supporters[code] | {self.owners[code]}
            self.supporters[into] |= came - {self.owners[into]}

    @rule(number=st.integers(0, 99), solved=st.booleans())
    def judge(self, number: int, solved: bool) -> None:
        if not self.stages:
            return
        code = self.pick(number)
        owner = next(each for each in self.people if each.id == self.owners[code])
        try:
            with self.database.unit_of_work() as unit:
                Ledger(unit, Deadlines(unit.time_zone)).rate(code, owner.person, solved=solved)
        except InvalidMove:
            assert self.stages[code] not in (Stage.EXECUTED, Stage.EVALUATED)
            return
        self.stages[code] = Stage.EVALUATED if solved else Stage.DECIDED

    @rule(hours=st.integers(1, 200))
    def wait(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))

    @invariant()
    def rows_history_and_model_agree(self) -> None:
        with self.database.read() as unit:
            for code, stage in self.stages.items():
                row = unit.proposals.get(code)
                assert row is not None
                assert row.stage is stage
                assert {each.id for each in unit.proposals.supporters(code)} == (
                    self.supporters[code]
                )
                assert (row.resolved_at is not None) == (stage in (Stage.EXECUTED, Stage.EVALUATED))
                steps = [
                    (event.from_value, event.to_value)
                    for event in unit.proposals.events(code)
                    if event.what is EventKind.MOVED
                ]
                at = Stage.RAISED
                for before, after in steps:  # the history tells the whole way, each step allowed
                    assert Stage(before) is at
                    assert Stage(after) in MOVES[at]
                    at = Stage(after)
                assert at is stage

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)


TestLedgerAgainstAModel = LedgerMachine.TestCase
TestLedgerAgainstAModel.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
