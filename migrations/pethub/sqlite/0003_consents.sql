-- What customers let others do, for SQLite.
CREATE TABLE consents (
    id          TEXT NOT NULL PRIMARY KEY,
    -- Customers, pets and providers may live elsewhere: these are their public keys.
    customer_id TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    pet_id      TEXT,
    provider_id TEXT,
    note        TEXT,
    given_at    TEXT NOT NULL CHECK (given_at GLOB '????-??-??T??:??:??Z'),
    updated_at  TEXT CHECK (updated_at GLOB '????-??-??T??:??:??Z'),
    -- Set when it is withdrawn; the row stays.
    deleted_at  TEXT CHECK (deleted_at GLOB '????-??-??T??:??:??Z'),
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE INDEX consents_customer ON consents (customer_id, given_at);
CREATE INDEX consents_provider ON consents (provider_id, purpose);
CREATE INDEX consents_purpose ON consents (purpose, given_at);
CREATE INDEX consents_pet ON consents (pet_id, given_at);
CREATE INDEX consents_given ON consents (given_at, id);
