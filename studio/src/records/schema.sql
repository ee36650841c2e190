-- The order of films is the order of their turns.
CREATE TABLE films (
    turn INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT,
    analysis TEXT NOT NULL,
    title TEXT NOT NULL,
    options TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'rendering', 'done', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL,
    created_s INTEGER NOT NULL,
    finished_s INTEGER,
    length_s REAL,
    size_bytes INTEGER,
    gpu TEXT,
    encoder TEXT,
    error TEXT
) STRICT;

-- Beside the films, since a row is written anew as a whole whenever a film comes a step further.
CREATE TABLE boards (
    film TEXT PRIMARY KEY REFERENCES films (id) ON DELETE CASCADE,
    board TEXT NOT NULL
) STRICT;

CREATE TABLE analyses (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    created_s INTEGER NOT NULL,
    story TEXT NOT NULL,
    edited TEXT
) STRICT;

PRAGMA user_version = 1;
