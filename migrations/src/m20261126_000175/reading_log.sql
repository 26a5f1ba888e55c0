-- Readings are looked for by their age.
CREATE INDEX ix_consent_log__at ON consent_log (at) WHERE event = 'read';
