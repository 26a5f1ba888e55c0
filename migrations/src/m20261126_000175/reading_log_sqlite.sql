-- What was read under a consent goes after three years (94,608,000 seconds), and nothing else ever: by the moment of the
-- newest entry of the trail, which nobody changes either.
DROP TRIGGER consent_log_keep;
CREATE TRIGGER consent_log_keep BEFORE DELETE ON consent_log
WHEN OLD.event <> 'read'
    OR OLD.at > (SELECT at FROM audit_entries ORDER BY id DESC LIMIT 1) - 94608000000000
BEGIN SELECT RAISE(ABORT, 'consent_log is append-only'); END;
