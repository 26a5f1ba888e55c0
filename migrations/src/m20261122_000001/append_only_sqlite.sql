CREATE TRIGGER audit_entries_keep BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
CREATE TRIGGER audit_entries_freeze BEFORE UPDATE ON audit_entries
WHEN NEW.details IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at
    OR NEW.account_id IS NOT OLD.account_id OR NEW.organisation_id IS NOT OLD.organisation_id
    OR NEW.role IS NOT OLD.role OR NEW.operation IS NOT OLD.operation OR NEW.subject IS NOT OLD.subject
    OR NEW.subject_id IS NOT OLD.subject_id OR NEW.leaf_hash IS NOT OLD.leaf_hash
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
