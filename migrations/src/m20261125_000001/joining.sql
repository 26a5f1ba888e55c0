-- An invitation's secret is kept hashed; it works once, until it expires.
CREATE TABLE invitations (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    invited_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT uq_invitations__token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_invitations__organisation ON invitations (organisation_id, email);

CREATE TABLE membership_requests (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'granted', 'dismissed')),
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_membership_requests__organisation_id__email UNIQUE (organisation_id, email)
);

ALTER TABLE organisations ADD COLUMN lei TEXT;
CREATE UNIQUE INDEX uq_organisations__lei ON organisations (lei);
