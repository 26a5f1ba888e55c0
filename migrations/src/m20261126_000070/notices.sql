-- What has happened and somebody is still to be told of; written with the audit entry, deleted with the telling.
CREATE TABLE told_entries (
    entry_id UUID PRIMARY KEY REFERENCES audit_entries (id)
);

-- What a person is told, for the organisation for which they act.
CREATE TABLE notices (
    id UUID PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    topic TEXT NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id UUID NOT NULL,
    at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX ix_notices__account_id__organisation_id ON notices (account_id, organisation_id, id);

-- What a person does not want to be told.
CREATE TABLE muted_topics (
    account_id UUID NOT NULL REFERENCES accounts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    topic TEXT NOT NULL,
    PRIMARY KEY (account_id, organisation_id, topic)
);
