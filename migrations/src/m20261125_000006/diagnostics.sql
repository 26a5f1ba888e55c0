-- Instruments that an institution has made; the shipped ones are in the program. A published one never changes.
CREATE TABLE instruments (
    id UUID NOT NULL PRIMARY KEY,
    institution_id UUID NOT NULL REFERENCES organisations (id),
    code TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('supplier', 'lead_firm')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'published')),
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_instruments__institution_id__code__number UNIQUE (institution_id, code, number)
);

-- NULL: a shipped instrument.
ALTER TABLE diagnostics ADD COLUMN instrument_id UUID REFERENCES instruments (id);

-- Files that show an answer. The content is in the evidence store, under the id.
CREATE TABLE evidence (
    id UUID NOT NULL PRIMARY KEY,
    diagnostic_id UUID NOT NULL REFERENCES diagnostics (id),
    question TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 1),
    sha256 TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by UUID NOT NULL,
    added_for UUID NOT NULL REFERENCES organisations (id),
    CONSTRAINT uq_evidence__diagnostic_id__question__sha256 UNIQUE (diagnostic_id, question, sha256)
);
