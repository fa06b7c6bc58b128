"""The rows of the ledger: proposals, their history, supporters, files and reminders.

This keeps and finds; what may happen to a proposal is decided by `bot.proposals.ledger`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import numpy as np

from bot.storage.encoding import column, record
from bot.storage.people import with_who
from bot.storage.records import (
    Event,
    EventKind,
    Outcome,
    Person,
    Proposal,
    Resident,
    Stage,
    StoredFile,
)
from bot.storage.repository import Repository
from index.encoder import Vectors

OPEN_STAGES = (Stage.RAISED, Stage.DISCUSSED, Stage.DECIDED)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which proposals are wanted; an empty field does not limit.

    `since` (inclusive) and `until` (exclusive) are about `created_at`; `due_before` finds what
    waits for a response or a resolution that is due before then; `supporter_id` what a resident
    raised or supports; `worker_id` what a worker has done something about. `other_communities`
    are those that are not wanted, `words` (apart by spaces) all stand in the title or the place.
    """

    since: datetime | None = None
    until: datetime | None = None
    stages: tuple[Stage, ...] = ()
    categories: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    resident_id: int | None = None
    supporter_id: int | None = None
    worker_id: str = ""
    other_communities: tuple[str, ...] = ()
    due_before: datetime | None = None
    words: str = ""

    def where(self) -> tuple[str, dict[str, object]]:
        """The condition in SQL over `proposals`, and its values."""
        terms: list[str] = ["1"]
        values: dict[str, object] = {}
        for name, operator in (("since", ">="), ("until", "<")):
            if (moment := getattr(self, name)) is not None:
                terms.append(f"created_at {operator} :{name}")
                values[name] = moment
        for name, operator, wanted in (
            ("stage", "IN", self.stages),
            ("category", "IN", self.categories),
            ("community", "IN", self.communities),
            ("community", "NOT IN", self.other_communities),
            ("department", "IN", self.departments),
        ):
            if wanted:
                names = [f"{name}_{operator[0]}{number}" for number in range(len(wanted))]
                terms.append(f"{name} {operator} ({', '.join(':' + each for each in names)})")
                values |= dict(zip(names, wanted, strict=True))
        if self.resident_id is not None:
            terms.append("resident_id = :resident_id")
            values["resident_id"] = self.resident_id
        if self.supporter_id is not None:
            terms.append(
                "(resident_id = :supporter_id OR code IN"
                " (SELECT code FROM proposal_supporters WHERE resident_id = :supporter_id))"
            )
            values["supporter_id"] = self.supporter_id
        if self.worker_id:
            terms.append(
                "code IN (SELECT code FROM proposal_events WHERE who_kind = 'worker'"
                " AND who_id = :worker_id AND what <> 'viewed')"
            )
            values["worker_id"] = self.worker_id
        if self.due_before is not None:
            terms.append(
                "stage IN ('raised', 'discussed', 'decided') AND ("
                "(responded_at IS NULL AND response_due_at < :due_before)"
                " OR (resolved_at IS NULL AND resolution_due_at < :due_before))"
            )
            values["due_before"] = self.due_before
        for number, word in enumerate(self.words.split()):
            terms.append(f"instr(title || ' ' || place, :word_{number}) > 0")
            values[f"word_{number}"] = word
        return " AND ".join(terms), {name: column(value) for name, value in values.items()}


EVERYTHING = Filter()

_OUTCOME_COLUMNS = ", ".join(
    f"(SELECT {value} FROM proposal_events e WHERE e.code = p.code AND {condition}) AS {name}"
    for name, value, condition in (
        (
            "answered_at",
            "min(at)",
            "who_kind = 'worker' AND what IN ('moved','assigned','replied')",
        ),
        ("executed_at", "max(at)", "what = 'moved' AND to_value = 'executed'"),
        ("judged", "to_value", "what = 'judged' ORDER BY id DESC LIMIT 1"),
        ("rated", "to_value", "what = 'rated' AND to_value <> '' ORDER BY id DESC LIMIT 1"),
        ("departments", "count(*)", "what = 'assigned'"),
        ("reopened", "count(*)", "what = 'judged' AND to_value = 'unsolved'"),
    )
)


