-- The authorization server's tables, for SQLite.
-- Times are whole seconds since 1970, and 0 is never. What expires is swept by `expires_at`.
-- The tables of the first version were never written to: they are made anew in a form that all databases share.
DROP TABLE grants;
DROP TABLE clients;

-- Who may call: a row for each client of a vendor or partner. A client that is removed keeps its row, with its time.
CREATE TABLE clients (
    id           TEXT NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL,
    -- pending, active or disabled.
    status       TEXT NOT NULL,
    tier         TEXT NOT NULL,
    -- SHA-256 of the secret; empty for clients that have none. The one before counts until `former_until`.
    secret_hash  TEXT NOT NULL DEFAULT '',
    former_hash  TEXT NOT NULL DEFAULT '',
    former_until INTEGER NOT NULL DEFAULT 0,
    -- JSON: how it proves itself, its keys, redirect URIs, scopes, roles and claims.
    metadata     TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL DEFAULT 0,
    removed_at   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What an account has allowed a client, remembered so that it is not asked again.
CREATE TABLE consents (
    subject    TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    -- Separated by spaces.
    scopes     TEXT NOT NULL,
    given_at   INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, client_id)
) STRICT;

-- One authorization: a family of tokens that is revoked as a whole. A row lives until `expires_at`.
CREATE TABLE grants (
    id         TEXT NOT NULL PRIMARY KEY,
    client_id  TEXT NOT NULL,
    -- The account; empty where the client acts for itself.
    subject    TEXT NOT NULL DEFAULT '',
    -- Separated by spaces: all that was granted.
    scopes     TEXT NOT NULL,
    -- JSON: resources, the keys that tokens are bound to, when the account proved itself.
    terms      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_subject ON grants (subject);
CREATE INDEX grants_expires ON grants (expires_at);

-- Codes and refresh tokens, by their hashes alone. Each is consumed by one UPDATE that asks for `used_at = 0`; used
-- twice, it revokes its grant. A row lives until `expires_at`, also when it was used: that is how reuse is found.
CREATE TABLE grant_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    -- code or refresh.
    kind       TEXT NOT NULL,
    grant_id   TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    -- JSON: of a code its redirect URI, challenge and nonce.
    terms      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX grant_tokens_grant ON grant_tokens (grant_id);
CREATE INDEX grant_tokens_expires ON grant_tokens (expires_at);

-- Authorization requests that were pushed, or that wait for their account's word. Used once.
CREATE TABLE authorization_requests (
    id_hash    TEXT NOT NULL PRIMARY KEY,
    -- pushed or pending.
    kind       TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    -- JSON.
    request    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX authorization_requests_expires ON authorization_requests (expires_at);

-- Devices that wait for a person to type their code elsewhere (RFC 8628).
CREATE TABLE device_codes (
    device_hash TEXT NOT NULL PRIMARY KEY,
    user_hash   TEXT NOT NULL UNIQUE,
    client_id   TEXT NOT NULL,
    -- JSON: scopes and resources.
    request     TEXT NOT NULL,
    -- waiting, approved, denied or used.
    status      TEXT NOT NULL,
    -- What was granted.
    grant_id    TEXT NOT NULL DEFAULT '',
    -- Seconds between two questions.
    pause       INTEGER NOT NULL,
    asked_at    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX device_codes_expires ON device_codes (expires_at);

-- The keys that sign tokens. The private part is sealed. A row lives until `ends_at`.
CREATE TABLE signing_keys (
    kid         TEXT NOT NULL PRIMARY KEY,
    -- JSON.
    public_jwk  TEXT NOT NULL,
    -- Base64url of the sealed private part.
    sealed      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    signs_from  INTEGER NOT NULL,
    -- 0 while no other one is to take its place.
    signs_until INTEGER NOT NULL DEFAULT 0,
    -- Proves nothing from here on; 0 while it signs.
    ends_at     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What counts no longer, though it has not expired: grants, tokens, clients and accounts.
CREATE TABLE revocations (
    -- grant, token, client or subject.
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    -- Of a client or subject: what was issued later counts. 0 is everything.
    before_at  INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    -- When all that it is about has expired by itself.
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT;
CREATE INDEX revocations_created ON revocations (created_at);
CREATE INDEX revocations_expires ON revocations (expires_at);

-- What may come once: the `jti` of assertions and proofs, hashed with whose they are.
CREATE TABLE used_ids (
    id_hash    TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_ids_expires ON used_ids (expires_at);
