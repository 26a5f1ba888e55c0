-- A requirement closes by itself at closes_at; awarded_at is set when all that it will get is awarded (its
-- state stays 'closed' in this table); revision counts what was published: 1, and one more an amendment.
ALTER TABLE requirements ADD COLUMN closes_at BIGINT;
ALTER TABLE requirements ADD COLUMN awarded_at BIGINT;
ALTER TABLE requirements ADD COLUMN max_supplier_share_ppm BIGINT NOT NULL DEFAULT 1000000;
ALTER TABLE requirements ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- revision: the revision of the requirement with which the lot last changed. A lot that an amendment took out
-- keeps its row, for the offers that were made for it, at a position below zero.
ALTER TABLE lots ADD COLUMN unit_code TEXT;
ALTER TABLE lots ADD COLUMN min_suppliers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lots ADD COLUMN max_suppliers BIGINT;
ALTER TABLE lots ADD COLUMN min_share_ppm BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lots ADD COLUMN divisible BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE lots ADD COLUMN must_award BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE lots ADD COLUMN delivery_from TEXT;
ALTER TABLE lots ADD COLUMN delivery_to TEXT;
ALTER TABLE lots ADD COLUMN starts_in BIGINT;
ALTER TABLE lots ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

CREATE TABLE requirement_amendments (
    id UUID NOT NULL PRIMARY KEY,
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    revision BIGINT NOT NULL CHECK (revision >= 2),
    reason TEXT NOT NULL,
    changes TEXT NOT NULL,
    before TEXT NOT NULL,
    amended_at BIGINT NOT NULL,
    amended_by UUID NOT NULL,
    CONSTRAINT uq_requirement_amendments__requirement_id__revision UNIQUE (requirement_id, revision)
);

-- Sealed offers, one live one for each lot and bidder: a supplier, or a consortium for which a member speaks.
-- commitment is the SHA-256 of salt and canonical content; older and imported offers have none.
CREATE TABLE sealed_offers (
    lot_id UUID NOT NULL REFERENCES lots (id),
    bidder_id UUID NOT NULL,
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    consortium_id UUID,
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    max_quantity BIGINT CHECK (max_quantity >= 1),
    lead_time_days BIGINT CHECK (lead_time_days >= 0),
    valid_until TEXT,
    lot_revision BIGINT NOT NULL,
    salt TEXT,
    sealed TEXT,
    commitment TEXT,
    offered_at BIGINT NOT NULL,
    offered_by UUID NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (lot_id, bidder_id)
);
CREATE INDEX ix_sealed_offers__supplier ON sealed_offers (supplier_id);
INSERT INTO sealed_offers (
    lot_id, bidder_id, supplier_id, unit_price, max_quantity, lot_revision, offered_at, offered_by, version
)
SELECT lot_id, supplier_id, supplier_id, unit_price, max_quantity, 1, offered_at, offered_by, version FROM offers;
DROP TABLE offers;
