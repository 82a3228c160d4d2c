-- People who may log in, and what belongs to them. Times are seconds since 1970; 0 is "not yet" or "never".

-- One row for each person: an owner, or one of the staff. The address is sealed; what finds it is a keyed hash of its
-- normalised form. Rows stay until the account is deleted.
CREATE TABLE accounts (
    id            TEXT NOT NULL PRIMARY KEY,
    email_index   TEXT NOT NULL,
    email_sealed  TEXT NOT NULL,
    -- argon2id in PHC form; empty until one was chosen.
    password_hash TEXT NOT NULL,
    -- JSON: a list of names, and an object of texts.
    roles         TEXT NOT NULL,
    claims        TEXT NOT NULL,
    -- making (its record is not there yet), active or disabled.
    status        TEXT NOT NULL,
    language      TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    verified_at   INTEGER NOT NULL,
    password_at   INTEGER NOT NULL,
    -- What registering made or found for it, such as `customers/66`: of one account alone.
    record        TEXT,
    UNIQUE (email_index),
    UNIQUE (record)
) STRICT;
CREATE INDEX accounts_status ON accounts (status, created_at);

-- A browser or an app that is logged in. A row lives until `expires_at`.
CREATE TABLE account_sessions (
    id         TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    -- browser or app.
    kind       TEXT NOT NULL,
    -- Of a browser SHA-256 of its cookie, of an app the family of its grants.
    token_hash TEXT NOT NULL,
    -- Of an app; empty for a browser.
    client_id  TEXT NOT NULL,
    device      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    UNIQUE (token_hash),
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX account_sessions_account ON account_sessions (account_id);
CREATE INDEX account_sessions_expires ON account_sessions (expires_at);

-- Links that are sent by mail, by their hash: each is used once, by one UPDATE that asks for `used_at = 0`. A row lives
-- until `expires_at`.
CREATE TABLE account_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    -- verify, reset or invite.
    purpose    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX account_links_account ON account_links (account_id, purpose);
CREATE INDEX account_links_expires ON account_links (expires_at);

-- Guesses, by a hash of what is guarded: an account's address, known or not, or the network address of who guesses.
-- A row lives until nothing of it counts any more.
CREATE TABLE account_guesses (
    guarded     TEXT NOT NULL PRIMARY KEY,
    failures    INTEGER NOT NULL,
    latest_at   INTEGER NOT NULL,
    -- Until then no further try is looked at.
    paused_till INTEGER NOT NULL,
    -- Of two that count at once, one counts again.
    version     INTEGER NOT NULL
) STRICT;
CREATE INDEX account_guesses_latest ON account_guesses (latest_at);

-- Messages on their way. A row is deleted once the message is handed over; those that are caught stay for a day.
CREATE TABLE account_mails (
    id         TEXT NOT NULL PRIMARY KEY,
    -- Address, subject and text, sealed: a link in it is as good as a password.
    sealed     TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX account_mails_due ON account_mails (due_at);

-- Keys of the hashes that find something sealed, sealed themselves. Rows stay for ever: without one nobody is found.
CREATE TABLE account_keys (
    name   TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL
) STRICT;
