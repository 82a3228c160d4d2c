-- What is sealed lies in columns of texts without a length, whatever it is. A record's data key stands beside, wrapped;
-- what is found by equality has a blind index in a column of its own.

DROP INDEX customers_email;
ALTER TABLE customers
    ALTER COLUMN email TYPE text,
    ALTER COLUMN phone TYPE text,
    ALTER COLUMN street TYPE text,
    ALTER COLUMN city TYPE text,
    ALTER COLUMN region TYPE text,
    ALTER COLUMN postal_code TYPE text,
    ALTER COLUMN country TYPE text;
ALTER TABLE customers ADD COLUMN data_key varchar(255) COLLATE "C";
ALTER TABLE customers ADD COLUMN email_index varchar(64) COLLATE "C";
CREATE INDEX customers_email_index ON customers (email_index);

ALTER TABLE emergency_contacts
    ALTER COLUMN name TYPE text,
    ALTER COLUMN phone TYPE text,
    ALTER COLUMN relation TYPE text;
ALTER TABLE payment_options ALTER COLUMN last4 TYPE text;

-- Medical records. A pet may live in another system: its key is not checked here.
CREATE TABLE medical_records (
    id           varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    pet_id       varchar(64) COLLATE "C" NOT NULL,
    kind         varchar(16) COLLATE "C" NOT NULL,
    recorded_at  timestamptz,
    -- Sealed: texts, and JSON as text.
    description  text        NOT NULL,
    vaccinations text,
    allergies    text,
    medications  text,
    vet_notes    text,
    documents    text,
    details      text,
    data_key     varchar(255) COLLATE "C",
    -- Set when the record is removed; the row stays.
    deleted_at   timestamptz,
    -- Counts writes, and guards one against another.
    version      integer     NOT NULL DEFAULT 1
);

CREATE INDEX medical_records_pet ON medical_records (pet_id, recorded_at, id);
CREATE INDEX medical_records_kind ON medical_records (kind, recorded_at);
CREATE INDEX medical_records_recorded ON medical_records (recorded_at, id);
