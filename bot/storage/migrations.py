"""The shape of the database, as numbered steps; each is recorded in the database when done."""

from sqlite_utils import Database as SqliteDatabase
from sqlite_utils import Migrations

migrations = Migrations("linli")


@migrations()
def m001_messages(rows: SqliteDatabase) -> None:
    """What came in, what goes out, and where each conversation stands."""
    rows.executescript(
        """
        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL,
            message_id TEXT NOT NULL,
            conversation_id TEXT NOT NULL,
            sender_id TEXT NOT NULL DEFAULT '',
            raw INTEGER NOT NULL,
            body TEXT NOT NULL,
            received_at TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'dead')),
            attempts INTEGER NOT NULL DEFAULT 0,
            not_before TEXT,
            error TEXT NOT NULL DEFAULT '',
            handled_at TEXT,
            UNIQUE (channel, message_id)
        );
        CREATE INDEX inbox_pending ON inbox (channel, conversation_id, id)
            WHERE state = 'pending';
        CREATE INDEX inbox_sender ON inbox (channel, sender_id);
        CREATE INDEX inbox_handled ON inbox (handled_at) WHERE state <> 'pending';

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL,
            conversation_id TEXT NOT NULL,
            in_reply_to TEXT NOT NULL DEFAULT '',
            body TEXT NOT NULL,
            key TEXT NOT NULL DEFAULT '',
            created_at TEXT NOT NULL,
            not_before TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dead')),
            attempts INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            external_id TEXT,
            sent_at TEXT
        );
        CREATE INDEX outbox_pending ON outbox (channel, conversation_id, id)
            WHERE state = 'pending';
        CREATE INDEX outbox_answers ON outbox (channel, in_reply_to);
        CREATE INDEX outbox_keys ON outbox (channel, conversation_id, key) WHERE key <> '';

        CREATE TABLE conversations (
            channel TEXT NOT NULL,
            conversation_id TEXT NOT NULL,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,
            updated_at TEXT NOT NULL,
            PRIMARY KEY (channel, conversation_id)
        );
        """
    )


@migrations()
def m002_people(rows: SqliteDatabase) -> None:
    """Residents, workers, their invites, and who looked at what."""
    rows.executescript(
        """
        CREATE TABLE residents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel TEXT NOT NULL,
            external_id TEXT NOT NULL,
            name TEXT NOT NULL,
            community TEXT NOT NULL DEFAULT '',
            first_seen_at TEXT NOT NULL,
            consent_at TEXT,
            consent_purpose TEXT NOT NULL DEFAULT '',
            blocked_at TEXT,
            forgotten_at TEXT,
            UNIQUE (channel, external_id)
        );
        CREATE TABLE workers (
            resident_id INTEGER PRIMARY KEY REFERENCES residents (id),
            role TEXT NOT NULL CHECK (role IN ('worker', 'admin')),
            community TEXT NOT NULL,
            enrolled_at TEXT NOT NULL
        );
        CREATE TABLE invites (
            code_sha256 TEXT PRIMARY KEY,
            role TEXT NOT NULL CHECK (role IN ('worker', 'admin')),
            community TEXT NOT NULL,
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            redeemed_at TEXT,
            redeemed_by INTEGER REFERENCES residents (id)
        );
        CREATE TABLE access_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            who_kind TEXT NOT NULL,
            who_id TEXT NOT NULL,
            who_name TEXT NOT NULL,
            what TEXT NOT NULL,
            subject TEXT NOT NULL,
            note TEXT NOT NULL
        );
        """
    )


