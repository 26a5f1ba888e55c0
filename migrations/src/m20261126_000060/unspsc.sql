-- Names of UNSPSC codes, as the operator has loaded them. The id is the code as a number, so that ids and codes have the
-- same order; `folded` is what a search looks in: both names in small letters without accents.
CREATE TABLE unspsc_codes (
    id UUID PRIMARY KEY,
    code TEXT NOT NULL,
    name_es TEXT,
    name_en TEXT,
    folded TEXT NOT NULL,
    CONSTRAINT uq_unspsc_codes__code UNIQUE (code)
);
