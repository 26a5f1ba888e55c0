-- Which run's proposals took the place of an undecided one.
ALTER TABLE matches ADD COLUMN superseded_by UUID;
