-- Customers and pets in our own store, for SQLite.
-- Tables are STRICT: a number that is not whole, or a text in a column of numbers, is refused and never rounded.
-- Keys are texts. Truths are 0 and 1. Dates are `2019-04-23`; times are UTC in whole seconds, `2019-04-23T10:00:00Z`,
-- so that their texts order as they do. JSON is text that is checked. Nothing is limited here in length: the
-- contract does that before a write comes.

CREATE TABLE customers (
    id                TEXT    NOT NULL PRIMARY KEY,
    given_name        TEXT    NOT NULL,
    family_name       TEXT    NOT NULL,
    email             TEXT    NOT NULL,
    phone             TEXT,
    -- The address as a whole is there or not; the contract says which parts it then has.
    street            TEXT,
    city              TEXT,
    region            TEXT,
    postal_code       TEXT,
    country           TEXT,
    language          TEXT    NOT NULL DEFAULT 'en',
    preferred_channel TEXT    NOT NULL DEFAULT 'email',
    marketing         INTEGER NOT NULL DEFAULT 0 CHECK (marketing IN (0, 1)),
    status            TEXT    NOT NULL DEFAULT 'active',
    created_at        TEXT    NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??Z'),
    updated_at        TEXT    CHECK (updated_at GLOB '????-??-??T??:??:??Z'),
    -- Set when the record is removed; the row stays.
    deleted_at        TEXT    CHECK (deleted_at GLOB '????-??-??T??:??:??Z'),
    -- Counts writes, and guards one against another.
    version           INTEGER NOT NULL DEFAULT 1
) STRICT;

-- The default order; keys order by length first, as numbers do.
CREATE INDEX customers_created ON customers (created_at, length(id), id);
CREATE INDEX customers_family_name ON customers (family_name, given_name);
CREATE INDEX customers_given_name ON customers (given_name);
CREATE INDEX customers_email ON customers (email);
CREATE INDEX customers_status ON customers (status, created_at);
CREATE INDEX customers_preferred_channel ON customers (preferred_channel, created_at);

CREATE TABLE emergency_contacts (
    customer_id TEXT    NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL CHECK (position >= 0),
    name        TEXT    NOT NULL,
    phone       TEXT    NOT NULL,
    relation    TEXT,
    PRIMARY KEY (customer_id, position)
) STRICT, WITHOUT ROWID;

-- Tokens of the payment partner; never a card number.
CREATE TABLE payment_options (
    customer_id TEXT    NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL CHECK (position >= 0),
    token       TEXT    NOT NULL,
    brand       TEXT    NOT NULL,
    last4       TEXT    NOT NULL,
    PRIMARY KEY (customer_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE pets (
    id              TEXT    NOT NULL PRIMARY KEY,
    owner_id        TEXT    NOT NULL REFERENCES customers (id),
    name            TEXT    NOT NULL,
    species         TEXT    NOT NULL,
    -- The breed as a whole is there or not, so its truth may be nothing too.
    breed_primary   TEXT,
    breed_secondary TEXT,
    mixed           INTEGER CHECK (mixed IN (0, 1)),
    -- Sex and altered in one code: M MN MU F FS FU UI UN U.
    sex_code        TEXT    NOT NULL,
    birth_date      TEXT    CHECK (birth_date GLOB '????-??-??'),
    birth_estimated INTEGER NOT NULL DEFAULT 0 CHECK (birth_estimated IN (0, 1)),
    -- Hundredths of the unit: 420 is 4.20.
    weight          INTEGER CHECK (weight > 0),
    weight_unit     TEXT,
    colors          TEXT    CHECK (json_valid(colors)),
    microchip       TEXT,
    behavior_notes  TEXT,
    visibility      TEXT    CHECK (json_valid(visibility)),
    status          TEXT    NOT NULL DEFAULT 'active',
    created_at      TEXT    NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??Z'),
    updated_at      TEXT    CHECK (updated_at GLOB '????-??-??T??:??:??Z'),
    -- Set when the record is removed; the row stays.
    deleted_at      TEXT    CHECK (deleted_at GLOB '????-??-??T??:??:??Z'),
    -- Counts writes, and guards one against another.
    version         INTEGER NOT NULL DEFAULT 1
) STRICT;

-- The default order; keys order by length first, as numbers do.
CREATE INDEX pets_created ON pets (created_at, length(id), id);
-- A customer's pets, in the default order.
CREATE INDEX pets_owner ON pets (owner_id, created_at, length(id), id);
CREATE INDEX pets_name ON pets (name);
CREATE INDEX pets_species ON pets (species, created_at);
CREATE INDEX pets_sex_code ON pets (sex_code, created_at);
CREATE INDEX pets_status ON pets (status, created_at);
CREATE INDEX pets_weight ON pets (weight);

CREATE TABLE pet_photos (
    pet_id   TEXT    NOT NULL REFERENCES pets (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    url      TEXT    NOT NULL,
    width    INTEGER,
    height   INTEGER,
    PRIMARY KEY (pet_id, position)
) STRICT, WITHOUT ROWID;
