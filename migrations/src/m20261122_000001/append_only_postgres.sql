CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.details IS NULL AND NEW.salt IS NULL
        AND ROW(NEW.id, NEW.at, NEW.account_id, NEW.organisation_id, NEW.role, NEW.operation, NEW.subject,
            NEW.subject_id, NEW.leaf_hash)
        IS NOT DISTINCT FROM ROW(OLD.id, OLD.at, OLD.account_id, OLD.organisation_id, OLD.role, OLD.operation,
            OLD.subject, OLD.subject_id, OLD.leaf_hash) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit entries are append-only';
END
$$;
CREATE TRIGGER audit_entries_freeze BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse();
CREATE TRIGGER audit_entries_keep BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse();
