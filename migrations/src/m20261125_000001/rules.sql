-- Every version of a programme's rules. Of those before this table only the present one is known.
CREATE TABLE programme_rules (
    programme_id UUID NOT NULL REFERENCES programmes (id),
    rules_version BIGINT NOT NULL,
    rules TEXT NOT NULL,
    changed_by UUID,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (programme_id, rules_version)
);
INSERT INTO programme_rules (programme_id, rules_version, rules, changed_by, changed_at)
    SELECT id, rules_version, rules, NULL, created_at FROM programmes;

-- NULL: UTC.
ALTER TABLE programmes ADD COLUMN time_zone TEXT;
ALTER TABLE programmes ADD COLUMN locality TEXT;

ALTER TABLE waivers ADD COLUMN revoked_at BIGINT;
ALTER TABLE waivers ADD COLUMN revoked_by UUID;
ALTER TABLE waivers ADD COLUMN revoked_because TEXT;
