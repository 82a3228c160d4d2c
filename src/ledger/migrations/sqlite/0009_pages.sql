-- Lines of the audit trail are kept in pages, as many in one as were written together: an append adds one row with all lines and
-- one with the terms that they are found by, where each line had a row and each record of it another. What is there becomes
-- pages of one line each. Numbers, texts and hashes of lines stay as they are, and so does all that was written down of them.
CREATE TABLE trail_pages (
    first_line INTEGER NOT NULL PRIMARY KEY,
    last_line  INTEGER NOT NULL,
    -- When the earliest and the latest of its lines happened, in microseconds since 1970.
    earliest   INTEGER NOT NULL,
    latest     INTEGER NOT NULL,
    -- The lines one below the other, each its hash in hexadecimal, a space and its JSON. The hash is SHA-256 over the hash of
    -- the line before, the line's number (eight bytes, the highest first) and the JSON.
    text       TEXT NOT NULL
) STRICT;
CREATE INDEX trail_pages_latest ON trail_pages (latest, first_line);

-- What a page is found by: the kind, a tab, the value (`subject`, `client`, `resource`), and of a record its key, a tab and its
-- resource. All of it stands in the lines, too.
CREATE TABLE trail_terms (
    term       TEXT NOT NULL,
    first_line INTEGER NOT NULL,
    PRIMARY KEY (term, first_line)
) STRICT, WITHOUT ROWID;
CREATE INDEX trail_terms_page ON trail_terms (first_line);

-- The terms of the newest pages, which are not in `trail_terms` yet: they go there many at once, in their order. Whoever looks for
-- something reads these pages. The head says how many terms were put here since they were filed, and one for a page without any.
CREATE TABLE trail_pending (
    first_line INTEGER NOT NULL PRIMARY KEY,
    -- A JSON list of texts.
    terms      TEXT NOT NULL
) STRICT;
ALTER TABLE trail_head ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;

INSERT INTO trail_pages SELECT id, id, happened_at, happened_at, hash || ' ' || line FROM trail;
INSERT INTO trail_terms SELECT 'subject' || char(9) || subject, id FROM trail WHERE subject IS NOT NULL;
INSERT INTO trail_terms SELECT 'client' || char(9) || client, id FROM trail WHERE client IS NOT NULL;
INSERT INTO trail_terms SELECT 'resource' || char(9) || resource, id FROM trail WHERE resource IS NOT NULL;
INSERT INTO trail_terms SELECT 'record' || char(9) || record_id || char(9) || resource, line_id FROM trail_records;
DROP TABLE trail_records;
DROP TABLE trail;

CREATE TRIGGER trail_pages_changed BEFORE UPDATE ON trail_pages
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER trail_pages_removed BEFORE DELETE ON trail_pages
    WHEN OLD.last_line > (SELECT swept_through FROM trail_head)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only swept'); END;
CREATE TRIGGER trail_pending_changed BEFORE UPDATE ON trail_pending
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER trail_terms_changed BEFORE UPDATE ON trail_terms
    BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER trail_terms_removed BEFORE DELETE ON trail_terms
    WHEN OLD.first_line > (SELECT swept_through FROM trail_head)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is only swept'); END;
