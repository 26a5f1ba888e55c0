-- Projects: of each, committed is at least disbursed, and that at least justified, like in programme_funds.
CREATE TABLE projects (
    id UUID NOT NULL PRIMARY KEY,
    proposal_id UUID NOT NULL REFERENCES proposals (id),
    call_id UUID NOT NULL REFERENCES calls (id),
    programme_id UUID NOT NULL REFERENCES programmes (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed', 'terminated')),
    currency TEXT NOT NULL,
    committed_minor BIGINT NOT NULL,
    disbursed_minor BIGINT NOT NULL CHECK (disbursed_minor <= committed_minor),
    justified_minor BIGINT NOT NULL CHECK (justified_minor >= 0 AND justified_minor <= disbursed_minor),
    justify_first BOOLEAN NOT NULL,
    goals TEXT NOT NULL,
    results TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_projects__proposal_id UNIQUE (proposal_id)
);
CREATE INDEX ix_projects__programme ON projects (programme_id, id);
CREATE INDEX ix_projects__institution ON projects (institution_id, id);

CREATE TABLE project_milestones (
    project_id UUID NOT NULL REFERENCES projects (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    deliverable TEXT NOT NULL,
    due_on TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    justified_minor BIGINT NOT NULL CHECK (justified_minor >= 0 AND justified_minor <= amount_minor),
    state TEXT NOT NULL CHECK (state IN ('pending', 'reported', 'accepted', 'disbursed')),
    report TEXT,
    evidence_link TEXT,
    reported_by UUID,
    reported_at BIGINT,
    returned_because TEXT,
    accepted_by UUID,
    accepted_at BIGINT,
    disbursed_by UUID,
    disbursed_at BIGINT,
    PRIMARY KEY (project_id, number)
);

CREATE TABLE project_expenses (
    id UUID NOT NULL PRIMARY KEY,
    project_id UUID NOT NULL REFERENCES projects (id),
    milestone INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    spent_on TEXT NOT NULL,
    document TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('stated', 'accepted', 'refused')),
    reason TEXT,
    stated_by UUID NOT NULL,
    stated_at BIGINT NOT NULL,
    decided_by UUID,
    decided_at BIGINT
);
CREATE INDEX ix_project_expenses__project ON project_expenses (project_id, id);

CREATE TABLE project_networks (
    project_id UUID NOT NULL REFERENCES projects (id),
    network_id UUID NOT NULL REFERENCES networks (id),
    PRIMARY KEY (project_id, network_id)
);
