-- The authorization server's tables, for PostgreSQL.
-- Times are whole seconds since 1970, and 0 is never. What expires is swept by `expires_at`.
-- The tables of the first version were never written to: they are made anew in a form that all databases share.
DROP TABLE grants;
DROP TABLE clients;

-- Who may call: a row for each client of a vendor or partner. A client that is removed keeps its row, with its time.
CREATE TABLE clients (
    id           varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    name         varchar(200) COLLATE "C" NOT NULL,
    -- pending, active or disabled.
    status       varchar(16) COLLATE "C" NOT NULL,
    tier         varchar(64) COLLATE "C" NOT NULL,
    -- SHA-256 of the secret; empty for clients that have none. The one before counts until `former_until`.
    secret_hash  varchar(64) COLLATE "C" NOT NULL DEFAULT '',
    former_hash  varchar(64) COLLATE "C" NOT NULL DEFAULT '',
    former_until bigint NOT NULL DEFAULT 0,
    -- JSON: how it proves itself, its keys, redirect URIs, scopes, roles and claims.
    metadata     text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL DEFAULT 0,
    removed_at   bigint NOT NULL DEFAULT 0
);

-- What an account has allowed a client, remembered so that it is not asked again.
CREATE TABLE consents (
    subject    varchar(200) COLLATE "C" NOT NULL,
    client_id  varchar(64) COLLATE "C" NOT NULL,
    -- Separated by spaces.
    scopes     text COLLATE "C" NOT NULL,
    given_at   bigint NOT NULL,
    revoked_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, client_id)
);

-- One authorization: a family of tokens that is revoked as a whole. A row lives until `expires_at`.
CREATE TABLE grants (
    id         varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    client_id  varchar(64) COLLATE "C" NOT NULL,
    -- The account; empty where the client acts for itself.
    subject    varchar(200) COLLATE "C" NOT NULL DEFAULT '',
    -- Separated by spaces: all that was granted.
    scopes     text COLLATE "C" NOT NULL,
    -- JSON: resources, the keys that tokens are bound to, when the account proved itself.
    terms      text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    renewed_at bigint NOT NULL DEFAULT 0,
    expires_at bigint NOT NULL,
    revoked_at bigint NOT NULL DEFAULT 0
);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_subject ON grants (subject);
CREATE INDEX grants_expires ON grants (expires_at);

-- Codes and refresh tokens, by their hashes alone. Each is consumed by one UPDATE that asks for `used_at = 0`; used
-- twice, it revokes its grant. A row lives until `expires_at`, also when it was used: that is how reuse is found.
CREATE TABLE grant_tokens (
    token_hash varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    -- code or refresh.
    kind       varchar(16) COLLATE "C" NOT NULL,
    grant_id   varchar(64) COLLATE "C" NOT NULL,
    client_id  varchar(64) COLLATE "C" NOT NULL,
    -- JSON: of a code its redirect URI, challenge and nonce.
    terms      text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint NOT NULL DEFAULT 0
);
CREATE INDEX grant_tokens_grant ON grant_tokens (grant_id);
CREATE INDEX grant_tokens_expires ON grant_tokens (expires_at);

-- Authorization requests that were pushed, or that wait for their account's word. Used once.
CREATE TABLE authorization_requests (
    id_hash    varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    -- pushed or pending.
    kind       varchar(16) COLLATE "C" NOT NULL,
    client_id  varchar(64) COLLATE "C" NOT NULL,
    -- JSON.
    request    text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at    bigint NOT NULL DEFAULT 0
);
CREATE INDEX authorization_requests_expires ON authorization_requests (expires_at);

-- Devices that wait for a person to type their code elsewhere (RFC 8628).
CREATE TABLE device_codes (
    device_hash varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    user_hash   varchar(64) COLLATE "C" NOT NULL UNIQUE,
    client_id   varchar(64) COLLATE "C" NOT NULL,
    -- JSON: scopes and resources.
    request     text COLLATE "C" NOT NULL,
    -- waiting, approved, denied or used.
    status      varchar(16) COLLATE "C" NOT NULL,
    -- What was granted.
    grant_id    varchar(64) COLLATE "C" NOT NULL DEFAULT '',
    -- Seconds between two questions.
    pause       bigint NOT NULL,
    asked_at    bigint NOT NULL DEFAULT 0,
    created_at  bigint NOT NULL,
    expires_at  bigint NOT NULL
);
CREATE INDEX device_codes_expires ON device_codes (expires_at);

-- The keys that sign tokens. The private part is sealed. A row lives until `ends_at`.
CREATE TABLE signing_keys (
    kid         varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    -- JSON.
    public_jwk  text COLLATE "C" NOT NULL,
    -- Base64url of the sealed private part.
    sealed      text COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL,
    signs_from  bigint NOT NULL,
    -- 0 while no other one is to take its place.
    signs_until bigint NOT NULL DEFAULT 0,
    -- Proves nothing from here on; 0 while it signs.
    ends_at     bigint NOT NULL DEFAULT 0
);

-- What counts no longer, though it has not expired: grants, tokens, clients and accounts.
CREATE TABLE revocations (
    -- grant, token, client or subject.
    kind       varchar(16) COLLATE "C" NOT NULL,
    value      varchar(200) COLLATE "C" NOT NULL,
    -- Of a client or subject: what was issued later counts. 0 is everything.
    before_at  bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    -- When all that it is about has expired by itself.
    expires_at bigint NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX revocations_created ON revocations (created_at);
CREATE INDEX revocations_expires ON revocations (expires_at);

-- What may come once: the `jti` of assertions and proofs, hashed with whose they are.
CREATE TABLE used_ids (
    id_hash    varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at bigint NOT NULL
);
CREATE INDEX used_ids_expires ON used_ids (expires_at);
