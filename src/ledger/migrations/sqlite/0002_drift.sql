-- What the systems behind gave, counted by place: for each binding, place and kind of value how many came, how many of
-- these at first (the baseline) and lately; and names that no rule knows. No values of records stand here but codes.
-- Each running program adds what it counted; a row whose `latest_at` is a year old is swept.
CREATE TABLE drift (
    -- The binding (`pethub/v1/pets.drupal7`), and what tells its rules from other ones: only what was counted under the same is compared.
    binding   TEXT NOT NULL,
    revision  TEXT NOT NULL,
    place     TEXT NOT NULL,
    -- A kind of value (text, null ...), or what a name is (unknownField, unknownCode ...).
    kind      TEXT NOT NULL,
    -- A field's or a code's; empty where values are counted.
    name      TEXT NOT NULL,
    seen      INTEGER NOT NULL,
    base      INTEGER NOT NULL,
    recent    INTEGER NOT NULL,
    -- Seconds since 1970.
    first_at  INTEGER NOT NULL,
    latest_at INTEGER NOT NULL,
    PRIMARY KEY (binding, revision, place, kind, name)
) STRICT;
CREATE INDEX drift_latest ON drift (latest_at);
