-- Lines of the audit trail are kept in pages, as many in one as were written together: an append adds one row with all lines and
-- one with the terms that they are found by, where each line had a row and each record of it another. What is there becomes
-- pages of one line each. Numbers, texts and hashes of lines stay as they are, and so does all that was written down of them.
-- Each statement is a transaction here: from now on a program of before that still runs cannot add what would be missed.
RENAME TABLE trail TO trail_before, trail_records TO trail_records_before;

CREATE TABLE trail_pages (
    first_line BIGINT NOT NULL PRIMARY KEY,
    last_line  BIGINT NOT NULL,
    -- When the earliest and the latest of its lines happened, in microseconds since 1970.
    earliest   BIGINT NOT NULL,
    latest     BIGINT NOT NULL,
    -- The lines one below the other, each its hash in hexadecimal, a space and its JSON. The hash is SHA-256 over the hash of
    -- the line before, the line's number (eight bytes, the highest first) and the JSON.
    text       LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX trail_pages_latest ON trail_pages (latest, first_line);

-- What a page is found by: the kind, a tab, the value (`subject`, `client`, `resource`), and of a record its key, a tab and its
-- resource. All of it stands in the lines, too.
CREATE TABLE trail_terms (
    term       VARCHAR(400) NOT NULL,
    first_line BIGINT NOT NULL,
    PRIMARY KEY (term, first_line)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX trail_terms_page ON trail_terms (first_line);

-- The terms of the newest pages, which are not in `trail_terms` yet: they go there many at once, in their order. Whoever looks for
-- something reads these pages. The head says how many terms were put here since they were filed, and one for a page without any.
CREATE TABLE trail_pending (
    first_line BIGINT NOT NULL PRIMARY KEY,
    -- A JSON list of texts.
    terms      LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
ALTER TABLE trail_head ADD COLUMN pending BIGINT NOT NULL DEFAULT 0;

INSERT INTO trail_pages SELECT id, id, happened_at, happened_at, CONCAT(hash, ' ', line) FROM trail_before;
INSERT INTO trail_terms SELECT CONCAT('subject', CHAR(9 USING utf8mb4), subject), id FROM trail_before WHERE subject IS NOT NULL;
INSERT INTO trail_terms SELECT CONCAT('client', CHAR(9 USING utf8mb4), client), id FROM trail_before WHERE client IS NOT NULL;
INSERT INTO trail_terms SELECT CONCAT('resource', CHAR(9 USING utf8mb4), resource), id FROM trail_before WHERE resource IS NOT NULL;
INSERT INTO trail_terms SELECT CONCAT('record', CHAR(9 USING utf8mb4), record_id, CHAR(9 USING utf8mb4), resource), line_id FROM trail_records_before;
DROP TABLE trail_records_before;
DROP TABLE trail_before;

CREATE TRIGGER trail_pages_changed BEFORE UPDATE ON trail_pages FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit trail is never changed';
CREATE TRIGGER trail_pages_removed BEFORE DELETE ON trail_pages FOR EACH ROW
    IF OLD.last_line > (SELECT swept_through FROM trail_head) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit trail is only swept';
    END IF;
CREATE TRIGGER trail_pending_changed BEFORE UPDATE ON trail_pending FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit trail is never changed';
CREATE TRIGGER trail_terms_changed BEFORE UPDATE ON trail_terms FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit trail is never changed';
CREATE TRIGGER trail_terms_removed BEFORE DELETE ON trail_terms FOR EACH ROW
    IF OLD.first_line > (SELECT swept_through FROM trail_head) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit trail is only swept';
    END IF;
