-- The rates with which figures in other currencies went into a run's snapshot, with their days and sources.
ALTER TABLE runs ADD COLUMN exchange_rates TEXT;
