-- What is only added to, and never changed: the database keeps it so whoever asks.
CREATE TRIGGER plan_visits_freeze BEFORE UPDATE OR DELETE ON plan_visits
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER plan_visits_keep BEFORE TRUNCATE ON plan_visits
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER match_approvals_freeze BEFORE UPDATE OR DELETE ON match_approvals
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER match_approvals_keep BEFORE TRUNCATE ON match_approvals
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER consent_log_freeze BEFORE UPDATE OR DELETE ON consent_log
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER consent_log_keep BEFORE TRUNCATE ON consent_log
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER requirement_amendments_freeze BEFORE UPDATE OR DELETE ON requirement_amendments
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER requirement_amendments_keep BEFORE TRUNCATE ON requirement_amendments
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER programme_rules_freeze BEFORE UPDATE OR DELETE ON programme_rules
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER programme_rules_keep BEFORE TRUNCATE ON programme_rules
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER deliveries_freeze BEFORE UPDATE OR DELETE ON deliveries
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER deliveries_keep BEFORE TRUNCATE ON deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER payments_freeze BEFORE UPDATE OR DELETE ON payments
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER payments_keep BEFORE TRUNCATE ON payments
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
