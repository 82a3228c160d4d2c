-- People who may log in, and what belongs to them. Times are seconds since 1970; 0 is "not yet" or "never".

-- One row for each person: an owner, or one of the staff. The address is sealed; what finds it is a keyed hash of its
-- normalised form. Rows stay until the account is deleted.
CREATE TABLE accounts (
    id            varchar(40) COLLATE "C" NOT NULL PRIMARY KEY,
    email_index   varchar(64) COLLATE "C" NOT NULL,
    email_sealed  text NOT NULL,
    -- argon2id in PHC form; empty until one was chosen.
    password_hash varchar(255) COLLATE "C" NOT NULL,
    -- JSON: a list of names, and an object of texts.
    roles         text NOT NULL,
    claims        text NOT NULL,
    -- making (its record is not there yet), active or disabled.
    status        varchar(16) COLLATE "C" NOT NULL,
    language      varchar(16) COLLATE "C" NOT NULL,
    created_at    bigint NOT NULL,
    verified_at   bigint NOT NULL,
    password_at   bigint NOT NULL,
    -- What registering made or found for it, such as `customers/66`: of one account alone.
    record        varchar(200) COLLATE "C",
    UNIQUE (email_index),
    UNIQUE (record)
);
CREATE INDEX accounts_status ON accounts (status, created_at);

-- A browser or an app that is logged in. A row lives until `expires_at`.
CREATE TABLE account_sessions (
    id         varchar(40) COLLATE "C" NOT NULL PRIMARY KEY,
    account_id varchar(40) COLLATE "C" NOT NULL,
    -- browser or app.
    kind       varchar(16) COLLATE "C" NOT NULL,
    -- Of a browser SHA-256 of its cookie, of an app the family of its grants.
    token_hash varchar(64) COLLATE "C" NOT NULL,
    -- Of an app; empty for a browser.
    client_id  varchar(100) COLLATE "C" NOT NULL,
    device      varchar(200) COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    seen_at    bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    UNIQUE (token_hash),
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX account_sessions_account ON account_sessions (account_id);
CREATE INDEX account_sessions_expires ON account_sessions (expires_at);

-- Links that are sent by mail, by their hash: each is used once, by one UPDATE that asks for `used_at = 0`. A row lives
-- until `expires_at`.
CREATE TABLE account_links (
    token_hash varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    account_id varchar(40) COLLATE "C" NOT NULL,
    -- verify, reset or invite.
    purpose    varchar(16) COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX account_links_account ON account_links (account_id, purpose);
CREATE INDEX account_links_expires ON account_links (expires_at);

-- Guesses, by a hash of what is guarded: an account's address, known or not, or the network address of who guesses.
-- A row lives until nothing of it counts any more.
CREATE TABLE account_guesses (
    guarded     varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    failures    bigint NOT NULL,
    latest_at   bigint NOT NULL,
    -- Until then no further try is looked at.
    paused_till bigint NOT NULL,
    -- Of two that count at once, one counts again.
    version     bigint NOT NULL
);
CREATE INDEX account_guesses_latest ON account_guesses (latest_at);

-- Messages on their way. A row is deleted once the message is handed over; those that are caught stay for a day.
CREATE TABLE account_mails (
    id         varchar(40) COLLATE "C" NOT NULL PRIMARY KEY,
    -- Address, subject and text, sealed: a link in it is as good as a password.
    sealed     text NOT NULL,
    attempts   bigint NOT NULL,
    created_at bigint NOT NULL,
    due_at     bigint NOT NULL
);
CREATE INDEX account_mails_due ON account_mails (due_at);

-- Keys of the hashes that find something sealed, sealed themselves. Rows stay for ever: without one nobody is found.
CREATE TABLE account_keys (
    name   varchar(40) COLLATE "C" NOT NULL PRIMARY KEY,
    sealed text NOT NULL
);
