-- A shop's tables: keys that are counted and keys that are texts, lists in tables of their own, and what has no public form.
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    full_name VARCHAR(80) NOT NULL,
    email TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'private' CHECK (kind IN ('private', 'company')),
    credit_limit NUMERIC(9, 2),
    newsletter BOOLEAN NOT NULL DEFAULT 0,
    birthday DATE,
    settings JSON,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP,
    deleted_at TIMESTAMP,
    version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX customers_email ON customers (email);
CREATE INDEX customers_kind ON customers (kind, full_name);
CREATE TABLE orders (
    order_no VARCHAR(36) PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    placed_at TIMESTAMP NOT NULL,
    total NUMERIC(12, 2) NOT NULL,
    "limit" INTEGER
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_placed ON orders (placed_at);
CREATE TABLE order_lines (
    order_no VARCHAR(36) NOT NULL REFERENCES orders (order_no),
    position INTEGER NOT NULL,
    article VARCHAR(40) NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (order_no, position)
);
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, content BLOB NOT NULL);
CREATE TABLE seen (who TEXT, at TEXT);
CREATE TABLE memberships (customer_id INTEGER NOT NULL, club TEXT NOT NULL, PRIMARY KEY (customer_id, club));
