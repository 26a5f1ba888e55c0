CREATE TRIGGER milestone_evidence_freeze BEFORE UPDATE OR DELETE ON milestone_evidence
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER milestone_evidence_keep BEFORE TRUNCATE ON milestone_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
