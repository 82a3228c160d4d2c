-- What is sealed lies in columns of texts, whatever it is. A record's data key stands beside, wrapped; what is found by
-- equality has a blind index in a column of its own. The columns hold texts of any length already.

ALTER TABLE customers ADD COLUMN data_key TEXT;
ALTER TABLE customers ADD COLUMN email_index TEXT;
DROP INDEX customers_email;
CREATE INDEX customers_email_index ON customers (email_index);

-- Medical records. A pet may live in another system: its key is not checked here.
CREATE TABLE medical_records (
    id           TEXT    NOT NULL PRIMARY KEY,
    pet_id       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    recorded_at  TEXT    CHECK (recorded_at GLOB '????-??-??T??:??:??Z'),
    -- Sealed: texts, and JSON as text.
    description  TEXT    NOT NULL,
    vaccinations TEXT,
    allergies    TEXT,
    medications  TEXT,
    vet_notes    TEXT,
    documents    TEXT,
    details      TEXT,
    data_key     TEXT,
    -- Set when the record is removed; the row stays.
    deleted_at   TEXT    CHECK (deleted_at GLOB '????-??-??T??:??:??Z'),
    -- Counts writes, and guards one against another.
    version      INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE INDEX medical_records_pet ON medical_records (pet_id, recorded_at, id);
CREATE INDEX medical_records_kind ON medical_records (kind, recorded_at);
CREATE INDEX medical_records_recorded ON medical_records (recorded_at, id);
