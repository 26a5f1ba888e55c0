problem-entry-not-in-checkpoint-title = There is no proof yet
problem-entry-not-in-checkpoint-detail = The entry does not stand in a signed checkpoint yet: one is signed every ten minutes. Try again later.
problem-trail-diverged-title = The log does not go on from what was signed
problem-trail-diverged-detail = { $size } entries were signed before, and those of this database are others or fewer: perhaps an older copy was put back. "eslabon audit verify" says what is missing.
