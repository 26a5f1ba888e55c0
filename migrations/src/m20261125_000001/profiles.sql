-- Common control is declared by the firm and confirmed by an institution; so is its end.
CREATE TABLE control_declarations (
    id UUID NOT NULL PRIMARY KEY,
    firm_id UUID NOT NULL REFERENCES organisations (id),
    -- With whom; NULL: the firm is no longer under common control with anybody.
    with_firm_id UUID REFERENCES organisations (id),
    ground TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('declared', 'confirmed', 'rejected', 'withdrawn')),
    declared_by UUID NOT NULL,
    declared_at BIGINT NOT NULL,
    decided_by UUID,
    decided_at BIGINT,
    reason TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_control_declarations__firm ON control_declarations (firm_id, id);

CREATE TABLE supplier_processes (
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    process TEXT NOT NULL,
    code TEXT,
    description TEXT NOT NULL,
    since_year INTEGER,
    PRIMARY KEY (supplier_id, process)
);

CREATE TABLE supplier_certificates (
    id UUID NOT NULL PRIMARY KEY,
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    scheme TEXT NOT NULL,
    number TEXT NOT NULL,
    issuer TEXT NOT NULL,
    scope TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    expires_on TEXT,
    CONSTRAINT uq_supplier_certificates__supplier_id__scheme__number UNIQUE (supplier_id, scheme, number)
);

-- A consent is for one lead firm and one purpose. Those of before were for seeing gaps.
CREATE TABLE consents_by_purpose (
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('gaps', 'profile', 'diagnostic')),
    granted_at BIGINT NOT NULL,
    granted_by UUID NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (supplier_id, lead_firm_id, purpose)
);
INSERT INTO consents_by_purpose (supplier_id, lead_firm_id, purpose, granted_at, granted_by, revoked_at)
    SELECT supplier_id, lead_firm_id, 'gaps', granted_at, granted_by, revoked_at FROM consents;
DROP TABLE consents;
ALTER TABLE consents_by_purpose RENAME TO consents;
CREATE INDEX ix_consents__lead_firm ON consents (lead_firm_id, purpose);

-- What became of a supplier's consents, and what was read under them.
CREATE TABLE consent_log (
    id UUID NOT NULL PRIMARY KEY,
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    purpose TEXT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('given', 'revoked', 'read')),
    account_id UUID NOT NULL,
    subject TEXT,
    subject_id UUID,
    at BIGINT NOT NULL
);
CREATE INDEX ix_consent_log__supplier ON consent_log (supplier_id, id);
