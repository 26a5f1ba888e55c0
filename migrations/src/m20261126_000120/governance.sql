-- Which institution has which function in a programme. What nobody is appointed to is the institution's that opened it.
CREATE TABLE programme_appointments (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    institution_id UUID NOT NULL REFERENCES organisations (id),
    function TEXT NOT NULL CHECK (function IN ('direction', 'coordination', 'execution')),
    state TEXT NOT NULL CHECK (state IN ('offered', 'held', 'declined', 'ended')),
    statement TEXT NOT NULL,
    appointed_by UUID NOT NULL,
    appointed_at BIGINT NOT NULL,
    answered_by UUID,
    answered_at BIGINT,
    ended_at BIGINT,
    reason TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX ix_programme_appointments__programme ON programme_appointments (programme_id, id);
CREATE INDEX ix_programme_appointments__institution ON programme_appointments (institution_id, id);

-- The sums of the ledgers: each is at most the one before, and nobody can write anything else.
CREATE TABLE programme_funds (
    programme_id UUID NOT NULL PRIMARY KEY REFERENCES programmes (id),
    currency TEXT NOT NULL,
    assigned_minor BIGINT NOT NULL,
    -- What running calls have and projects have not.
    reserved_minor BIGINT NOT NULL CHECK (reserved_minor >= 0),
    committed_minor BIGINT NOT NULL CHECK (committed_minor + reserved_minor <= assigned_minor),
    disbursed_minor BIGINT NOT NULL CHECK (disbursed_minor <= committed_minor),
    justified_minor BIGINT NOT NULL CHECK (justified_minor >= 0 AND justified_minor <= disbursed_minor)
);

CREATE TABLE fund_entries (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    change TEXT NOT NULL CHECK (change IN ('assign', 'reduce')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    assigned_after_minor BIGINT NOT NULL CHECK (assigned_after_minor >= 0),
    recorded_by UUID NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX ix_fund_entries__programme ON fund_entries (programme_id, id);

CREATE TABLE operating_criteria (
    programme_id UUID NOT NULL REFERENCES programmes (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    text TEXT NOT NULL,
    data TEXT NOT NULL,
    set_by UUID NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (programme_id, number)
);

-- Who coordinates, and how the weaknesses that are known of that are handled.
CREATE TABLE programme_coordination (
    programme_id UUID NOT NULL PRIMARY KEY REFERENCES programmes (id),
    model TEXT NOT NULL CHECK (model IN ('public', 'private', 'mixed')),
    answers TEXT NOT NULL,
    changed_by UUID NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE coordination_reviews (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    reviewed_id UUID NOT NULL REFERENCES organisations (id),
    reviewer_id UUID NOT NULL REFERENCES organisations (id),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    findings TEXT NOT NULL,
    measures TEXT NOT NULL,
    recorded_by UUID NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX ix_coordination_reviews__programme ON coordination_reviews (programme_id, id);
