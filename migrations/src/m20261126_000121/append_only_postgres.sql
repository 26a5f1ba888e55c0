-- What is only added to, and never changed.
CREATE TRIGGER evaluations_freeze BEFORE UPDATE OR DELETE ON evaluations
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER evaluations_keep BEFORE TRUNCATE ON evaluations
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
