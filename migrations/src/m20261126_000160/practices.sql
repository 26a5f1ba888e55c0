-- Good practices. content, figures: JSON; searched: the folded words of the content, searched_tags: |tag|tag|.
CREATE TABLE practices (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    author_id UUID NOT NULL REFERENCES organisations (id),
    written_by UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'published', 'retired')),
    dimension TEXT NOT NULL,
    content TEXT NOT NULL,
    searched TEXT NOT NULL,
    searched_tags TEXT NOT NULL,
    figures TEXT NOT NULL,
    reason TEXT,
    reviewed_by UUID,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_practices__programme ON practices (programme_id, id);

-- Who has adopted a practice; withdrawn_at: and has taken that back.
CREATE TABLE practice_adoptions (
    practice_id UUID NOT NULL REFERENCES practices (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    note TEXT,
    adopted_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (practice_id, organisation_id)
);
