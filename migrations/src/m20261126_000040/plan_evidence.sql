-- Files that show how far the actions of a plan are; an action is known to its plan's content alone.
CREATE TABLE plan_evidence (
    id UUID NOT NULL PRIMARY KEY,
    plan_id UUID NOT NULL REFERENCES plans (id),
    action_id UUID NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 1),
    sha256 TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    CONSTRAINT uq_plan_evidence__plan_id__action_id__sha256 UNIQUE (plan_id, action_id, sha256)
);
