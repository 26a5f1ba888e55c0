-- An improvement plan of a supplier for a requirement. The stage is what somebody decided; that both sides
-- have signed follows from the signatures that carry the hash of the content.
CREATE TABLE plans (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    stage TEXT NOT NULL CHECK (stage IN ('draft', 'proposed', 'under_way', 'completed', 'abandoned')),
    content TEXT NOT NULL,
    programme_cost_minor BIGINT NOT NULL CHECK (programme_cost_minor >= 0),
    reason TEXT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ix_plans__programme ON plans (programme_id, id);
CREATE INDEX ix_plans__supplier ON plans (supplier_id, id);
-- One plan at a time; what is over stays as history.
CREATE UNIQUE INDEX uq_plans__requirement_id__supplier_id ON plans (requirement_id, supplier_id)
    WHERE stage NOT IN ('completed', 'abandoned');

CREATE TABLE plan_progress (
    id UUID NOT NULL PRIMARY KEY,
    plan_id UUID NOT NULL REFERENCES plans (id),
    action_id UUID NOT NULL,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    as_of TEXT NOT NULL,
    note TEXT NOT NULL,
    evidence TEXT,
    recorded_by TEXT NOT NULL CHECK (recorded_by IN ('supplier', 'lead_firm', 'institution')),
    recorded_at BIGINT NOT NULL
);
CREATE INDEX ix_plan_progress__plan ON plan_progress (plan_id, id);

CREATE TABLE plan_visits (
    id UUID NOT NULL PRIMARY KEY,
    plan_id UUID NOT NULL REFERENCES plans (id),
    visited_on TEXT NOT NULL,
    findings TEXT NOT NULL,
    next_on TEXT,
    recorded_by TEXT NOT NULL CHECK (recorded_by IN ('supplier', 'lead_firm', 'institution')),
    recorded_at BIGINT NOT NULL
);
CREATE INDEX ix_plan_visits__plan ON plan_visits (plan_id, id);

-- What the solver found that closing a gap is worth, per year: the order in which a plan closes them.
CREATE TABLE gap_worths (
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    question TEXT NOT NULL,
    worth_minor BIGINT NOT NULL,
    stated_at BIGINT NOT NULL,
    PRIMARY KEY (requirement_id, supplier_id, question)
);
