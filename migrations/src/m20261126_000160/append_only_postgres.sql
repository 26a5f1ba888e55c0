CREATE TRIGGER measurement_answers_freeze BEFORE UPDATE OR DELETE ON measurement_answers
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER measurement_answers_keep BEFORE TRUNCATE ON measurement_answers
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER dependency_records_freeze BEFORE UPDATE OR DELETE ON dependency_records
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER dependency_records_keep BEFORE TRUNCATE ON dependency_records
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
