-- What stands for an entry's details in its leaf; entries of before have none.
ALTER TABLE audit_entries ADD COLUMN details_hash TEXT;

-- Entries that have no place in the log yet. A trigger fills it, so that what an older version writes beside this one gets
-- its place too.
CREATE TABLE audit_unplaced (
    entry_id UUID NOT NULL PRIMARY KEY
);
INSERT INTO audit_unplaced (entry_id) SELECT id FROM audit_entries;

-- The places, from 0.
CREATE TABLE audit_leaves (
    position BIGINT NOT NULL PRIMARY KEY CHECK (position >= 0),
    entry_id UUID NOT NULL,
    CONSTRAINT uq_audit_leaves__entry_id UNIQUE (entry_id)
);

-- The hashes of perfect subtrees: 2^level leaves, the position-th of its level.
CREATE TABLE audit_nodes (
    level INTEGER NOT NULL,
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (level, position)
);

CREATE TABLE audit_checkpoints (
    id UUID NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT uq_audit_checkpoints__size UNIQUE (size)
);
