-- Calls for projects. What is open closes by itself at closes_at: 'closed' is never written for that.
CREATE TABLE calls (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'evaluated', 'decided', 'cancelled')),
    terms TEXT NOT NULL,
    currency TEXT NOT NULL,
    funds_minor BIGINT NOT NULL CHECK (funds_minor > 0),
    committed_minor BIGINT NOT NULL CHECK (committed_minor >= 0 AND committed_minor <= funds_minor),
    opens_at BIGINT,
    closes_at BIGINT NOT NULL,
    opened_at BIGINT,
    reason TEXT,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ix_calls__programme ON calls (programme_id, id);

CREATE TABLE call_evaluators (
    call_id UUID NOT NULL REFERENCES calls (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    appointed_by UUID NOT NULL,
    appointed_at BIGINT NOT NULL,
    PRIMARY KEY (call_id, account_id)
);
CREATE INDEX ix_call_evaluators__account ON call_evaluators (account_id, call_id);

CREATE TABLE proposals (
    id UUID NOT NULL PRIMARY KEY,
    call_id UUID NOT NULL REFERENCES calls (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'withdrawn', 'awarded', 'rejected')),
    content TEXT NOT NULL,
    created_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    submitted_by UUID,
    submitted_at BIGINT,
    awarded_minor BIGINT CHECK (awarded_minor > 0),
    reason TEXT,
    decided_by UUID,
    decided_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_proposals__call ON proposals (call_id, id);
CREATE INDEX ix_proposals__institution ON proposals (institution_id, id);

CREATE TABLE commitments (
    id UUID NOT NULL PRIMARY KEY,
    proposal_id UUID NOT NULL REFERENCES proposals (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'confirmed', 'withdrawn')),
    cofinancing_minor BIGINT CHECK (cofinancing_minor >= 0),
    purchase_intention TEXT,
    answered_by UUID,
    answered_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_commitments__proposal_id__lead_firm_id UNIQUE (proposal_id, lead_firm_id)
);
CREATE INDEX ix_commitments__lead_firm ON commitments (lead_firm_id, id);

CREATE TABLE evaluations (
    id UUID NOT NULL PRIMARY KEY,
    proposal_id UUID NOT NULL REFERENCES proposals (id),
    evaluator_id UUID NOT NULL REFERENCES accounts (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    scores TEXT NOT NULL,
    comment TEXT,
    handed_in_at BIGINT NOT NULL,
    CONSTRAINT uq_evaluations__proposal_id__evaluator_id UNIQUE (proposal_id, evaluator_id)
);
