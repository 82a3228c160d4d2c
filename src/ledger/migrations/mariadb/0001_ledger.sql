-- The internal store's system tables, for MariaDB 10.6 or newer.
-- Times are UTC in whole seconds. What expires is swept by `expires_at`; nothing else is ever removed but as said at its table.

-- Who may call: one row for each client of a vendor or partner. Rows stay as long as the client's history matters;
-- a client that is removed keeps its row with `deleted_at`.
CREATE TABLE clients (
    id            VARCHAR(64) NOT NULL PRIMARY KEY,
    name          VARCHAR(200) NOT NULL,
    -- Hash of the secret; nothing for clients that cannot keep one.
    secret_hash   TEXT,
    tier          VARCHAR(64) NOT NULL,
    scopes        JSON NOT NULL,
    redirect_uris JSON NOT NULL,
    status        VARCHAR(16) NOT NULL DEFAULT 'active',
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NULL,
    deleted_at    DATETIME NULL,
    version       INTEGER NOT NULL DEFAULT 1
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Codes, access tokens and refresh tokens, by their hashes alone. A row lives until `expires_at`. What is used once
-- is consumed by one UPDATE that asks for `used_at IS NULL`; used twice, it revokes its whole family.
CREATE TABLE grants (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    client_id  VARCHAR(64) NOT NULL,
    -- code, access or refresh.
    kind       VARCHAR(16) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    -- All that came from one consent.
    family     VARCHAR(64) NOT NULL,
    subject    VARCHAR(200),
    scopes     JSON NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    used_at    DATETIME NULL,
    revoked_at DATETIME NULL,
    UNIQUE (token_hash),
    FOREIGN KEY (client_id) REFERENCES clients (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX grants_family ON grants (family);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires ON grants (expires_at);

-- Writes that a caller may repeat: the first answer, replayed. A row lives until `expires_at`, a day as a rule. It is
-- made before the write begins; without a status the first one is still under way, or its outcome is not known.
CREATE TABLE idempotency (
    caller       VARCHAR(64) NOT NULL,
    request_key  VARCHAR(255) NOT NULL,
    -- Of the method, the path and the body: the same key with another request is refused.
    request_hash VARCHAR(64) NOT NULL,
    status       INTEGER,
    headers      JSON,
    body         LONGBLOB,
    created_at   DATETIME NOT NULL,
    expires_at   DATETIME NOT NULL,
    PRIMARY KEY (caller, request_key)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- Commands and how far each has come: written before the first call and after each step. A finished row stays for
-- the operator's retention, a parked one until somebody has dealt with it.
CREATE TABLE journal (
    id          VARCHAR(64) NOT NULL PRIMARY KEY,
    -- The command's name and version, so that it ends after a reload as it began.
    command     VARCHAR(120) NOT NULL,
    revision    VARCHAR(64) NOT NULL,
    caller      VARCHAR(64) NOT NULL,
    -- running, done, undoing, undone or parked.
    state       VARCHAR(16) NOT NULL,
    input       JSON NOT NULL,
    -- What each step gave, by its name.
    steps       JSON NOT NULL,
    -- Who works on it, and until when nobody else may.
    worker      VARCHAR(64),
    leased_till DATETIME NULL,
    created_at  DATETIME NOT NULL,
    updated_at  DATETIME NULL,
    version     INTEGER NOT NULL DEFAULT 1
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX journal_state ON journal (state, leased_till);
CREATE INDEX journal_created ON journal (created_at);

-- Events to be sent, written in the transaction of what they tell. A row stays for the operator's retention after
-- `sent_at`, so that it can be sent again; until then it stays whatever happens.
CREATE TABLE outbox (
    -- The order of sending.
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    event_id   VARCHAR(64) NOT NULL,
    topic      VARCHAR(120) NOT NULL,
    resource   VARCHAR(120) NOT NULL,
    record_id  VARCHAR(255) NOT NULL,
    body       JSON NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    -- Why the last attempt failed.
    failure    TEXT,
    created_at DATETIME NOT NULL,
    due_at     DATETIME NOT NULL,
    sent_at    DATETIME NULL,
    UNIQUE (event_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX outbox_due ON outbox (sent_at, due_at);
CREATE INDEX outbox_record ON outbox (resource, record_id);

-- Who did what, for auditors: rows are added and never changed, and stay for the operator's retention. No values of
-- records and no secrets stand here.
CREATE TABLE audit (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    happened_at DATETIME NOT NULL,
    caller      VARCHAR(64),
    action      VARCHAR(64) NOT NULL,
    resource    VARCHAR(120),
    record_id   VARCHAR(255),
    request_id  VARCHAR(64),
    -- A fault's code; nothing where all went well.
    fault       VARCHAR(16),
    detail      JSON
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX audit_happened ON audit (happened_at);
CREATE INDEX audit_caller ON audit (caller, happened_at);
CREATE INDEX audit_record ON audit (resource, record_id);

-- The crosswalk: which id of a source stands behind a public id. Rows stay as long as the public id is known to
-- anybody, which is for ever.
CREATE TABLE ids (
    resource   VARCHAR(120) NOT NULL,
    public_id  VARCHAR(255) NOT NULL,
    source     VARCHAR(64) NOT NULL,
    source_id  VARCHAR(255) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (resource, source, public_id),
    UNIQUE (resource, source, source_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Where a list goes on in a source that pages by cursor: for a question (its hash), the cursor behind this many rows.
-- A row lives until `expires_at`, minutes as a rule; it can always be found anew by walking.
CREATE TABLE bookmarks (
    question   VARCHAR(64) NOT NULL,
    row_offset BIGINT NOT NULL,
    mark       TEXT NOT NULL,
    expires_at DATETIME NOT NULL,
    PRIMARY KEY (question, row_offset)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX bookmarks_expires ON bookmarks (expires_at);
