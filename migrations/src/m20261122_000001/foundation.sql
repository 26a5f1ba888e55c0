CREATE TABLE audit_entries (
    id UUID NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    role TEXT NOT NULL,
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id UUID NOT NULL,
    details TEXT,
    salt TEXT,
    leaf_hash TEXT NOT NULL
);
CREATE INDEX ix_audit_entries__organisation ON audit_entries (organisation_id, id);
CREATE INDEX ix_audit_entries__subject ON audit_entries (subject_id, id);

CREATE TABLE idempotency_records (
    account_id UUID NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    reply TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, operation, key)
);

CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    organisation_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL CHECK (max_attempts > 0),
    run_at BIGINT NOT NULL,
    lease_until BIGINT,
    lease UUID,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX ix_jobs__due ON jobs (state, run_at);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
