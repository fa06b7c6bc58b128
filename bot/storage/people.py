"""Who writes to us, who works here, and who looked at what."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.storage.encoding import record
from bot.storage.errors import InvalidInvite
from bot.storage.records import Access, Person, PersonKind, Resident, Role, Worker
from bot.storage.repository import Repository

# Without letters and digits that are mistaken for each other when a code is read aloud.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 10

_WORKERS = (
    "SELECT w.*, r.name, r.channel, r.external_id FROM workers w"
    " JOIN residents r ON r.id = w.resident_id"
)


class People(Repository):
    """Residents, workers, invites and the access log."""

    # -- residents

    def meet(self, channel: str, external_id: str, name: str = "") -> Resident:
        """The resident behind a messenger's id, made known on the first message.

        A new `name` replaces the old one.
        """
        self._execute(
            "INSERT INTO residents (channel, external_id, name, first_seen_at)"
            " VALUES (:channel, :external_id, :name, :now)"
            " ON CONFLICT (channel, external_id) DO UPDATE SET name = excluded.name"
            " WHERE excluded.name NOT IN ('', name)",
            channel=channel,
            external_id=external_id,
            name=name,
            now=self.now,
        )
        row = self._one(
            "SELECT * FROM residents WHERE channel = :channel AND external_id = :external_id",
            channel=channel,
            external_id=external_id,
        )
        return record(Resident, row or {})

    def get(self, resident_id: int) -> Resident | None:
        """The resident with this number."""
        row = self._one("SELECT * FROM residents WHERE id = :id", id=resident_id)
        return None if row is None else record(Resident, row)

    def find(self, channel: str, external_id: str) -> Resident | None:
        """The resident behind a messenger's id, if already known."""
        row = self._one(
            "SELECT * FROM residents WHERE channel = :channel AND external_id = :external_id",
            channel=channel,
            external_id=external_id,
        )
        return None if row is None else record(Resident, row)

    def set_community(self, resident_id: int, community: str) -> None:
        """Remember where the resident lives."""
        self._change(resident_id, {"community": community})

    def set_blocked(self, resident_id: int, blocked: bool) -> None:
        """Note that the resident blocked us (then nothing can be sent), or no longer does."""
        self._change(resident_id, {"blocked_at": self.now if blocked else None})

    def give_consent(self, resident_id: int, purpose: str) -> None:
        """Note that contact details may be kept for `purpose`, as it was shown."""
        self._change(resident_id, {"consent_at": self.now, "consent_purpose": purpose})

    def withdraw_consent(self, resident_id: int) -> None:
        """Note that contact details may no longer be kept."""
        self._change(resident_id, {"consent_at": None, "consent_purpose": ""})

    def forget(self, resident_id: int) -> None:
        """Remove everything personal about a resident, but not what they proposed.

        Goes: name, messenger's id, community, consent, enrolment as a worker, the words of tickets,
        handled messages and sent replies, the state of conversations that nobody else took part in.
        An empty row with the number stays, for what refers to it; who writes again is somebody new.
        What is still to be handled or sent keeps its words until then (the answer to the wish to
        be forgotten is among it), and `trim` empties it later. Proposals are for
        `bot.proposals.privacy.forget`, which calls this.
        """
        resident = self.get(resident_id)
        if resident is None or resident.forgotten_at is not None:
            return
        who = {"channel": resident.channel, "sender": resident.external_id}
        theirs = "SELECT message_id FROM inbox WHERE channel = :channel AND sender_id = :sender"
        alone = (
            "SELECT conversation_id FROM inbox WHERE channel = :channel"
            " GROUP BY conversation_id HAVING min(sender_id = :sender) = 1"
        )
        for statement in (
            "UPDATE outbox SET body = '', conversation_id = '' WHERE channel = :channel"
            f" AND state <> 'pending' AND (in_reply_to IN ({theirs})"
            f" OR conversation_id IN ({alone}))",
            "UPDATE conversations SET state = '' WHERE channel = :channel"
            f" AND conversation_id IN ({alone})",
            "UPDATE inbox SET body = '', conversation_id = '', sender_id = ''"
            " WHERE channel = :channel AND sender_id = :sender AND state <> 'pending'",
        ):
            self._execute(statement, **who)
        for statement in (
            "UPDATE questions SET resident_id = NULL WHERE resident_id = :id",
            "DELETE FROM workers WHERE resident_id = :id",
            "UPDATE tickets SET text = '', answer = '', community = '',"
            " answered_at = coalesce(answered_at, :now) WHERE resident_id = :id",
            "UPDATE access_log SET who_name = '' WHERE who_kind <> 'system' AND who_id = :id",
        ):
            self._execute(statement, id=str(resident_id), now=self.now)
        self._change(
            resident_id,
            {
                "name": "",
                "external_id": f"forgotten-{resident_id}",
                "community": "",
                "consent_at": None,
                "consent_purpose": "",
                "forgotten_at": self.now,
            },
        )

    def _change(self, resident_id: int, values: Mapping[str, object]) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        self._execute(
            f"UPDATE residents SET {assignments} WHERE id = :id", id=resident_id, **values
        )

    # -- workers

    def create_invite(self, role: Role, community: str, expires: datetime | timedelta) -> str:
        """A one-time code to hand to a new worker of `community` (empty: everywhere).

        Only its hash is kept.
        """
        code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        self._insert(
            "invites",
            {
                "code_sha256": _code_hash(code),
                "role": role,
                "community": community,
                "created_at": self.now,
                "expires_at": self.now + expires if isinstance(expires, timedelta) else expires,
            },
        )
        return code

    def redeem(self, code: str, resident_id: int) -> Worker:
        """Enrol a resident with an invite; a worker who redeems another changes role.

        Raises InvalidInvite for a code that is unknown, used or out of date, without saying which.
        """
        used = self._execute(
            "UPDATE invites SET redeemed_at = :now, redeemed_by = :resident"
            " WHERE code_sha256 = :code AND redeemed_at IS NULL AND expires_at > :now",
            code=_code_hash(code),
            resident=resident_id,
            now=self.now,
        )
        if not used:
            raise InvalidInvite("邀请码无效或已过期，请向管理员重新索取。")
        self._execute(
            "INSERT INTO workers (resident_id, role, community, enrolled_at)"
            " SELECT :resident, role, community, :now FROM invites WHERE code_sha256 = :code"
            " ON CONFLICT (resident_id) DO UPDATE SET role = excluded.role,"
            " community = excluded.community, enrolled_at = excluded.enrolled_at",
            code=_code_hash(code),
            resident=resident_id,
            now=self.now,
        )
        row = self._one(f"{_WORKERS} WHERE resident_id = :id", id=resident_id)
        return record(Worker, row or {})

    def worker(self, resident_id: int) -> Worker | None:
        """The resident as a worker, if enrolled."""
        row = self._one(f"{_WORKERS} WHERE resident_id = :id", id=resident_id)
        return None if row is None else record(Worker, row)

    def workers(self) -> list[Worker]:
        """All workers, in the order of their enrolment."""
        rows = self._query(f"{_WORKERS} ORDER BY enrolled_at, resident_id")
        return [record(Worker, row) for row in rows]

    def remove_worker(self, resident_id: int) -> bool:
        """End an enrolment; False when there is none."""
        return bool(self._execute("DELETE FROM workers WHERE resident_id = :id", id=resident_id))

    # -- access log

    def log_access(self, who: Person, what: str, subject: str = "", note: str = "") -> None:
        """Note a look at contacts, an export, a refused command, an invite: who, what, of what."""
        self._insert(
            "access_log",
            {
                "at": self.now,
                "who_kind": who.kind,
                "who_id": who.id,
                "who_name": who.name,
                "what": what,
                "subject": subject,
                "note": note,
            },
        )

    def accesses(self, since: datetime | None = None) -> list[Access]:
        """The access log from `since` on, oldest first."""
        rows = self._query(
            "SELECT * FROM access_log WHERE :since IS NULL OR at >= :since ORDER BY id",
            since=since,
        )
        return [record(Access, with_who(row)) for row in rows]


def with_who(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose columns who_kind, who_id, who_name are gathered into one Person."""
    return row | {"who": Person(PersonKind(row["who_kind"]), row["who_id"], row["who_name"])}


def _code_hash(code: str) -> str:
    """The hash of a code as a person may type it: any case, with spaces or hyphens."""
    plain = "".join(code.upper().replace("-", "").split())
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
