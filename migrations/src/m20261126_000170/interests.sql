-- What people declare that could bias them: an interest in an organisation, or that they step aside from what concerns it.
CREATE TABLE interests (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    party_id UUID NOT NULL REFERENCES organisations (id),
    nature TEXT NOT NULL,
    text TEXT NOT NULL,
    from_on TEXT NOT NULL,
    until_on TEXT,
    recorded_by UUID NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by UUID,
    ended_at BIGINT,
    ended_because TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_interests__account_id ON interests (account_id);
