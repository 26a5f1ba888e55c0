ALTER TABLE requirements ADD COLUMN announced_at BIGINT;
ALTER TABLE requirements ADD COLUMN announced_by UUID;
