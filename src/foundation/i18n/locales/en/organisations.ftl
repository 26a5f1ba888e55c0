problem-conflict-of-interest-title = You have a declared conflict of interest
problem-conflict-of-interest-detail = An interest of yours in { $organisation } is on record, or you have stepped aside from what concerns it. Nothing was decided: ask somebody else to decide.
problem-interest-recorded-by-another-title = Somebody else recorded it
problem-interest-recorded-by-another-detail = An administrator recorded this interest of yours: only they, or another administrator, can end it.

field-not-an-institution-of-yours = This is no institution that works with your firm.
field-no-person-of-the-institution = This is nobody of that institution.
