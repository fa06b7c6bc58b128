"""What waits for a person: talks with a worker, corrections to the directory."""

from datetime import date

from bot.storage.encoding import record
from bot.storage.records import Person, Resident, Ticket, TicketKind
from bot.storage.repository import Repository


class Tickets(Repository):
    """Tickets in the order in which they came."""

    def open(
        self, kind: TicketKind, text: str, resident: Resident, day: date, subject: str = ""
    ) -> Ticket:
        """A new ticket, with a code such as `T20261121-0001` (`day` is local).

        The caller masks contact details where others than workers could read the text.
        """
        row = self._one(
            "INSERT INTO proposal_numbers (day, last) VALUES (:day, 1)"
            " ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last",
            day=f"T{day:%Y%m%d}",
        )
        assert row is not None  # RETURNING gives one row for one upsert
        ticket = Ticket(
            code=f"T{day:%Y%m%d}-{row['last']:04d}",
            kind=kind,
            subject=subject,
            text=text,
            resident_id=resident.id,
            community=resident.community,
            created_at=self.now,
        )
        self._insert(
            "tickets",
            {
                "code": ticket.code,
                "kind": kind,
                "subject": subject,
                "text": text,
                "resident_id": resident.id,
                "community": resident.community,
                "created_at": self.now,
            },
        )
        return ticket

    def get(self, code: str) -> Ticket | None:
        """The ticket with this code, however it is typed."""
        row = self._one("SELECT * FROM tickets WHERE code = :code", code=code.strip().upper())
        return None if row is None else record(Ticket, row)

    def waiting(
        self, resident_id: int | None = None, kind: TicketKind | None = None
    ) -> list[Ticket]:
        """Tickets without an answer, oldest first; of one resident or kind if given."""
        rows = self._query(
            "SELECT * FROM tickets WHERE answered_at IS NULL"
            " AND (:resident IS NULL OR resident_id = :resident)"
            " AND (:kind IS NULL OR kind = :kind) ORDER BY created_at, code",
            resident=resident_id,
            kind=kind,
        )
        return [record(Ticket, row) for row in rows]

    def take(self, code: str, by: Person) -> bool:
        """Let a worker take a ticket; False when somebody else has it."""
        return bool(
            self._execute(
                "UPDATE tickets SET taken_by = :by, taken_at = :now WHERE code = :code"
                " AND answered_at IS NULL AND taken_by IN ('', :by)",
                by=by.id,
                now=self.now,
                code=code,
            )
        )

    def add_text(self, code: str, text: str) -> None:
        """Append what the resident said meanwhile."""
        self._execute(
            "UPDATE tickets SET text = text || char(10) || :text WHERE code = :code",
            code=code,
            text=text,
        )

    def answer(self, code: str, by: Person, answer: str) -> bool:
        """Note the answer; False when it was answered before."""
        return bool(
            self._execute(
                "UPDATE tickets SET answer = :answer, answered_at = :now, taken_by = :by"
                " WHERE code = :code AND answered_at IS NULL",
                answer=answer,
                now=self.now,
                by=by.id,
                code=code,
            )
        )
