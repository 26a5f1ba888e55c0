# The audit trail at the screen.
trail-title = Trail
trail-why = What each person of your organisation did, and proof that nobody has changed it.
trail-lead = What people of your organisation did last, newest first. Each entry stands in a signed log: nobody can change it, move it or leave it out unnoticed.
trail-none = There is nothing yet.
trail-proof = Proof
trail-proof-lead = With the entry, the path and the checkpoint anybody checks that the entry stands in the log: eslabon audit verify does so without this service.
trail-operation = What
trail-subject = About
trail-number = Number
trail-position = Place in the log
trail-leaf = Hash of the entry
trail-path = Path to the root
trail-checkpoint = Signed checkpoint
trail-not-yet = No proof yet
trail-not-yet-lead = The entry is written, and goes into the next checkpoint: in ten minutes at most. Come back then.
