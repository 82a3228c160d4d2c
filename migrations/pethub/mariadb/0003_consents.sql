-- What customers let others do, for MariaDB.
CREATE TABLE consents (
    id          VARCHAR(64) NOT NULL PRIMARY KEY,
    -- Customers, pets and providers may live elsewhere: these are their public keys.
    customer_id VARCHAR(64) NOT NULL,
    purpose     VARCHAR(32) NOT NULL,
    pet_id      VARCHAR(64) NULL,
    provider_id VARCHAR(64) NULL,
    note        TEXT NULL,
    given_at    DATETIME NOT NULL,
    updated_at  DATETIME NULL,
    -- Set when it is withdrawn; the row stays.
    deleted_at  DATETIME NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    INDEX consents_customer (customer_id, given_at),
    INDEX consents_provider (provider_id, purpose),
    INDEX consents_purpose (purpose, given_at),
    INDEX consents_pet (pet_id, given_at),
    INDEX consents_given (given_at, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
