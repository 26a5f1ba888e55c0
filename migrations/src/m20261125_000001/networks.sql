-- Vertical networks of a programme. A supplier's membership has a version of its own, so that nothing that
-- others do shows in what it reads.
CREATE TABLE networks (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    model TEXT NOT NULL CHECK (model IN ('lead_firm', 'organised_suppliers')),
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    call_open BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT uq_networks__programme_id__name UNIQUE (programme_id, name)
);

CREATE TABLE network_members (
    network_id UUID NOT NULL REFERENCES networks (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL CHECK (kind IN ('supplier', 'lead_firm')),
    state TEXT NOT NULL CHECK (state IN ('invited', 'applied', 'selected', 'refused', 'left')),
    statement TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (network_id, organisation_id)
);
CREATE INDEX ix_network_members__organisation ON network_members (organisation_id, state);

-- What each side says to an application. It becomes a selection when all have said so.
CREATE TABLE network_decisions (
    network_id UUID NOT NULL REFERENCES networks (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    decided_for UUID NOT NULL REFERENCES organisations (id),
    decision TEXT NOT NULL CHECK (decision IN ('select', 'refuse')),
    reason TEXT NOT NULL,
    decided_by UUID NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (network_id, organisation_id, decided_for)
);

CREATE TABLE network_officers (
    network_id UUID NOT NULL REFERENCES networks (id),
    account_id UUID NOT NULL REFERENCES accounts (id),
    assigned_at BIGINT NOT NULL,
    PRIMARY KEY (network_id, account_id)
);
CREATE INDEX ix_network_officers__account ON network_officers (account_id);

-- NULL: the whole programme.
ALTER TABLE requirements ADD COLUMN network_id UUID REFERENCES networks (id);
