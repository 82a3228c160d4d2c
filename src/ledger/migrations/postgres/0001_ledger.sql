-- The internal store's system tables, for PostgreSQL.
-- Times are UTC. What expires is swept by `expires_at`; nothing else is ever removed but as said at its table.

-- Who may call: one row for each client of a vendor or partner. Rows stay as long as the client's history matters;
-- a client that is removed keeps its row with `deleted_at`.
CREATE TABLE clients (
    id            varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    name          varchar(200) COLLATE "C" NOT NULL,
    -- Hash of the secret; nothing for clients that cannot keep one.
    secret_hash   text,
    tier          varchar(64) COLLATE "C" NOT NULL,
    scopes        jsonb NOT NULL,
    redirect_uris jsonb NOT NULL,
    status        varchar(16) COLLATE "C" NOT NULL DEFAULT 'active',
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz,
    deleted_at    timestamptz,
    version       integer NOT NULL DEFAULT 1
);

-- Codes, access tokens and refresh tokens, by their hashes alone. A row lives until `expires_at`. What is used once
-- is consumed by one UPDATE that asks for `used_at IS NULL`; used twice, it revokes its whole family.
CREATE TABLE grants (
    id         varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    client_id  varchar(64) COLLATE "C" NOT NULL REFERENCES clients (id),
    -- code, access or refresh.
    kind       varchar(16) COLLATE "C" NOT NULL,
    token_hash varchar(64) COLLATE "C" NOT NULL,
    -- All that came from one consent.
    family     varchar(64) COLLATE "C" NOT NULL,
    subject    varchar(200) COLLATE "C",
    scopes     jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    UNIQUE (token_hash)
);
CREATE INDEX grants_family ON grants (family);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires ON grants (expires_at);

-- Writes that a caller may repeat: the first answer, replayed. A row lives until `expires_at`, a day as a rule. It is
-- made before the write begins; without a status the first one is still under way, or its outcome is not known.
CREATE TABLE idempotency (
    caller       varchar(64) COLLATE "C" NOT NULL,
    request_key  varchar(255) COLLATE "C" NOT NULL,
    -- Of the method, the path and the body: the same key with another request is refused.
    request_hash varchar(64) COLLATE "C" NOT NULL,
    status       integer,
    headers      jsonb,
    body         bytea,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (caller, request_key)
);
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- Commands and how far each has come: written before the first call and after each step. A finished row stays for
-- the operator's retention, a parked one until somebody has dealt with it.
CREATE TABLE journal (
    id          varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    -- The command's name and version, so that it ends after a reload as it began.
    command     varchar(120) COLLATE "C" NOT NULL,
    revision    varchar(64) COLLATE "C" NOT NULL,
    caller      varchar(64) COLLATE "C" NOT NULL,
    -- running, done, undoing, undone or parked.
    state       varchar(16) COLLATE "C" NOT NULL,
    input       jsonb NOT NULL,
    -- What each step gave, by its name.
    steps       jsonb NOT NULL,
    -- Who works on it, and until when nobody else may.
    worker      varchar(64) COLLATE "C",
    leased_till timestamptz,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz,
    version     integer NOT NULL DEFAULT 1
);
CREATE INDEX journal_state ON journal (state, leased_till);
CREATE INDEX journal_created ON journal (created_at);

-- Events to be sent, written in the transaction of what they tell. A row stays for the operator's retention after
-- `sent_at`, so that it can be sent again; until then it stays whatever happens.
CREATE TABLE outbox (
    -- The order of sending.
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id   varchar(64) COLLATE "C" NOT NULL,
    topic      varchar(120) COLLATE "C" NOT NULL,
    resource   varchar(120) COLLATE "C" NOT NULL,
    record_id  varchar(255) COLLATE "C" NOT NULL,
    body       jsonb NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    -- Why the last attempt failed.
    failure    text,
    created_at timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    sent_at    timestamptz,
    UNIQUE (event_id)
);
CREATE INDEX outbox_due ON outbox (sent_at, due_at);
CREATE INDEX outbox_record ON outbox (resource, record_id);

-- Who did what, for auditors: rows are added and never changed, and stay for the operator's retention. No values of
-- records and no secrets stand here.
CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    caller      varchar(64) COLLATE "C",
    action      varchar(64) COLLATE "C" NOT NULL,
    resource    varchar(120) COLLATE "C",
    record_id   varchar(255) COLLATE "C",
    request_id  varchar(64) COLLATE "C",
    -- A fault's code; nothing where all went well.
    fault       varchar(16) COLLATE "C",
    detail      jsonb
);
CREATE INDEX audit_happened ON audit (happened_at);
CREATE INDEX audit_caller ON audit (caller, happened_at);
CREATE INDEX audit_record ON audit (resource, record_id);

-- The crosswalk: which id of a source stands behind a public id. Rows stay as long as the public id is known to
-- anybody, which is for ever.
CREATE TABLE ids (
    resource   varchar(120) COLLATE "C" NOT NULL,
    public_id  varchar(255) COLLATE "C" NOT NULL,
    source     varchar(64) COLLATE "C" NOT NULL,
    source_id  varchar(255) COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (resource, source, public_id),
    UNIQUE (resource, source, source_id)
);

-- Where a list goes on in a source that pages by cursor: for a question (its hash), the cursor behind this many rows.
-- A row lives until `expires_at`, minutes as a rule; it can always be found anew by walking.
CREATE TABLE bookmarks (
    question   varchar(64) COLLATE "C" NOT NULL,
    row_offset bigint NOT NULL,
    mark       text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (question, row_offset)
);
CREATE INDEX bookmarks_expires ON bookmarks (expires_at);
