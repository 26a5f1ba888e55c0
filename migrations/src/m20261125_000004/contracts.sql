-- Who has approved a match, and on what figures: written with the approval, never changed afterwards.
-- verdict: every rule that was tested, both sides as exact fractions.
CREATE TABLE match_approvals (
    id UUID NOT NULL PRIMARY KEY,
    match_id UUID NOT NULL REFERENCES matches (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    approved_by UUID NOT NULL,
    approved_at BIGINT NOT NULL,
    -- false: another approver must follow
    is_final BOOLEAN NOT NULL,
    rules_version BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    CONSTRAINT uq_match_approvals__match_id__approved_by__is_final UNIQUE (match_id, approved_by, is_final)
);
CREATE INDEX ix_match_approvals__supplier ON match_approvals (supplier_id, id);

-- The consortium through which an award was won; each member has a match of its own.
ALTER TABLE matches ADD COLUMN consortium_id UUID;
-- Since when an active contract has the match in the sales ledger, so that it counts there.
ALTER TABLE matches ADD COLUMN contracted_at BIGINT;
-- Since when that contract is over, so that its capacity is free.
ALTER TABLE matches ADD COLUMN fulfilled_at BIGINT;
-- What the run was asked for beside the snapshot: NULL for runs from before.
ALTER TABLE runs ADD COLUMN scenario TEXT;

CREATE TABLE contracts (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'signed_by_supplier', 'signed_by_lead_firm', 'active', 'ended',
        'terminated', 'withdrawn')),
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    -- From the invoice to the payment, as agreed.
    payment_days INTEGER NOT NULL CHECK (payment_days BETWEEN 0 AND 365),
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    annual_minor BIGINT NOT NULL CHECK (annual_minor >= 0),
    currency TEXT NOT NULL,
    renews_id UUID REFERENCES contracts (id),
    content_hash TEXT NOT NULL,
    drawn_up_by UUID NOT NULL,
    supplier_signed_by UUID,
    supplier_signed_at BIGINT,
    lead_firm_signed_by UUID,
    lead_firm_signed_at BIGINT,
    ended_on TEXT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ix_contracts__supplier ON contracts (supplier_id, id);
CREATE INDEX ix_contracts__lead_firm ON contracts (lead_firm_id, id);
CREATE INDEX ix_contracts__programme ON contracts (programme_id, id);

CREATE TABLE contract_lines (
    contract_id UUID NOT NULL REFERENCES contracts (id),
    match_id UUID NOT NULL REFERENCES matches (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    quantity BIGINT NOT NULL CHECK (quantity >= 1),
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    years INTEGER NOT NULL CHECK (years >= 1),
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (contract_id, match_id)
);
CREATE INDEX ix_contract_lines__match ON contract_lines (match_id);

-- What was due, what came, what was accepted; NULL: not known. Entries are never changed: a correction is an
-- entry of its own that takes another one's place.
CREATE TABLE deliveries (
    id UUID NOT NULL PRIMARY KEY,
    contract_id UUID NOT NULL REFERENCES contracts (id),
    lot_id UUID NOT NULL REFERENCES lots (id),
    due_on TEXT NOT NULL,
    made_on TEXT,
    units BIGINT NOT NULL CHECK (units >= 1),
    accepted BIGINT CHECK (accepted >= 0),
    rejected BIGINT CHECK (rejected >= 0),
    note TEXT,
    corrects_id UUID REFERENCES deliveries (id),
    recorded_by UUID NOT NULL,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT uq_deliveries__corrects_id UNIQUE (corrects_id)
);
CREATE INDEX ix_deliveries__contract ON deliveries (contract_id, id);

CREATE TABLE payments (
    id UUID NOT NULL PRIMARY KEY,
    contract_id UUID NOT NULL REFERENCES contracts (id),
    invoice TEXT NOT NULL,
    invoiced_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    paid_on TEXT,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL,
    note TEXT,
    corrects_id UUID REFERENCES payments (id),
    recorded_by UUID NOT NULL,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT uq_payments__corrects_id UNIQUE (corrects_id)
);
CREATE INDEX ix_payments__contract ON payments (contract_id, id);
