-- Requests with a key of their own that are carried out once, and what clients have used of their quotas.
-- running (somebody works on it, until `held_until`), done (the answer is kept), unknown (a system behind was called, and
-- what came of it is not known). A row is there before the first call.
ALTER TABLE idempotency ADD COLUMN state VARCHAR(32) NOT NULL DEFAULT 'running';
-- The run of a program that works on it. One whose time is over is taken to have crashed.
ALTER TABLE idempotency ADD COLUMN holder VARCHAR(64) NOT NULL DEFAULT '';
-- Milliseconds since 1970, as the two below.
ALTER TABLE idempotency ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE idempotency ADD COLUMN began BIGINT NOT NULL DEFAULT 0;
ALTER TABLE idempotency ADD COLUMN ends BIGINT NOT NULL DEFAULT 0;
-- Method, API and resource, for people.
ALTER TABLE idempotency ADD COLUMN what VARCHAR(300) NOT NULL DEFAULT '';
-- The key that a new record has or would have.
ALTER TABLE idempotency ADD COLUMN record VARCHAR(300);
-- Headers and body of the answer as JSON: `body` and `headers` are left alone.
ALTER TABLE idempotency ADD COLUMN answer LONGTEXT;
CREATE INDEX idempotency_ends ON idempotency (ends);
CREATE INDEX idempotency_state ON idempotency (state);

CREATE TABLE quotas (
    -- The limit's name, and whom it counts: a hash of the client, the subject or the address.
    policy    VARCHAR(100) NOT NULL,
    principal VARCHAR(32) NOT NULL,
    -- The day (2026-11-21) or the month (2026-11), in UTC.
    period    VARCHAR(32) NOT NULL,
    used      BIGINT NOT NULL,
    PRIMARY KEY (policy, principal, period)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX quotas_period ON quotas (period);