@migrations()
def m003_proposals(rows: SqliteDatabase) -> None:
    """Proposals with their history, supporters and files.

    History is append-only: a row is never deleted, and only changed to take away what is personal:
    who did it may become empty and the note may be masked, which stamps the row; all else about it
    must stay as it was.
    """
    rows.executescript(
        """
        CREATE TABLE proposals (
            code TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            category TEXT NOT NULL,
            urgency TEXT NOT NULL
                CHECK (urgency IN ('danger', 'utility', 'general', 'complex')),
            place TEXT NOT NULL,
            community TEXT NOT NULL,
            building TEXT NOT NULL,
            latitude REAL,
            longitude REAL,
            contact_name TEXT,
            contact_phone TEXT,
            resident_id INTEGER REFERENCES residents (id),
            stage TEXT NOT NULL CHECK (stage IN ('raised', 'discussed', 'decided', 'executed',
                'evaluated', 'declined', 'merged', 'withdrawn')),
            department TEXT NOT NULL,
            channel TEXT NOT NULL,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            response_due_at TEXT,
            resolution_due_at TEXT,
            responded_at TEXT,
            resolved_at TEXT,
            satisfaction INTEGER CHECK (satisfaction BETWEEN 1 AND 5)
        );
        CREATE INDEX proposals_created ON proposals (created_at, code);
        CREATE INDEX proposals_resident ON proposals (resident_id);
        CREATE INDEX proposals_open ON proposals (created_at, code)
            WHERE stage IN ('raised', 'discussed', 'decided');

        CREATE TABLE proposal_numbers (
            day TEXT PRIMARY KEY,
            last INTEGER NOT NULL
        );

        CREATE TABLE proposal_events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            code TEXT NOT NULL REFERENCES proposals (code),
            at TEXT NOT NULL,
            who_kind TEXT NOT NULL CHECK (who_kind IN ('resident', 'worker', 'system')),
            who_id TEXT NOT NULL,
            who_name TEXT NOT NULL,
            what TEXT NOT NULL,
            from_value TEXT NOT NULL,
            to_value TEXT NOT NULL,
            note TEXT NOT NULL,
            anonymised_at TEXT
        );
        CREATE INDEX proposal_events_code ON proposal_events (code, id);
        CREATE INDEX proposal_events_what ON proposal_events (what, code);
        CREATE TRIGGER proposal_events_are_kept BEFORE DELETE ON proposal_events
        BEGIN
            SELECT RAISE(ABORT, 'proposal_events is append-only');
        END;
        CREATE TRIGGER proposal_events_are_unchanged BEFORE UPDATE ON proposal_events
        WHEN new.anonymised_at IS NULL
            OR (new.id, new.code, new.at, new.who_kind, new.what, new.from_value, new.to_value)
                IS NOT (old.id, old.code, old.at, old.who_kind, old.what, old.from_value,
                old.to_value)
            OR new.who_id NOT IN (old.who_id, '') OR new.who_name NOT IN (old.who_name, '')
            OR length(new.note) > length(old.note)
        BEGIN
            SELECT RAISE(ABORT, 'proposal_events is append-only');
        END;

        CREATE TABLE proposal_supporters (
            code TEXT NOT NULL REFERENCES proposals (code),
            resident_id INTEGER NOT NULL REFERENCES residents (id),
            at TEXT NOT NULL,
            came_from TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (code, resident_id)
        );
        CREATE INDEX proposal_supporters_resident ON proposal_supporters (resident_id);

        CREATE TABLE proposal_attachments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            code TEXT NOT NULL REFERENCES proposals (code),
            path TEXT NOT NULL UNIQUE,
            sha256 TEXT NOT NULL,
            mime TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            name TEXT NOT NULL,
            at TEXT NOT NULL
        );
        CREATE INDEX proposal_attachments_code ON proposal_attachments (code);

        CREATE TABLE proposal_reminders (
            code TEXT NOT NULL REFERENCES proposals (code),
            kind TEXT NOT NULL,
            due_at TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (code, kind, due_at)
        );
        """
    )


@migrations()
def m004_questions(rows: SqliteDatabase) -> None:
    """Every question that was asked, so that gaps in the knowledge show."""
    rows.executescript(
        """
        CREATE TABLE questions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            resident_id INTEGER REFERENCES residents (id),
            text TEXT NOT NULL,
            intent TEXT NOT NULL,
            confidence REAL NOT NULL,
            engine TEXT NOT NULL,
            slots TEXT NOT NULL,
            found INTEGER NOT NULL,
            document_id TEXT NOT NULL,
            feedback TEXT NOT NULL DEFAULT ''
        );
        CREATE INDEX questions_at ON questions (at);
        """
    )


@migrations()
def m005_tickets(rows: SqliteDatabase) -> None:
    """What waits for a person: talks to a worker (转人工), and corrections to the directory."""
    rows.executescript(
        """
        CREATE TABLE tickets (
            code TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('talk', 'correction')),
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            resident_id INTEGER NOT NULL REFERENCES residents (id),
            community TEXT NOT NULL,
            created_at TEXT NOT NULL,
            taken_by TEXT NOT NULL DEFAULT '',
            taken_at TEXT,
            answer TEXT NOT NULL DEFAULT '',
            answered_at TEXT
        );
        CREATE INDEX tickets_open ON tickets (created_at) WHERE answered_at IS NULL;
        CREATE INDEX tickets_resident ON tickets (resident_id);
        """
    )


@migrations()
def m006_proposal_vectors(rows: SqliteDatabase) -> None:
    """What proposals mean, encoded once, to find the same matter again."""
    rows.executescript(
        """
        CREATE TABLE proposal_vectors (
            code TEXT PRIMARY KEY REFERENCES proposals (code),
            encoder TEXT NOT NULL,
            vector BLOB NOT NULL
        );
        """
    )


@migrations()
def m007_outbox_conversations(rows: SqliteDatabase) -> None:
    """The last reply of a conversation, found without looking at those of all others."""
    rows.execute("CREATE INDEX outbox_conversations ON outbox (channel, conversation_id, id)")


def unknown_migrations(rows: SqliteDatabase) -> list[str]:
    """The steps recorded in a database that this version does not know: a newer one made them."""
    known = {each.name for each in migrations.pending(SqliteDatabase(memory=True))}
    return [each.name for each in migrations.applied(rows) if each.name not in known]
