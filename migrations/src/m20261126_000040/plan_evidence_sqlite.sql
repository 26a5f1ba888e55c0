CREATE TRIGGER plan_evidence_keep BEFORE DELETE ON plan_evidence
BEGIN SELECT RAISE(ABORT, 'plan_evidence is append-only'); END;
CREATE TRIGGER plan_evidence_freeze BEFORE UPDATE ON plan_evidence
BEGIN SELECT RAISE(ABORT, 'plan_evidence is append-only'); END;
