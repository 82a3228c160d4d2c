-- The data keys that the ledger's own secrets are sealed with, one for each purpose, wrapped by the key of the
-- configuration.
CREATE TABLE sealing_keys (
    purpose    VARCHAR(64) NOT NULL PRIMARY KEY,
    wrapped    TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
