-- Evaluations of impact, as the strategic direction has recorded them. figures: JSON, as they could be told then.
CREATE TABLE impact_evaluations (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    moment TEXT NOT NULL,
    findings TEXT NOT NULL,
    attribution TEXT NOT NULL,
    recommendations TEXT,
    figures TEXT NOT NULL,
    recorded_by UUID NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX ix_impact_evaluations__programme_id ON impact_evaluations (programme_id, id);
