CREATE TABLE buyer_groups (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    institution_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT uq_buyer_groups__institution_id__name UNIQUE (institution_id, name)
);

CREATE TABLE organisations (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('supplier', 'lead_firm', 'institution')),
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    tax_id TEXT NOT NULL,
    buyer_group_id UUID REFERENCES buyer_groups (id),
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT uq_organisations__country__tax_id UNIQUE (country, tax_id)
);

-- Which firms an institution works with: programmes write it down when a firm joins, and it decides what
-- the institution's officers see.
CREATE TABLE institution_firms (
    institution_id UUID NOT NULL REFERENCES organisations (id),
    firm_id UUID NOT NULL REFERENCES organisations (id),
    since BIGINT NOT NULL,
    PRIMARY KEY (institution_id, firm_id)
);
CREATE INDEX ix_institution_firms__firm ON institution_firms (firm_id);

CREATE TABLE accounts (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    locale TEXT NOT NULL CHECK (locale IN ('es', 'en')),
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT uq_accounts__email UNIQUE (email)
);

CREATE TABLE memberships (
    account_id UUID NOT NULL REFERENCES accounts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (account_id, organisation_id)
);
CREATE INDEX ix_memberships__organisation ON memberships (organisation_id);

CREATE TABLE api_tokens (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    CONSTRAINT uq_api_tokens__token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_api_tokens__account ON api_tokens (account_id, organisation_id);

-- A supplier's economic position; annual_sales_minor NULL = undisclosed.
CREATE TABLE supplier_profiles (
    supplier_id UUID NOT NULL PRIMARY KEY REFERENCES organisations (id),
    annual_sales_minor BIGINT CHECK (annual_sales_minor >= 0),
    currency TEXT NOT NULL,
    as_of TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('declared', 'import', 'contract')),
    version BIGINT NOT NULL
);

-- The sales ledger: existing annual sales of a supplier to a buyer.
CREATE TABLE buyer_sales (
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    buyer_id UUID NOT NULL REFERENCES organisations (id),
    source TEXT NOT NULL CHECK (source IN ('declared', 'import', 'contract')),
    reference TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL,
    as_of TEXT NOT NULL,
    PRIMARY KEY (supplier_id, buyer_id, source, reference)
);

CREATE TABLE capacities (
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    process TEXT NOT NULL,
    unit TEXT NOT NULL,
    amount_millionths BIGINT NOT NULL CHECK (amount_millionths >= 0),
    PRIMARY KEY (supplier_id, process)
);

-- A supplier lets a lead firm see its gaps for the lead firm's own requirements.
CREATE TABLE consents (
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    granted_at BIGINT NOT NULL,
    granted_by UUID NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (supplier_id, lead_firm_id)
);
