-- Tables of the runtime itself. Every statement is idempotent.

CREATE TABLE IF NOT EXISTS "_convexity_meta" (
    key TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);

-- The newest commits: a chain, in which "previous" is the time of the commit before. The newest row
-- is always there: its timestamp is the time of the database, in nanoseconds since the epoch.
-- "position" is the largest position of a document so far, "writes" holds the index keys that were
-- written, and is NULL where they would be too many. "origin" tells commits of one time apart, of
-- which one did not happen.
CREATE TABLE IF NOT EXISTS "_convexity_commits" (
    "timestamp" BIGINT PRIMARY KEY,
    previous BIGINT NOT NULL,
    position BIGINT NOT NULL,
    origin BYTEA NOT NULL,
    writes BYTEA
);

-- Answers to the mutations of clients that ask again when they lost their connection.
CREATE TABLE IF NOT EXISTS "_convexity_answers" (
    session BYTEA NOT NULL,
    number BIGINT NOT NULL,
    "timestamp" BIGINT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (session, number)
);
CREATE INDEX IF NOT EXISTS "_convexity_answers_timestamp" ON "_convexity_answers" ("timestamp");

-- Every table there ever was. "validator" is what all its documents are known to match.
CREATE TABLE IF NOT EXISTS "_convexity_tables" (
    name TEXT COLLATE "C" PRIMARY KEY,
    number INTEGER NOT NULL,
    storage TEXT NOT NULL,
    validator TEXT,
    in_schema INTEGER NOT NULL,
    UNIQUE (number) DEFERRABLE
);

-- Indexes that hold an entry for every document of their table.
CREATE TABLE IF NOT EXISTS "_convexity_indexes" (
    table_name TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    fields TEXT NOT NULL,
    storage TEXT NOT NULL,
    PRIMARY KEY (table_name, name)
);
