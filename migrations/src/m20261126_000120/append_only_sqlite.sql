-- What is only added to, and never changed.
CREATE TRIGGER fund_entries_keep BEFORE DELETE ON fund_entries
BEGIN SELECT RAISE(ABORT, 'fund_entries is append-only'); END;
CREATE TRIGGER fund_entries_freeze BEFORE UPDATE ON fund_entries
BEGIN SELECT RAISE(ABORT, 'fund_entries is append-only'); END;
CREATE TRIGGER operating_criteria_keep BEFORE DELETE ON operating_criteria
BEGIN SELECT RAISE(ABORT, 'operating_criteria is append-only'); END;
CREATE TRIGGER operating_criteria_freeze BEFORE UPDATE ON operating_criteria
BEGIN SELECT RAISE(ABORT, 'operating_criteria is append-only'); END;
CREATE TRIGGER coordination_reviews_keep BEFORE DELETE ON coordination_reviews
BEGIN SELECT RAISE(ABORT, 'coordination_reviews is append-only'); END;
CREATE TRIGGER coordination_reviews_freeze BEFORE UPDATE ON coordination_reviews
BEGIN SELECT RAISE(ABORT, 'coordination_reviews is append-only'); END;
