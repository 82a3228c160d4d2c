-- Customers and pets in our own store, for MariaDB 10.6 or newer.
-- The collation compares by code point and counts trailing spaces, as the statements ask for it: an index of another
-- collation would not serve them. Times are UTC in whole seconds. Lengths are the contract's; where it says none, the
-- type is TEXT (64 kB). MariaDB ends a transaction at each CREATE: where one fails, drop what was made and start anew.

CREATE TABLE customers (
    id                VARCHAR(64)  NOT NULL PRIMARY KEY,
    given_name        VARCHAR(80)  NOT NULL,
    family_name       VARCHAR(80)  NOT NULL,
    email             VARCHAR(254) NOT NULL,
    phone             VARCHAR(24),
    -- The address as a whole is there or not; the contract says which parts it then has.
    street            VARCHAR(120),
    city              VARCHAR(80),
    region            VARCHAR(80),
    postal_code       VARCHAR(16),
    country           VARCHAR(2),
    language          VARCHAR(8)   NOT NULL DEFAULT 'en',
    preferred_channel VARCHAR(16)  NOT NULL DEFAULT 'email',
    marketing         BOOLEAN      NOT NULL DEFAULT FALSE CHECK (marketing IN (0, 1)),
    status            VARCHAR(16)  NOT NULL DEFAULT 'active',
    created_at        DATETIME     NOT NULL,
    updated_at        DATETIME     NULL,
    -- Set when the record is removed; the row stays.
    deleted_at        DATETIME     NULL,
    -- Counts writes, and guards one against another.
    version           INTEGER      NOT NULL DEFAULT 1,
    -- The default order; MariaDB sorts keys of one second by their length itself.
    INDEX customers_created (created_at, id),
    INDEX customers_family_name (family_name, given_name),
    INDEX customers_given_name (given_name),
    INDEX customers_email (email),
    INDEX customers_status (status, created_at),
    INDEX customers_preferred_channel (preferred_channel, created_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE emergency_contacts (
    customer_id VARCHAR(64)  NOT NULL,
    position    INTEGER      NOT NULL CHECK (position >= 0),
    name        VARCHAR(120) NOT NULL,
    phone       VARCHAR(24)  NOT NULL,
    relation    VARCHAR(16),
    PRIMARY KEY (customer_id, position),
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

-- Tokens of the payment partner; never a card number.
CREATE TABLE payment_options (
    customer_id VARCHAR(64) NOT NULL,
    position    INTEGER     NOT NULL CHECK (position >= 0),
    token       TEXT        NOT NULL,
    brand       TEXT        NOT NULL,
    last4       VARCHAR(4)  NOT NULL,
    PRIMARY KEY (customer_id, position),
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE pets (
    id              VARCHAR(64)   NOT NULL PRIMARY KEY,
    owner_id        VARCHAR(64)   NOT NULL,
    name            VARCHAR(80)   NOT NULL,
    species         VARCHAR(16)   NOT NULL,
    -- The breed as a whole is there or not, so its truth may be nothing too.
    breed_primary   TEXT,
    breed_secondary TEXT,
    mixed           BOOLEAN       CHECK (mixed IN (0, 1)),
    -- Sex and altered in one code: M MN MU F FS FU UI UN U.
    sex_code        VARCHAR(2)    NOT NULL,
    birth_date      DATE,
    birth_estimated BOOLEAN       NOT NULL DEFAULT FALSE CHECK (birth_estimated IN (0, 1)),
    -- Hundredths of the unit: 420 is 4.20.
    weight          INTEGER       CHECK (weight > 0),
    weight_unit     VARCHAR(2),
    colors          JSON,
    microchip       VARCHAR(15),
    behavior_notes  VARCHAR(4000),
    visibility      JSON,
    status          VARCHAR(16)   NOT NULL DEFAULT 'active',
    created_at      DATETIME      NOT NULL,
    updated_at      DATETIME      NULL,
    -- Set when the record is removed; the row stays.
    deleted_at      DATETIME      NULL,
    -- Counts writes, and guards one against another.
    version         INTEGER       NOT NULL DEFAULT 1,
    -- The default order; MariaDB sorts keys of one second by their length itself.
    INDEX pets_created (created_at, id),
    -- A customer's pets, in the default order.
    INDEX pets_owner (owner_id, created_at, id),
    INDEX pets_name (name),
    INDEX pets_species (species, created_at),
    INDEX pets_sex_code (sex_code, created_at),
    INDEX pets_status (status, created_at),
    INDEX pets_weight (weight),
    FOREIGN KEY (owner_id) REFERENCES customers (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;

CREATE TABLE pet_photos (
    pet_id   VARCHAR(64) NOT NULL,
    position INTEGER     NOT NULL CHECK (position >= 0),
    url      TEXT        NOT NULL,
    width    INTEGER,
    height   INTEGER,
    PRIMARY KEY (pet_id, position),
    FOREIGN KEY (pet_id) REFERENCES pets (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
