-- What the systems behind gave, counted by place: for each binding, place and kind of value how many came, how many of
-- these at first (the baseline) and lately; and names that no rule knows. No values of records stand here but codes.
-- Each running program adds what it counted; a row whose `latest_at` is a year old is swept.
CREATE TABLE drift (
    -- The binding (`pethub/v1/pets.drupal7`), and what tells its rules from other ones: only what was counted under the same is compared.
    binding   varchar(200) COLLATE "C" NOT NULL,
    revision  varchar(16) COLLATE "C" NOT NULL,
    place     varchar(250) COLLATE "C" NOT NULL,
    -- A kind of value (text, null ...), or what a name is (unknownField, unknownCode ...).
    kind      varchar(16) COLLATE "C" NOT NULL,
    -- A field's or a code's; empty where values are counted.
    name      varchar(100) COLLATE "C" NOT NULL,
    seen      bigint NOT NULL,
    base      bigint NOT NULL,
    recent    bigint NOT NULL,
    -- Seconds since 1970.
    first_at  bigint NOT NULL,
    latest_at bigint NOT NULL,
    PRIMARY KEY (binding, revision, place, kind, name)
);
CREATE INDEX drift_latest ON drift (latest_at);
