-- Who did what to which records: the audit trail. It takes the place of `audit`, which nobody has written to. Rows are added
-- and never changed. The oldest are removed when they have been kept for as long as the operator says, and only after
-- `trail_head` says up to where; the trail itself has a line that says so.
DROP TABLE audit;

-- One row: where the chain ends and where it begins. Who appends locks it, so that the chain is one, however many programs
-- append.
CREATE TABLE trail_head (
    one           integer NOT NULL PRIMARY KEY CHECK (one = 1),
    -- The last line; 0 and zeros where there is none.
    number        bigint NOT NULL,
    hash          varchar(64) COLLATE "C" NOT NULL,
    -- The last line that was removed, and its hash, by which the first one that is left follows.
    swept_through bigint NOT NULL,
    swept_hash    varchar(64) COLLATE "C" NOT NULL
);
INSERT INTO trail_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- The lines. `hash` is SHA-256 over the hash of the line before, this line's number (eight bytes, the highest first) and `line`,
-- in hexadecimal. Numbers have no gaps. What stands beside `line` stands in it, too, and is for searching.
CREATE TABLE trail (
    id          bigint NOT NULL PRIMARY KEY,
    -- Microseconds since 1970.
    happened_at bigint NOT NULL,
    subject     varchar(255) COLLATE "C",
    client      varchar(255) COLLATE "C",
    action      varchar(64) COLLATE "C" NOT NULL,
    outcome     varchar(16) COLLATE "C" NOT NULL,
    resource    varchar(120) COLLATE "C",
    -- JSON; personal values in it are sealed.
    line        text NOT NULL,
    hash        varchar(64) COLLATE "C" NOT NULL
);
CREATE INDEX trail_happened ON trail (happened_at);
CREATE INDEX trail_subject ON trail (subject, id);
CREATE INDEX trail_client ON trail (client, id);
CREATE INDEX trail_resource ON trail (resource, id);

-- The records that a line is about, for searching. The keys stand in `line`, too.
CREATE TABLE trail_records (
    resource  varchar(120) COLLATE "C" NOT NULL,
    record_id varchar(255) COLLATE "C" NOT NULL,
    line_id   bigint NOT NULL,
    PRIMARY KEY (resource, record_id, line_id)
);
CREATE INDEX trail_records_line ON trail_records (line_id);

CREATE FUNCTION trail_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is never changed'; END $$;
CREATE FUNCTION trail_removed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.id > (SELECT swept_through FROM trail_head) THEN RAISE EXCEPTION 'the audit trail is only swept'; END IF;
        RETURN OLD;
    END $$;
CREATE FUNCTION trail_records_removed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.line_id > (SELECT swept_through FROM trail_head) THEN RAISE EXCEPTION 'the audit trail is only swept'; END IF;
        RETURN OLD;
    END $$;
CREATE FUNCTION trail_head_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.number < OLD.number OR NEW.swept_through < OLD.swept_through THEN
            RAISE EXCEPTION 'the audit trail only grows';
        END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER trail_changed BEFORE UPDATE ON trail FOR EACH ROW EXECUTE FUNCTION trail_changed();
CREATE TRIGGER trail_removed BEFORE DELETE ON trail FOR EACH ROW EXECUTE FUNCTION trail_removed();
CREATE TRIGGER trail_emptied BEFORE TRUNCATE ON trail FOR EACH STATEMENT EXECUTE FUNCTION trail_changed();
CREATE TRIGGER trail_records_changed BEFORE UPDATE ON trail_records FOR EACH ROW EXECUTE FUNCTION trail_changed();
CREATE TRIGGER trail_records_removed BEFORE DELETE ON trail_records
    FOR EACH ROW EXECUTE FUNCTION trail_records_removed();
CREATE TRIGGER trail_records_emptied BEFORE TRUNCATE ON trail_records FOR EACH STATEMENT EXECUTE FUNCTION trail_changed();
CREATE TRIGGER trail_head_back BEFORE UPDATE ON trail_head FOR EACH ROW EXECUTE FUNCTION trail_head_back();
CREATE TRIGGER trail_head_removed BEFORE DELETE ON trail_head FOR EACH ROW EXECUTE FUNCTION trail_changed();
CREATE TRIGGER trail_head_emptied BEFORE TRUNCATE ON trail_head FOR EACH STATEMENT EXECUTE FUNCTION trail_changed();
