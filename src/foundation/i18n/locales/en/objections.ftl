problem-nothing-to-object-title = There is no decision to object to
problem-nothing-to-object-detail = One objects to a refused application, a match that the institution rejected or approved, or an awarded requirement for which one's firm made an offer. Nothing was saved.
problem-objection-late-title = The time for objecting is over
problem-objection-late-detail = This decision could be objected to until { $last }, by the programme's calendar. Nothing was saved.
problem-objection-exists-title = Your firm has objected to this decision already
problem-objection-exists-detail = There is one objection for a decision. Find it with GET /api/v1/objections. Nothing was saved.
problem-own-decision-title = You took part in this decision
problem-own-decision-detail = Nobody judges an objection to what they decided. Ask somebody else of the institution to review it.

field-no-such-decision = Your firm has no decision to object to there. Check the id.
field-remedy-needed = The decision can't be undone any more: write what is done instead.
