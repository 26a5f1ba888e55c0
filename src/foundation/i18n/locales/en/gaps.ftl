field-criterion-without-bound = Give at least a minimum, a maximum or an expected value.
field-criterion-bounds-crossed = The maximum can't be below the minimum.
field-criterion-expected-alone = An expected value stands alone: take minimum and maximum away.

problem-gap-act-exists-title = The gap act exists already
problem-gap-act-exists-detail = There is an act of this supplier for this requirement. Find it in the requirement's list of acts; if it is void, renew it.
problem-signed-content-changed-title = The text has changed since you read it
problem-signed-content-changed-detail = What you read is no longer what is signed. Read it again and sign with the "hash" that it shows now. Nothing was signed.
problem-already-signed-title = Your firm has signed already
problem-already-signed-detail = Your firm's signature stands and holds. The other side's is missing; you need do nothing more.
problem-own-dispute-title = The dispute is your firm's own
problem-own-dispute-detail = The other side answers, or the institution. If you no longer uphold it, settle it as "dismissed".
problem-dispute-already-answered-title = The dispute has been answered
problem-dispute-already-answered-detail = Read the answer. Whoever raised it can take it back, the other side can concede, or the institution decides.
problem-dispute-already-settled-title = The dispute is settled
problem-dispute-already-settled-detail = It cannot be answered or settled again. If you still disagree, raise another one or do not sign.
problem-not-yours-to-settle-title = Not yours to settle like this
problem-not-yours-to-settle-detail = Whoever raised the dispute can take it back ("dismissed"), the other side can concede ("upheld"); the institution can decide either way.

field-no-such-analysis = There is no gap analysis of such a supplier that you may see. Check the id, ask the supplier for its consent, or compute the requirement's analyses.
field-statement-not-ticked = To sign you must declare that this is so.
field-no-gap-to-close = This line shows no gap. Choose a line that is not met.
field-line-named-twice = This line is named twice. Leave one action for each line.
field-no-such-line = The act has no such line. Lines count from 0.
field-split-needed = Say who pays: the programme has no co-financing shares.
