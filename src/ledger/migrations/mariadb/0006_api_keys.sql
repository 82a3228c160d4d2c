-- Keys of vendors that send one with each request, for MariaDB 10.6 or newer.
-- Times are whole seconds since 1970, and 0 is never.

-- A key stands for its client, with the client's roles, scopes and tier. Its text is nowhere: the row has a hash of it. A key
-- that is removed keeps its row, with its time.
CREATE TABLE api_keys (
    id         VARCHAR(16) NOT NULL PRIMARY KEY,
    client_id  VARCHAR(64) NOT NULL,
    -- What people call it.
    name       VARCHAR(200) NOT NULL DEFAULT '',
    -- SHA-256 of the whole key, in lower-case hexadecimal.
    key_hash   VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL DEFAULT 0,
    -- To the hour.
    used_at    BIGINT NOT NULL DEFAULT 0,
    removed_at BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX api_keys_client ON api_keys (client_id);
