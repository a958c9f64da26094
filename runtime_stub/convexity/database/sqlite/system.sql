-- Tables of the runtime itself. Every statement is idempotent.

CREATE TABLE IF NOT EXISTS "_convexity_meta" (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Time of the newest commit, in nanoseconds since the epoch.
CREATE TABLE IF NOT EXISTS "_convexity_clock" (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    timestamp INTEGER NOT NULL
);
INSERT OR IGNORE INTO "_convexity_clock" (id, timestamp) VALUES (0, 0);

-- Index keys that recent commits wrote, for the other processes that use the file: a chain, in which
-- "previous" is the time of the commit before. "writes" is NULL where it would be too long.
CREATE TABLE IF NOT EXISTS "_convexity_commits" (
    timestamp INTEGER PRIMARY KEY,
    previous INTEGER NOT NULL,
    writes BLOB
);

-- Answers to the mutations of clients that ask again when they lost their connection.
CREATE TABLE IF NOT EXISTS "_convexity_answers" (
    timestamp INTEGER PRIMARY KEY,
    session BLOB NOT NULL,
    number INTEGER NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (session, number)
);

-- Every table there ever was. "validator" is what all its documents are known to match.
CREATE TABLE IF NOT EXISTS "_convexity_tables" (
    name TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    storage TEXT NOT NULL,
    validator TEXT,
    in_schema INTEGER NOT NULL
) WITHOUT ROWID;

-- Indexes that hold an entry for every document of their table.
CREATE TABLE IF NOT EXISTS "_convexity_indexes" (
    table_name TEXT NOT NULL,
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    storage TEXT NOT NULL,
    PRIMARY KEY (table_name, name)
) WITHOUT ROWID;
