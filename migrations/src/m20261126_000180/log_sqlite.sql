CREATE TRIGGER audit_entries_to_place AFTER INSERT ON audit_entries
BEGIN INSERT INTO audit_unplaced (entry_id) VALUES (NEW.id); END;
-- The commitment to the details stays when they are erased.
DROP TRIGGER audit_entries_freeze;
CREATE TRIGGER audit_entries_freeze BEFORE UPDATE ON audit_entries
WHEN NEW.details IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at
    OR NEW.account_id IS NOT OLD.account_id OR NEW.organisation_id IS NOT OLD.organisation_id
    OR NEW.role IS NOT OLD.role OR NEW.operation IS NOT OLD.operation OR NEW.subject IS NOT OLD.subject
    OR NEW.subject_id IS NOT OLD.subject_id OR NEW.leaf_hash IS NOT OLD.leaf_hash
    OR NEW.details_hash IS NOT OLD.details_hash
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
CREATE TRIGGER audit_leaves_freeze BEFORE UPDATE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END;
CREATE TRIGGER audit_leaves_keep BEFORE DELETE ON audit_leaves
BEGIN SELECT RAISE(ABORT, 'audit_leaves is append-only'); END;
CREATE TRIGGER audit_nodes_freeze BEFORE UPDATE ON audit_nodes
BEGIN SELECT RAISE(ABORT, 'audit_nodes is append-only'); END;
CREATE TRIGGER audit_nodes_keep BEFORE DELETE ON audit_nodes
BEGIN SELECT RAISE(ABORT, 'audit_nodes is append-only'); END;
CREATE TRIGGER audit_checkpoints_freeze BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'audit_checkpoints is append-only'); END;
CREATE TRIGGER audit_checkpoints_keep BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'audit_checkpoints is append-only'); END;
