-- Keys of vendors that send one with each request, for SQLite.
-- Times are whole seconds since 1970, and 0 is never.

-- A key stands for its client, with the client's roles, scopes and tier. Its text is nowhere: the row has a hash of it. A key
-- that is removed keeps its row, with its time.
CREATE TABLE api_keys (
    id         TEXT NOT NULL PRIMARY KEY,
    client_id  TEXT NOT NULL,
    -- What people call it.
    name       TEXT NOT NULL DEFAULT '',
    -- SHA-256 of the whole key, in lower-case hexadecimal.
    key_hash   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL DEFAULT 0,
    -- To the hour.
    used_at    INTEGER NOT NULL DEFAULT 0,
    removed_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX api_keys_client ON api_keys (client_id);
