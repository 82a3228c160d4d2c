-- Requests with a key of their own that are carried out once, and what clients have used of their quotas.
-- running (somebody works on it, until `held_until`), done (the answer is kept), unknown (a system behind was called, and
-- what came of it is not known). A row is there before the first call.
ALTER TABLE idempotency ADD COLUMN state TEXT NOT NULL DEFAULT 'running';
-- The run of a program that works on it. One whose time is over is taken to have crashed.
ALTER TABLE idempotency ADD COLUMN holder TEXT NOT NULL DEFAULT '';
-- Milliseconds since 1970, as the two below.
ALTER TABLE idempotency ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE idempotency ADD COLUMN began INTEGER NOT NULL DEFAULT 0;
ALTER TABLE idempotency ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
-- Method, API and resource, for people.
ALTER TABLE idempotency ADD COLUMN what TEXT NOT NULL DEFAULT '';
-- The key that a new record has or would have.
ALTER TABLE idempotency ADD COLUMN record TEXT;
-- Headers and body of the answer as JSON: `body` and `headers` are left alone.
ALTER TABLE idempotency ADD COLUMN answer TEXT;
CREATE INDEX idempotency_ends ON idempotency (ends);
CREATE INDEX idempotency_state ON idempotency (state);

CREATE TABLE quotas (
    -- The limit's name, and whom it counts: a hash of the client, the subject or the address.
    policy    TEXT NOT NULL,
    principal TEXT NOT NULL,
    -- The day (2026-11-21) or the month (2026-11), in UTC.
    period    TEXT NOT NULL,
    used      INTEGER NOT NULL,
    PRIMARY KEY (policy, principal, period)
) STRICT;
CREATE INDEX quotas_period ON quotas (period);
