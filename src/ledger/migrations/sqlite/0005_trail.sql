-- Who did what to which records: the audit trail. It takes the place of `audit`, which nobody has written to. Rows are added
-- and never changed. The oldest are removed when they have been kept for as long as the operator says, and only after
-- `trail_head` says up to where; the trail itself has a line that says so.
DROP TABLE audit;

-- One row: where the chain ends and where it begins. Who appends locks it, so that the chain is one, however many programs
-- append.
CREATE TABLE trail_head (
    one           INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    -- The last line; 0 and zeros where there is none.
    number        INTEGER NOT NULL,
    hash          TEXT NOT NULL,
    -- The last line that was removed, and its hash, by which the first one that is left follows.
    swept_through INTEGER NOT NULL,
    swept_hash    TEXT NOT NULL
) STRICT;
INSERT INTO trail_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- The lines. `hash` is SHA-256 over the hash of the line before, this line's number (eight bytes, the highest first) and `line`,
-- in hexadecimal. Numbers have no gaps. What stands beside `line` stands in it, too, and is for searching.
CREATE TABLE trail (
    id          INTEGER NOT NULL PRIMARY KEY,
    -- Microseconds since 1970.
    happened_at INTEGER NOT NULL,
    subject     TEXT,
    client      TEXT,
    action      TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    resource    TEXT,
    -- JSON; personal values in it are sealed.
    line        TEXT NOT NULL,
    hash        TEXT NOT NULL
) STRICT;
CREATE INDEX trail_happened ON trail (happened_at);
CREATE INDEX trail_subject ON trail (subject, id);
CREATE INDEX trail_client ON trail (client, id);
CREATE INDEX trail_resource ON trail (resource, id);

-- The records that a line is about, for searching. The keys stand in `line`, too.
CREATE TABLE trail_records (
    resource  TEXT NOT NULL,
    record_id TEXT NOT NULL,
    line_id   INTEGER NOT NULL,
    PRIMARY KEY (resource, record_id, line_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX trail_records_line ON trail_records (line_id);

CREATE TRIGGER trail_changed BEFORE UPDATE ON trail
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER trail_removed BEFORE DELETE ON trail
    WHEN OLD.id > (SELECT swept_through FROM trail_head)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only swept'); END;
CREATE TRIGGER trail_records_changed BEFORE UPDATE ON trail_records
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER trail_records_removed BEFORE DELETE ON trail_records
    WHEN OLD.line_id > (SELECT swept_through FROM trail_head)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only swept'); END;
CREATE TRIGGER trail_head_back BEFORE UPDATE ON trail_head
    WHEN NEW.number < OLD.number OR NEW.swept_through < OLD.swept_through
    BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER trail_head_removed BEFORE DELETE ON trail_head
    BEGIN SELECT RAISE(ABORT, 'the audit trail has one head'); END;
