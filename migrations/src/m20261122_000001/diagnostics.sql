CREATE TABLE diagnostics (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    instrument TEXT NOT NULL,
    instrument_version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted')),
    created_at BIGINT NOT NULL,
    submitted_at BIGINT,
    valid_until TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_diagnostics__organisation ON diagnostics (organisation_id, id);

-- One answer per question and provenance: a verifier's answer stands beside the supplier's.
CREATE TABLE answers (
    diagnostic_id UUID NOT NULL REFERENCES diagnostics (id),
    question TEXT NOT NULL,
    provenance TEXT NOT NULL CHECK (provenance IN ('self_declared', 'document', 'visit', 'performance')),
    content TEXT NOT NULL,
    revision BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    answered_by UUID NOT NULL,
    PRIMARY KEY (diagnostic_id, question, provenance)
);

-- The latest computed analysis of a supplier against a requirement.
CREATE TABLE gap_analyses (
    id UUID NOT NULL PRIMARY KEY,
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    diagnostic_id UUID REFERENCES diagnostics (id),
    light TEXT NOT NULL CHECK (light IN ('green', 'yellow', 'red')),
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    computed_at BIGINT NOT NULL,
    CONSTRAINT uq_gap_analyses__requirement_id__supplier_id UNIQUE (requirement_id, supplier_id)
);
CREATE INDEX ix_gap_analyses__supplier ON gap_analyses (supplier_id);
