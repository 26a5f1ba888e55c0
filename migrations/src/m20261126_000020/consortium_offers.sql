-- The version of the consortium with which its offer was made or last confirmed: another one, other members.
ALTER TABLE sealed_offers ADD COLUMN consortium_version BIGINT;
CREATE INDEX ix_sealed_offers__consortium ON sealed_offers (consortium_id);
