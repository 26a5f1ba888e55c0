-- What is only added to, and never changed.
CREATE TRIGGER fund_entries_freeze BEFORE UPDATE OR DELETE ON fund_entries
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER fund_entries_keep BEFORE TRUNCATE ON fund_entries
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER operating_criteria_freeze BEFORE UPDATE OR DELETE ON operating_criteria
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER operating_criteria_keep BEFORE TRUNCATE ON operating_criteria
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER coordination_reviews_freeze BEFORE UPDATE OR DELETE ON coordination_reviews
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER coordination_reviews_keep BEFORE TRUNCATE ON coordination_reviews
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
