CREATE TRIGGER signatures_keep BEFORE DELETE ON signatures
BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;
CREATE TRIGGER signatures_freeze BEFORE UPDATE ON signatures
BEGIN SELECT RAISE(ABORT, 'signatures are append-only'); END;
CREATE TRIGGER plan_progress_keep BEFORE DELETE ON plan_progress
BEGIN SELECT RAISE(ABORT, 'progress is append-only'); END;
CREATE TRIGGER plan_progress_freeze BEFORE UPDATE ON plan_progress
BEGIN SELECT RAISE(ABORT, 'progress is append-only'); END;
