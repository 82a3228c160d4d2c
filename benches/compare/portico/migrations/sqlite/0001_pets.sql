-- A thousand pets, for SQLite.
CREATE TABLE pets (
    id             TEXT    NOT NULL PRIMARY KEY,
    owner_id       TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    species        TEXT    NOT NULL,
    sex            TEXT    NOT NULL,
    birth_date     TEXT,
    weight         INTEGER NOT NULL,
    weight_unit    TEXT    NOT NULL,
    microchip      TEXT,
    behavior_notes TEXT,
    status         TEXT    NOT NULL,
    created_at     TEXT    NOT NULL,
    updated_at     TEXT
) STRICT;

INSERT INTO pets
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
SELECT CAST(n AS TEXT), 'c' || (n % 97), 'Pet "' || n || '"', CASE n % 3 WHEN 0 THEN 'D' WHEN 1 THEN 'C' ELSE 'B' END,
       CASE n % 2 WHEN 0 THEN 'F' ELSE 'M' END, CASE n % 5 WHEN 0 THEN NULL ELSE printf('2015-%02d-%02d', 1 + n % 12, 1 + n % 28) END,
       100 + n, 'kg', CASE n % 4 WHEN 0 THEN NULL ELSE printf('985141%09d', n) END,
       CASE n % 3 WHEN 0 THEN NULL ELSE 'Afraid of thunder; likes tennis balls.' END, 'active',
       printf('2019-%02d-%02dT08:02:36Z', 1 + n % 12, 1 + n % 28), NULL
FROM numbers;

-- Keys order by length first, as numbers do.
CREATE INDEX pets_order ON pets (length(id), id);
