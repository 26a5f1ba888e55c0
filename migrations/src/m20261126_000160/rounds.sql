-- A round in which the indicators of a network are measured, at one moment of the programme.
CREATE TABLE measurement_rounds (
    id UUID NOT NULL PRIMARY KEY,
    network_id UUID NOT NULL REFERENCES networks (id),
    programme_id UUID NOT NULL REFERENCES programmes (id),
    moment TEXT NOT NULL CHECK (moment IN ('baseline', 'month_12', 'month_24')),
    as_of TEXT NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    catalogue INTEGER NOT NULL,
    opened_by UUID NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_measurement_rounds__network_id__moment UNIQUE (network_id, moment)
);
CREATE INDEX ix_measurement_rounds__programme ON measurement_rounds (programme_id, id);

-- An indicator of a firm in a round. Its value is its last answer.
CREATE TABLE measurements (
    id UUID NOT NULL PRIMARY KEY,
    round_id UUID NOT NULL REFERENCES measurement_rounds (id),
    firm_id UUID NOT NULL REFERENCES organisations (id),
    indicator TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('asked', 'answered', 'unknown', 'known', 'not_on_record')),
    reminded_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_measurements__round_id__firm_id__indicator UNIQUE (round_id, firm_id, indicator)
);
CREATE INDEX ix_measurements__firm ON measurements (firm_id, id);

-- Answers, which are added and never changed. value: exact, a fraction; NULL: unknown, and why.
CREATE TABLE measurement_answers (
    measurement_id UUID NOT NULL REFERENCES measurements (id),
    revision BIGINT NOT NULL,
    value TEXT,
    unknown TEXT,
    note TEXT,
    basis TEXT,
    late BOOLEAN NOT NULL,
    answered_by UUID,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (measurement_id, revision),
    CHECK ((value IS NULL) <> (unknown IS NULL))
);
