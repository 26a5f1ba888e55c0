CREATE TRIGGER milestone_evidence_keep BEFORE DELETE ON milestone_evidence
BEGIN SELECT RAISE(ABORT, 'milestone_evidence is append-only'); END;
CREATE TRIGGER milestone_evidence_freeze BEFORE UPDATE ON milestone_evidence
BEGIN SELECT RAISE(ABORT, 'milestone_evidence is append-only'); END;
