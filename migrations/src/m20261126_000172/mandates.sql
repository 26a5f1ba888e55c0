-- Mandates of suppliers to institutions, and the answers that were entered under them.
CREATE TABLE mandates (
    id UUID NOT NULL PRIMARY KEY,
    firm_id UUID NOT NULL REFERENCES organisations (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    account_id UUID REFERENCES accounts (id),
    scope TEXT NOT NULL,
    purpose TEXT NOT NULL,
    until_on TEXT NOT NULL,
    given_by UUID NOT NULL,
    given_at BIGINT NOT NULL,
    revoked_by UUID,
    revoked_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_mandates__firm_id ON mandates (firm_id);
CREATE TABLE assisted_answers (
    diagnostic_id UUID NOT NULL REFERENCES diagnostics (id),
    question TEXT NOT NULL,
    mandate_id UUID NOT NULL REFERENCES mandates (id),
    entered_by UUID NOT NULL,
    entered_at BIGINT NOT NULL,
    confirmed_by UUID,
    confirmed_at BIGINT,
    PRIMARY KEY (diagnostic_id, question)
);
