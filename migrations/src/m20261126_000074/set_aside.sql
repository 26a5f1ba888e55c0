-- What could not be told is set aside and tried again; `last_error` says why.
ALTER TABLE told_entries ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE told_entries ADD COLUMN retry_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE told_entries ADD COLUMN last_error TEXT;
