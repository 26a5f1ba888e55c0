CREATE TABLE requirements (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    lead_firm_id UUID NOT NULL REFERENCES organisations (id),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'closed')),
    external_reference TEXT,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    closed_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_requirements__programme_id__external_reference UNIQUE (programme_id, external_reference)
);
CREATE INDEX ix_requirements__programme ON requirements (programme_id, id);
CREATE INDEX ix_requirements__lead_firm ON requirements (lead_firm_id, id);

-- reference_price NULL only while the requirement is a draft, or for an imported lot without a price.
CREATE TABLE lots (
    id UUID NOT NULL PRIMARY KEY,
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    process TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 1),
    reference_price BIGINT CHECK (reference_price >= 0),
    weight_ppm BIGINT NOT NULL CHECK (weight_ppm >= 0),
    max_share_ppm BIGINT NOT NULL CHECK (max_share_ppm BETWEEN 0 AND 1000000),
    min_coverage_ppm BIGINT NOT NULL CHECK (min_coverage_ppm BETWEEN 0 AND 1000000),
    years INTEGER NOT NULL CHECK (years >= 1),
    external_reference TEXT,
    CONSTRAINT uq_lots__requirement_id__position UNIQUE (requirement_id, position)
);

CREATE TABLE criteria (
    id UUID NOT NULL PRIMARY KEY,
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    content TEXT NOT NULL,
    CONSTRAINT uq_criteria__requirement_id__position UNIQUE (requirement_id, position)
);

-- A supplier's sealed price for a lot: shown to nobody else before the requirement closes.
CREATE TABLE offers (
    lot_id UUID NOT NULL REFERENCES lots (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    max_quantity BIGINT CHECK (max_quantity >= 1),
    offered_at BIGINT NOT NULL,
    offered_by UUID NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (lot_id, supplier_id)
);
CREATE INDEX ix_offers__supplier ON offers (supplier_id);
