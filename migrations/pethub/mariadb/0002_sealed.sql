-- What is sealed lies in columns of texts without a length, whatever it is. A record's data key stands beside, wrapped;
-- what is found by equality has a blind index in a column of its own.

ALTER TABLE customers DROP INDEX customers_email;
ALTER TABLE customers
    MODIFY COLUMN email TEXT NOT NULL,
    MODIFY COLUMN phone TEXT,
    MODIFY COLUMN street TEXT,
    MODIFY COLUMN city TEXT,
    MODIFY COLUMN region TEXT,
    MODIFY COLUMN postal_code TEXT,
    MODIFY COLUMN country TEXT;
ALTER TABLE customers ADD COLUMN data_key VARCHAR(255);
ALTER TABLE customers ADD COLUMN email_index VARCHAR(64);
CREATE INDEX customers_email_index ON customers (email_index);

ALTER TABLE emergency_contacts
    MODIFY COLUMN name TEXT NOT NULL,
    MODIFY COLUMN phone TEXT NOT NULL,
    MODIFY COLUMN relation TEXT;
ALTER TABLE payment_options MODIFY COLUMN last4 TEXT NOT NULL;

-- Medical records. A pet may live in another system: its key is not checked here.
CREATE TABLE medical_records (
    id           VARCHAR(64) NOT NULL PRIMARY KEY,
    pet_id       VARCHAR(64) NOT NULL,
    kind         VARCHAR(16) NOT NULL,
    recorded_at  DATETIME    NULL,
    -- Sealed: texts, and JSON as text; what is sealed is a third longer than what it was.
    description  MEDIUMTEXT  NOT NULL,
    vaccinations MEDIUMTEXT,
    allergies    MEDIUMTEXT,
    medications  MEDIUMTEXT,
    vet_notes    MEDIUMTEXT,
    documents    MEDIUMTEXT,
    details      MEDIUMTEXT,
    data_key     VARCHAR(255),
    -- Set when the record is removed; the row stays.
    deleted_at   DATETIME    NULL,
    -- Counts writes, and guards one against another.
    version      INTEGER     NOT NULL DEFAULT 1,
    INDEX medical_records_pet (pet_id, recorded_at, id),
    INDEX medical_records_kind (kind, recorded_at),
    INDEX medical_records_recorded (recorded_at, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
