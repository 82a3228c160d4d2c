-- The data keys that the ledger's own secrets are sealed with, one for each purpose, wrapped by the key of the
-- configuration.
CREATE TABLE sealing_keys (
    purpose    varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    wrapped    text NOT NULL
);
