-- Requirements that their lead firm has opened: they may leave the service as open data (OCDS).
CREATE TABLE open_requirements (
    requirement_id UUID PRIMARY KEY REFERENCES requirements (id),
    opened_at BIGINT NOT NULL,
    opened_by UUID NOT NULL
);
