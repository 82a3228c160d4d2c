-- A thousand pets, for PostgreSQL.
CREATE TABLE pets (
    id             varchar(64) COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id       varchar(64) COLLATE "C" NOT NULL,
    name           varchar(80) COLLATE "C" NOT NULL,
    species        varchar(2)  COLLATE "C" NOT NULL,
    sex            varchar(2)  COLLATE "C" NOT NULL,
    birth_date     date,
    weight         integer     NOT NULL,
    weight_unit    varchar(2)  COLLATE "C" NOT NULL,
    microchip      varchar(15) COLLATE "C",
    behavior_notes text        COLLATE "C",
    status         varchar(16) COLLATE "C" NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz
);

INSERT INTO pets
SELECT n::text, 'c' || (n % 97), 'Pet "' || n || '"', CASE n % 3 WHEN 0 THEN 'D' WHEN 1 THEN 'C' ELSE 'B' END,
       CASE n % 2 WHEN 0 THEN 'F' ELSE 'M' END,
       CASE n % 5 WHEN 0 THEN NULL ELSE make_date(2015, 1 + n % 12, 1 + n % 28) END,
       100 + n, 'kg', CASE n % 4 WHEN 0 THEN NULL ELSE '985141' || lpad(n::text, 9, '0') END,
       CASE n % 3 WHEN 0 THEN NULL ELSE 'Afraid of thunder; likes tennis balls.' END, 'active',
       make_timestamptz(2019, 1 + n % 12, 1 + n % 28, 8, 2, 36, 'UTC'), NULL
FROM generate_series(1, 1000) AS numbers (n);

-- Keys order by length first, as numbers do.
CREATE INDEX pets_order ON pets (length(id), id);
