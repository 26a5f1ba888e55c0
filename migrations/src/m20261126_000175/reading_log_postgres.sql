-- What was read under a consent goes after three years (94,608,000 seconds), and nothing else ever: by the moment of the
-- newest entry of the trail, which nobody changes either.
CREATE FUNCTION consent_log_outlived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.event <> 'read'
        OR OLD.at > (SELECT at FROM audit_entries ORDER BY id DESC LIMIT 1) - 94608000000000
    THEN
        RAISE EXCEPTION 'consent_log is append-only';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER consent_log_freeze ON consent_log;
CREATE TRIGGER consent_log_freeze BEFORE UPDATE ON consent_log
    FOR EACH ROW EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER consent_log_outlived BEFORE DELETE ON consent_log
    FOR EACH ROW EXECUTE FUNCTION consent_log_outlived();
