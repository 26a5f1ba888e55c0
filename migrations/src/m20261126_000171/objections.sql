-- Objections of firms to decisions that concern them.
CREATE TABLE objections (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    network_id UUID REFERENCES networks (id),
    firm_id UUID NOT NULL REFERENCES organisations (id),
    other_id UUID REFERENCES organisations (id),
    about TEXT NOT NULL,
    about_id UUID NOT NULL,
    decided_at BIGINT NOT NULL,
    deciders TEXT NOT NULL,
    reasons TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_by UUID NOT NULL,
    filed_at BIGINT NOT NULL,
    handled_by UUID,
    review_began_at BIGINT,
    outcome_reason TEXT,
    effect TEXT,
    remedy TEXT,
    closed_by UUID,
    closed_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_objections__firm_id__about__about_id__decided_at UNIQUE (firm_id, about, about_id, decided_at)
);
CREATE INDEX ix_objections__programme_id ON objections (programme_id);
-- When a supplier applied in its present round; an invitation that was taken back is no refused application.
ALTER TABLE network_members ADD COLUMN applied_at BIGINT;