class Proposals(Repository):
    """Rows of proposals and of what belongs to them."""

    def next_code(self, day: date) -> str:
        """A code that no other proposal has: `P20261121-0001`, numbered within the local `day`.

        The counter moves inside the caller's transaction, so two writers never get the same, and
        a number is not given again.
        """
        row = self._one(
            "INSERT INTO proposal_numbers (day, last) VALUES (:day, 1)"
            " ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last",
            day=f"{day:%Y%m%d}",
        )
        assert row is not None  # RETURNING gives one row for one upsert
        return f"P{day:%Y%m%d}-{row['last']:04d}"

    def add(self, proposal: Proposal) -> None:
        """Write a new row."""
        self._insert("proposals", asdict(proposal))

    def update(self, code: str, **values: object) -> None:
        """Change columns of a row, and its `updated_at`."""
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        self._execute(
            f"UPDATE proposals SET {assignments}, updated_at = :_now WHERE code = :_code",
            _now=self.now,
            _code=code,
            **values,
        )

    def get(self, code: str) -> Proposal | None:
        """The proposal with this code, however it is typed."""
        row = self._one("SELECT * FROM proposals WHERE code = :code", code=code.strip().upper())
        return None if row is None else record(Proposal, row)

    def find(
        self, wanted: Filter = EVERYTHING, *, newest_first: bool = False, limit: int = -1
    ) -> Iterator[Proposal]:
        """Proposals in the order of their creation, streamed: memory does not grow with them.

        Use it inside the transaction that it came from.
        """
        where, values = wanted.where()
        order = "DESC" if newest_first else "ASC"
        rows = self._query(
            f"SELECT * FROM proposals WHERE {where}"
            f" ORDER BY created_at {order}, code {order} LIMIT :_limit",
            _limit=limit,
            **values,
        )
        return (record(Proposal, row) for row in rows)

    def count(self, wanted: Filter = EVERYTHING) -> int:
        """How many proposals `find` would give."""
        where, values = wanted.where()
        row = self._one(f"SELECT count(*) AS n FROM proposals WHERE {where}", **values)
        return int(row["n"]) if row else 0

    # -- history

    def add_event(
        self,
        code: str,
        who: Person,
        what: EventKind,
        from_value: str = "",
        to_value: str = "",
        note: str = "",
    ) -> Event:
        """Append to a proposal's history."""
        event_id = self._insert(
            "proposal_events",
            {
                "code": code,
                "at": self.now,
                "who_kind": who.kind,
                "who_id": who.id,
                "who_name": who.name,
                "what": what,
                "from_value": from_value,
                "to_value": to_value,
                "note": note,
            },
        )
        return Event(event_id, code, self.now, who, what, from_value, to_value, note)

    def events(self, code: str) -> list[Event]:
        """A proposal's history, oldest first."""
        rows = self._query("SELECT * FROM proposal_events WHERE code = :code ORDER BY id",
                           code=code)  # fmt: skip
        return [record(Event, with_who(row)) for row in rows]

    def all_events(self) -> Iterator[Event]:
        """The history of all proposals, oldest first, streamed."""
        rows = self._query("SELECT * FROM proposal_events ORDER BY id")
        return (record(Event, with_who(row)) for row in rows)

    def outcomes(self, wanted: Filter = EVERYTHING) -> Iterator[Outcome]:
        """What the history says about each proposal, in the order of creation, streamed."""
        where, values = wanted.where()
        rows = self._query(
            f"SELECT p.*, {_OUTCOME_COLUMNS} FROM proposals p WHERE {where}"
            " ORDER BY created_at, code",
            **values,
        )
        return (record(Outcome, row) for row in rows)

    def closed_before(self, moment: datetime) -> Iterator[Proposal]:
        """Proposals that still hold contact details, and were moved last, to an end, before then.

        `executed` counts as an end here: most residents never judge what was done.
        """
        rows = self._query(
            "SELECT p.* FROM proposals p WHERE stage NOT IN ('raised', 'discussed', 'decided')"
            " AND NOT EXISTS (SELECT 1 FROM proposal_events e WHERE e.code = p.code AND"
            " (e.what = 'anonymised' OR (e.what IN ('moved', 'judged') AND e.at >= :moment)))"
            " ORDER BY code",
            moment=moment,
        )
        return (record(Proposal, row) for row in rows)

    def anonymise_event(self, event: Event, note: str, *, forget_who: bool) -> None:
        """Take what is personal out of an event: its note becomes `note`, which is not longer."""
        self._execute(
            "UPDATE proposal_events SET note = :note, anonymised_at = :now,"
            " who_name = iif(:forget, '', who_name), who_id = iif(:forget, '', who_id)"
            " WHERE id = :id",
            id=event.id,
            note=note,
            now=self.now,
            forget=forget_who,
        )

    def events_by(self, who: Person) -> list[Event]:
        """What a person did, in all proposals, oldest first."""
        rows = self._query(
            "SELECT * FROM proposal_events WHERE who_kind = :kind AND who_id = :id ORDER BY id",
            kind=who.kind,
            id=who.id,
        )
        return [record(Event, with_who(row)) for row in rows]

    # -- supporters

    def add_supporter(self, code: str, resident_id: int) -> bool:
        """Note that a resident supports a proposal; False when they already do."""
        return bool(
            self._execute(
                "INSERT INTO proposal_supporters (code, resident_id, at)"
                " VALUES (:code, :resident_id, :now) ON CONFLICT DO NOTHING",
                code=code,
                resident_id=resident_id,
                now=self.now,
            )
        )

    def copy_supporters(self, from_code: str, to_code: str) -> int:
        """Let the supporters of one proposal, and who raised it, support another; how many came.

        Who raised the other one, or supports it already, does not count again.
        """
        return self._execute(
            "INSERT INTO proposal_supporters (code, resident_id, at, came_from)"
            " SELECT :to_code, resident_id, at, :from_code FROM ("
            "  SELECT resident_id, created_at AS at FROM proposals"
            "  WHERE code = :from_code AND resident_id IS NOT NULL"
            "  UNION ALL SELECT resident_id, at FROM proposal_supporters WHERE code = :from_code)"
            " WHERE resident_id IS NOT (SELECT resident_id FROM proposals WHERE code = :to_code)"
            " ON CONFLICT DO NOTHING",
            from_code=from_code,
            to_code=to_code,
        )

    def remove_supporter(self, resident_id: int) -> None:
        """Let a resident support nothing any more."""
        self._execute("DELETE FROM proposal_supporters WHERE resident_id = :id", id=resident_id)

    def supporters(self, code: str) -> list[Resident]:
        """Who supports a proposal, in the order in which they came; not who raised it."""
        rows = self._query(
            "SELECT r.* FROM proposal_supporters s JOIN residents r ON r.id = s.resident_id"
            " WHERE s.code = :code ORDER BY s.at, s.rowid",
            code=code,
        )
        return [record(Resident, row) for row in rows]

    def supporter_count(self, code: str) -> int:
        """How many residents support a proposal, not counting who raised it."""
        row = self._one("SELECT count(*) AS n FROM proposal_supporters WHERE code = :code",
                        code=code)  # fmt: skip
        return int(row["n"]) if row else 0

    # -- files

    def attach(self, code: str, file: StoredFile) -> None:
        """Note that a stored file belongs to a proposal."""
        self._insert("proposal_attachments", asdict(file) | {"code": code, "at": self.now})

    def attachments(self, code: str) -> list[StoredFile]:
        """The files of a proposal, oldest first."""
        rows = self._query("SELECT * FROM proposal_attachments WHERE code = :code ORDER BY id",
                           code=code)  # fmt: skip
        return [record(StoredFile, row) for row in rows]

    def detach(self, code: str) -> list[StoredFile]:
        """Let a proposal have no files; what it had, for the caller to delete after the commit."""
        files = self.attachments(code)
        self._execute("DELETE FROM proposal_attachments WHERE code = :code", code=code)
        return files

    def all_attachments(self) -> Iterator[StoredFile]:
        """The files of all proposals."""
        rows = self._query("SELECT * FROM proposal_attachments ORDER BY id")
        return (record(StoredFile, row) for row in rows)

    # -- meaning

    def keep_vector(self, code: str, encoder: str, vector: Vectors) -> None:
        """Keep what a proposal means: `(dim,) float32` of the named encoder."""
        self._execute(
            "INSERT INTO proposal_vectors (code, encoder, vector) VALUES (:code, :encoder, :vector)"
            " ON CONFLICT (code) DO UPDATE SET encoder = excluded.encoder,"
            " vector = excluded.vector",
            code=code,
            encoder=encoder,
            vector=vector.astype(np.float32).tobytes(),
        )

    def drop_vector(self, code: str) -> None:
        """Forget what a proposal meant: its description is no longer the same."""
        self._execute("DELETE FROM proposal_vectors WHERE code = :code", code=code)

    def vectors(self, encoder: str, codes: Sequence[str]) -> dict[str, Vectors]:
        """The kept vectors of these proposals by code; none of another encoder."""
        rows = self._query(
            "SELECT code, vector FROM proposal_vectors WHERE encoder = :encoder"
            " AND code IN (SELECT value FROM json_each(:codes))",
            encoder=encoder,
            codes=json.dumps(codes),
        )
        return {row["code"]: np.frombuffer(row["vector"], np.float32) for row in rows}

    def last_event_id(self) -> int:
        """The number of the latest line of all histories: it grows with every change."""
        row = self._one("SELECT coalesce(max(id), 0) AS last FROM proposal_events")
        return int(row["last"]) if row else 0

    def changed_since(self, event_id: int) -> list[Proposal]:
        """The proposals that have a line of history after that one."""
        rows = self._query(
            "SELECT * FROM proposals WHERE code IN"
            " (SELECT code FROM proposal_events WHERE id > :id)",
            id=event_id,
        )
        return [record(Proposal, row) for row in rows]

    # -- reminders

    def remind_once(self, code: str, kind: str, due_at: datetime) -> bool:
        """Note a reminder of this kind about this deadline; False when it was given before."""
        return bool(
            self._execute(
                "INSERT INTO proposal_reminders (code, kind, due_at, at)"
                " VALUES (:code, :kind, :due_at, :now) ON CONFLICT DO NOTHING",
                code=code,
                kind=kind,
                due_at=due_at,
                now=self.now,
            )
        )
