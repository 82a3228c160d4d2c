-- The internal store's system tables, for SQLite.
-- Times are UTC, texts of whole seconds such as `2019-04-23T10:00:00Z`. What expires is swept by `expires_at`; nothing else is ever removed but as said at its table.

-- Who may call: one row for each client of a vendor or partner. Rows stay as long as the client's history matters;
-- a client that is removed keeps its row with `deleted_at`.
CREATE TABLE clients (
    id            TEXT NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    -- Hash of the secret; nothing for clients that cannot keep one.
    secret_hash   TEXT,
    tier          TEXT NOT NULL,
    scopes        TEXT NOT NULL CHECK (json_valid(scopes)),
    redirect_uris TEXT NOT NULL CHECK (json_valid(redirect_uris)),
    status        TEXT NOT NULL DEFAULT 'active',
    created_at    TEXT NOT NULL,
    updated_at    TEXT,
    deleted_at    TEXT,
    version       INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Codes, access tokens and refresh tokens, by their hashes alone. A row lives until `expires_at`. What is used once
-- is consumed by one UPDATE that asks for `used_at IS NULL`; used twice, it revokes its whole family.
CREATE TABLE grants (
    id         TEXT NOT NULL PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES clients (id),
    -- code, access or refresh.
    kind       TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    -- All that came from one consent.
    family     TEXT NOT NULL,
    subject    TEXT,
    scopes     TEXT NOT NULL CHECK (json_valid(scopes)),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at    TEXT,
    revoked_at TEXT,
    UNIQUE (token_hash)
) STRICT;
CREATE INDEX grants_family ON grants (family);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires ON grants (expires_at);

-- Writes that a caller may repeat: the first answer, replayed. A row lives until `expires_at`, a day as a rule. It is
-- made before the write begins; without a status the first one is still under way, or its outcome is not known.
CREATE TABLE idempotency (
    caller       TEXT NOT NULL,
    request_key  TEXT NOT NULL,
    -- Of the method, the path and the body: the same key with another request is refused.
    request_hash TEXT NOT NULL,
    status       INTEGER,
    headers      TEXT CHECK (json_valid(headers)),
    body         BLOB,
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    PRIMARY KEY (caller, request_key)
) STRICT;
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- Commands and how far each has come: written before the first call and after each step. A finished row stays for
-- the operator's retention, a parked one until somebody has dealt with it.
CREATE TABLE journal (
    id          TEXT NOT NULL PRIMARY KEY,
    -- The command's name and version, so that it ends after a reload as it began.
    command     TEXT NOT NULL,
    revision    TEXT NOT NULL,
    caller      TEXT NOT NULL,
    -- running, done, undoing, undone or parked.
    state       TEXT NOT NULL,
    input       TEXT NOT NULL CHECK (json_valid(input)),
    -- What each step gave, by its name.
    steps       TEXT NOT NULL CHECK (json_valid(steps)),
    -- Who works on it, and until when nobody else may.
    worker      TEXT,
    leased_till TEXT,
    created_at  TEXT NOT NULL,
    updated_at  TEXT,
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX journal_state ON journal (state, leased_till);
CREATE INDEX journal_created ON journal (created_at);

-- Events to be sent, written in the transaction of what they tell. A row stays for the operator's retention after
-- `sent_at`, so that it can be sent again; until then it stays whatever happens.
CREATE TABLE outbox (
    -- The order of sending.
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    event_id   TEXT NOT NULL,
    topic      TEXT NOT NULL,
    resource   TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    body       TEXT NOT NULL CHECK (json_valid(body)),
    attempts   INTEGER NOT NULL DEFAULT 0,
    -- Why the last attempt failed.
    failure    TEXT,
    created_at TEXT NOT NULL,
    due_at     TEXT NOT NULL,
    sent_at    TEXT,
    UNIQUE (event_id)
) STRICT;
CREATE INDEX outbox_due ON outbox (sent_at, due_at);
CREATE INDEX outbox_record ON outbox (resource, record_id);

-- Who did what, for auditors: rows are added and never changed, and stay for the operator's retention. No values of
-- records and no secrets stand here.
CREATE TABLE audit (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    happened_at TEXT NOT NULL,
    caller      TEXT,
    action      TEXT NOT NULL,
    resource    TEXT,
    record_id   TEXT,
    request_id  TEXT,
    -- A fault's code; nothing where all went well.
    fault       TEXT,
    detail      TEXT CHECK (json_valid(detail))
) STRICT;
CREATE INDEX audit_happened ON audit (happened_at);
CREATE INDEX audit_caller ON audit (caller, happened_at);
CREATE INDEX audit_record ON audit (resource, record_id);

-- The crosswalk: which id of a source stands behind a public id. Rows stay as long as the public id is known to
-- anybody, which is for ever.
CREATE TABLE ids (
    resource   TEXT NOT NULL,
    public_id  TEXT NOT NULL,
    source     TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (resource, source, public_id),
    UNIQUE (resource, source, source_id)
) STRICT;

-- Where a list goes on in a source that pages by cursor: for a question (its hash), the cursor behind this many rows.
-- A row lives until `expires_at`, minutes as a rule; it can always be found anew by walking.
CREATE TABLE bookmarks (
    question   TEXT NOT NULL,
    row_offset INTEGER NOT NULL,
    mark       TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (question, row_offset)
) STRICT;
CREATE INDEX bookmarks_expires ON bookmarks (expires_at);
