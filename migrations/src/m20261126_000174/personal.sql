-- What a person has been told of their data, and whether it has been erased.
ALTER TABLE accounts ADD COLUMN privacy_notice BIGINT;
ALTER TABLE accounts ADD COLUMN privacy_accepted_at BIGINT;
ALTER TABLE accounts ADD COLUMN erased_at BIGINT;
