-- A gap act of a requirement and a supplier. Its state is not stored: it follows from the disputes, and from
-- the signatures that carry the hash of what the act says now.
CREATE TABLE gap_acts (
    id UUID NOT NULL PRIMARY KEY,
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    round INTEGER NOT NULL CHECK (round >= 1),
    edition INTEGER NOT NULL CHECK (edition >= 1),
    basis TEXT NOT NULL,
    actions TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    renewed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT uq_gap_acts__requirement_id__supplier_id UNIQUE (requirement_id, supplier_id)
);
CREATE INDEX ix_gap_acts__supplier ON gap_acts (supplier_id);

CREATE TABLE gap_disputes (
    id UUID NOT NULL PRIMARY KEY,
    act_id UUID NOT NULL REFERENCES gap_acts (id),
    round INTEGER NOT NULL,
    line INTEGER NOT NULL CHECK (line >= 0),
    question TEXT NOT NULL,
    raised_by TEXT NOT NULL CHECK (raised_by IN ('supplier', 'lead_firm')),
    reason TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    answer TEXT,
    answered_by TEXT CHECK (answered_by IN ('supplier', 'lead_firm', 'institution')),
    answered_at BIGINT,
    outcome TEXT CHECK (outcome IN ('upheld', 'dismissed')),
    note TEXT,
    settled_by TEXT CHECK (settled_by IN ('supplier', 'lead_firm', 'institution')),
    settled_at BIGINT
);
CREATE INDEX ix_gap_disputes__act ON gap_disputes (act_id, id);

-- Signatures of what both sides agree on. They are never changed: what they were put under may change, and
-- then they no longer hold. Nobody signs the same content twice.
CREATE TABLE signatures (
    id UUID NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL CHECK (subject IN ('gap_act', 'plan', 'contract')),
    subject_id UUID NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('supplier', 'lead_firm')),
    content_hash TEXT NOT NULL,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    account_id UUID NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    CONSTRAINT uq_signatures__subject_id__side__content_hash UNIQUE (subject_id, side, content_hash)
);
