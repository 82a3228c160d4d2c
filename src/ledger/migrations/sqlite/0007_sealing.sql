-- The data keys that the ledger's own secrets are sealed with, one for each purpose, wrapped by the key of the
-- configuration.
CREATE TABLE sealing_keys (
    purpose    TEXT NOT NULL PRIMARY KEY,
    wrapped    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
