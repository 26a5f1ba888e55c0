CREATE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER signatures_freeze BEFORE UPDATE OR DELETE ON signatures
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER signatures_keep BEFORE TRUNCATE ON signatures
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER plan_progress_freeze BEFORE UPDATE OR DELETE ON plan_progress
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER plan_progress_keep BEFORE TRUNCATE ON plan_progress
    FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
