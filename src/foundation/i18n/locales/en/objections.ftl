problem-nothing-to-object-title = There is no decision to object to
problem-nothing-to-object-detail = One objects to a refused application, a match that the institution rejected or approved, an awarded requirement for which one's firm made an offer, or a decided proposal of one's institution. Nothing was saved.
problem-objection-late-title = The time for objecting is over
problem-objection-late-detail = This decision could be objected to until { $last }, by the programme's calendar. Nothing was saved.
problem-objection-exists-title = Your organisation has objected to this decision already
problem-objection-exists-detail = There is one objection for a decision. Find it with GET /api/v1/objections. Nothing was saved.
problem-own-decision-title = You took part in this decision
problem-own-decision-detail = Nobody judges an objection to what they decided. Ask somebody else of the institution to review it.
problem-own-objection-title = Your own institution objects
problem-own-objection-detail = Nobody judges an objection of their own institution. Whoever steers or coordinates the programme does.
problem-anothers-objection-title = This is not your organisation's objection
problem-anothers-objection-detail = Only whoever objects takes an objection back. Review it, and then uphold or dismiss it.

field-no-such-decision = Your organisation has no decision to object to there. Check the id.
field-remedy-needed = The decision can't be undone any more: write what is done instead.
