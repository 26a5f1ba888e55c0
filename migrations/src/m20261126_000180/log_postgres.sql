CREATE FUNCTION audit_entries_to_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unplaced (entry_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_entries_to_place AFTER INSERT ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_to_place();
-- The commitment to the details stays when they are erased.
CREATE OR REPLACE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.details IS NULL AND NEW.salt IS NULL
        AND ROW(NEW.id, NEW.at, NEW.account_id, NEW.organisation_id, NEW.role, NEW.operation, NEW.subject,
            NEW.subject_id, NEW.leaf_hash, NEW.details_hash)
        IS NOT DISTINCT FROM ROW(OLD.id, OLD.at, OLD.account_id, OLD.organisation_id, OLD.role, OLD.operation,
            OLD.subject, OLD.subject_id, OLD.leaf_hash, OLD.details_hash) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit entries are append-only';
END
$$;
CREATE TRIGGER audit_leaves_freeze BEFORE UPDATE OR DELETE ON audit_leaves
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER audit_leaves_keep BEFORE TRUNCATE ON audit_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER audit_nodes_freeze BEFORE UPDATE OR DELETE ON audit_nodes
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER audit_nodes_keep BEFORE TRUNCATE ON audit_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER audit_checkpoints_freeze BEFORE UPDATE OR DELETE ON audit_checkpoints
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER audit_checkpoints_keep BEFORE TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
