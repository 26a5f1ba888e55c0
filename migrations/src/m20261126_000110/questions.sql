-- Questions about a published requirement, and the lead firm's answers. Ids are random and tell no time; answered ones
-- stand in the order of their answers.
ALTER TABLE requirements ADD COLUMN questions_until BIGINT;
CREATE TABLE requirement_questions (
    id UUID NOT NULL PRIMARY KEY,
    requirement_id UUID NOT NULL REFERENCES requirements (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    asked_by UUID NOT NULL,
    asked_at BIGINT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT,
    turn BIGINT,
    answered_by UUID,
    answered_at BIGINT,
    hidden_because TEXT,
    hidden_by UUID,
    version BIGINT NOT NULL,
    CONSTRAINT uq_requirement_questions__requirement_id__turn UNIQUE (requirement_id, turn)
);
