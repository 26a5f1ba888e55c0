CREATE TABLE programmes (
    id UUID NOT NULL PRIMARY KEY,
    institution_id UUID NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closed')),
    rules TEXT NOT NULL,
    rules_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ix_programmes__institution ON programmes (institution_id, id);

CREATE TABLE programme_members (
    programme_id UUID NOT NULL REFERENCES programmes (id),
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL CHECK (kind IN ('supplier', 'lead_firm')),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (programme_id, organisation_id)
);
CREATE INDEX ix_programme_members__organisation ON programme_members (organisation_id);

-- A cap of its own for one supplier and one buyer group, signed by the institution.
CREATE TABLE waivers (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    supplier_id UUID NOT NULL REFERENCES organisations (id),
    buyer_group_key UUID NOT NULL,
    dependency_cap_ppm BIGINT NOT NULL CHECK (dependency_cap_ppm BETWEEN 0 AND 1000000),
    reason TEXT NOT NULL,
    signed_by UUID NOT NULL,
    signed_at BIGINT NOT NULL,
    expires_on TEXT NOT NULL
);
CREATE INDEX ix_waivers__supplier ON waivers (supplier_id);
