-- The lot that will renew what this entry of the ledger stands for: from then on the entry counts as expiring.
ALTER TABLE buyer_sales ADD COLUMN replaced_by_lot UUID REFERENCES lots (id);
