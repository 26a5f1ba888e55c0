CREATE TRIGGER measurement_answers_keep BEFORE DELETE ON measurement_answers
BEGIN SELECT RAISE(ABORT, 'measurement answers are append-only'); END;
CREATE TRIGGER measurement_answers_freeze BEFORE UPDATE ON measurement_answers
BEGIN SELECT RAISE(ABORT, 'measurement answers are append-only'); END;
CREATE TRIGGER dependency_records_keep BEFORE DELETE ON dependency_records
BEGIN SELECT RAISE(ABORT, 'dependency records are append-only'); END;
CREATE TRIGGER dependency_records_freeze BEFORE UPDATE ON dependency_records
BEGIN SELECT RAISE(ABORT, 'dependency records are append-only'); END;
