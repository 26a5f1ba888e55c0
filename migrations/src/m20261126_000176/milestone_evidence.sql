-- Files that show how far the milestones of projects are.
CREATE TABLE milestone_evidence (
    id UUID NOT NULL PRIMARY KEY,
    project_id UUID NOT NULL,
    milestone INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 1),
    sha256 TEXT NOT NULL,
    added_by UUID NOT NULL,
    added_at BIGINT NOT NULL,
    CONSTRAINT uq_milestone_evidence__project_id__milestone__sha256 UNIQUE (project_id, milestone, sha256),
    FOREIGN KEY (project_id, milestone) REFERENCES project_milestones (project_id, number)
);
