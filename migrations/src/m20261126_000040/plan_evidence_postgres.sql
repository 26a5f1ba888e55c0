CREATE TRIGGER plan_evidence_freeze BEFORE UPDATE OR DELETE ON plan_evidence
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER plan_evidence_keep BEFORE TRUNCATE ON plan_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
