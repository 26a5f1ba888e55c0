problem-diagnostic-under-way-title = A diagnostic is under way
problem-diagnostic-under-way-detail = Your organisation is answering diagnostic { $id }. Go on with it and submit it before you begin another.
problem-no-instrument-title = There is no instrument
problem-no-instrument-detail = Only suppliers and lead firms are diagnosed.
problem-older-revision-title = There is a newer answer
problem-older-revision-detail = The answer that is saved has revision { $revision }; nothing was changed. Read it and send yours with a higher revision.
problem-diagnostic-empty-title = The diagnostic is empty
problem-diagnostic-empty-detail = Answer at least one question before you submit it.

field-answer-or-not-applicable = Give a value, or say that the question does not apply: one of the two.
field-no-such-level = There is no such level. The levels are: { $levels }.
field-not-yes-or-no = Answer yes (true) or no (false).
field-not-a-figure = Write a number such as 97.5: digits, and a point only before the decimals (six at most).
field-not-an-expiry = Write the day on which the certificate expires, such as 2027-01-31, or false when there is none.
field-issuer-without-certificate = An issuer goes with a certificate only: give its day of expiry as well.
