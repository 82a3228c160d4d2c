-- What customers let others do, for PostgreSQL.
CREATE TABLE consents (
    id          varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    -- Customers, pets and providers may live elsewhere: these are their public keys.
    customer_id varchar(64) COLLATE "C" NOT NULL,
    purpose     varchar(32) COLLATE "C" NOT NULL,
    pet_id      varchar(64) COLLATE "C",
    provider_id varchar(64) COLLATE "C",
    note        text,
    given_at    timestamptz NOT NULL,
    updated_at  timestamptz,
    -- Set when it is withdrawn; the row stays.
    deleted_at  timestamptz,
    version     INTEGER NOT NULL DEFAULT 1
);

CREATE INDEX consents_customer ON consents (customer_id, given_at);
CREATE INDEX consents_provider ON consents (provider_id, purpose);
CREATE INDEX consents_purpose ON consents (purpose, given_at);
CREATE INDEX consents_pet ON consents (pet_id, given_at);
CREATE INDEX consents_given ON consents (given_at, id);
