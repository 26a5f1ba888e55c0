-- Who was asked is named by tax id: whether anybody stands behind it shows only when they accept.
CREATE TABLE consortia (
    id UUID NOT NULL PRIMARY KEY,
    programme_id UUID NOT NULL REFERENCES programmes (id),
    name TEXT NOT NULL,
    speaker_id UUID NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('forming', 'ready', 'dissolved')),
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ix_consortia__programme ON consortia (programme_id, state, id);

CREATE TABLE consortium_members (
    consortium_id UUID NOT NULL REFERENCES consortia (id),
    country TEXT NOT NULL,
    tax_id TEXT NOT NULL,
    supplier_id UUID REFERENCES organisations (id),
    answer TEXT NOT NULL CHECK (answer IN ('invited', 'accepted', 'declined')),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (consortium_id, country, tax_id)
);
CREATE INDEX ix_consortium_members__tax_id ON consortium_members (country, tax_id);
