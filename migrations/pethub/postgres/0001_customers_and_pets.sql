-- Customers and pets in our own store, for PostgreSQL.
-- Texts that are compared or ordered by have the collation "C" (by code point), as the statements ask for it: an
-- index of another collation would not serve them. Lengths are the contract's; where it says none, the type is text.

CREATE TABLE customers (
    id                varchar(64)  COLLATE "C" NOT NULL PRIMARY KEY,
    given_name        varchar(80)  COLLATE "C" NOT NULL,
    family_name       varchar(80)  COLLATE "C" NOT NULL,
    email             varchar(254) COLLATE "C" NOT NULL,
    phone             varchar(24),
    -- The address as a whole is there or not; the contract says which parts it then has.
    street            varchar(120),
    city              varchar(80),
    region            varchar(80),
    postal_code       varchar(16),
    country           varchar(2),
    language          varchar(8)   NOT NULL DEFAULT 'en',
    preferred_channel varchar(16)  COLLATE "C" NOT NULL DEFAULT 'email',
    marketing         boolean      NOT NULL DEFAULT false,
    status            varchar(16)  COLLATE "C" NOT NULL DEFAULT 'active',
    created_at        timestamptz  NOT NULL,
    updated_at        timestamptz,
    -- Set when the record is removed; the row stays.
    deleted_at        timestamptz,
    -- Counts writes, and guards one against another.
    version           integer      NOT NULL DEFAULT 1
);

-- The default order; keys order by length first, as numbers do.
CREATE INDEX customers_created ON customers (created_at, length(id), id);
CREATE INDEX customers_family_name ON customers (family_name, given_name);
CREATE INDEX customers_given_name ON customers (given_name);
CREATE INDEX customers_email ON customers (email);
CREATE INDEX customers_status ON customers (status, created_at);
CREATE INDEX customers_preferred_channel ON customers (preferred_channel, created_at);

CREATE TABLE emergency_contacts (
    customer_id varchar(64)  COLLATE "C" NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    position    integer      NOT NULL CHECK (position >= 0),
    name        varchar(120) NOT NULL,
    phone       varchar(24)  NOT NULL,
    relation    varchar(16),
    PRIMARY KEY (customer_id, position)
);

-- Tokens of the payment partner; never a card number.
CREATE TABLE payment_options (
    customer_id varchar(64) COLLATE "C" NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    position    integer     NOT NULL CHECK (position >= 0),
    token       text        NOT NULL,
    brand       text        NOT NULL,
    last4       varchar(4)  NOT NULL,
    PRIMARY KEY (customer_id, position)
);

CREATE TABLE pets (
    id              varchar(64)   COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id        varchar(64)   COLLATE "C" NOT NULL REFERENCES customers (id),
    name            varchar(80)   COLLATE "C" NOT NULL,
    species         varchar(16)   COLLATE "C" NOT NULL,
    -- The breed as a whole is there or not, so its truth may be nothing too.
    breed_primary   text,
    breed_secondary text,
    mixed           boolean,
    -- Sex and altered in one code: M MN MU F FS FU UI UN U.
    sex_code        varchar(2)    COLLATE "C" NOT NULL,
    birth_date      date,
    birth_estimated boolean       NOT NULL DEFAULT false,
    -- Hundredths of the unit: 420 is 4.20.
    weight          integer       CHECK (weight > 0),
    weight_unit     varchar(2),
    colors          jsonb,
    microchip       varchar(15),
    behavior_notes  varchar(4000),
    visibility      jsonb,
    status          varchar(16)   COLLATE "C" NOT NULL DEFAULT 'active',
    created_at      timestamptz   NOT NULL,
    updated_at      timestamptz,
    -- Set when the record is removed; the row stays.
    deleted_at      timestamptz,
    -- Counts writes, and guards one against another.
    version         integer       NOT NULL DEFAULT 1
);

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
    pet_id   varchar(64) COLLATE "C" NOT NULL REFERENCES pets (id) ON DELETE CASCADE,
    position integer     NOT NULL CHECK (position >= 0),
    url      text        NOT NULL,
    width    integer,
    height   integer,
    PRIMARY KEY (pet_id, position)
);
