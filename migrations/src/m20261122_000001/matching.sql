CREATE TABLE runs (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'failed', 'cancelled')),
    requested_by UUID NOT NULL,
    rules_version BIGINT NOT NULL,
    instance TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    progress TEXT,
    result TEXT,
    failure TEXT,
    cancel_requested BOOLEAN NOT NULL,
    adopted_at BIGINT,
    adopted_by UUID,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_runs__programme ON runs (programme_id, id);

CREATE TABLE matches (
    id UUID NOT NULL PRIMARY KEY,
    run_id UUID NOT NULL REFERENCES runs (id),
    programme_id UUID NOT NULL REFERENCES programmes (id),
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    quantity BIGINT NOT NULL CHECK (quantity >= 1),
    -- With these two the annual amount is exact, as the rules need it; the amounts below are rounded.
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    years INTEGER NOT NULL CHECK (years >= 1),
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    annual_minor BIGINT NOT NULL CHECK (annual_minor >= 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted_by_supplier', 'accepted_by_lead_firm', 'accepted',
        'declined', 'approved', 'rejected')),
    proposed_by UUID NOT NULL,
    decided_by UUID,
    decided_at BIGINT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT uq_matches__run_id__lot_id__supplier_id UNIQUE (run_id, lot_id, supplier_id)
);
CREATE INDEX ix_matches__supplier ON matches (supplier_id, state);
CREATE INDEX ix_matches__lead_firm ON matches (lead_firm_id, id);
CREATE INDEX ix_matches__programme ON matches (programme_id, state, id);
CREATE INDEX ix_matches__lot ON matches (lot_id, state);
