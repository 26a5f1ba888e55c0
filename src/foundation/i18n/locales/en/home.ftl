home-title = What to do now
home-factor = Set up your second factor
home-factor-why = Without it you can not approve matches, proposals, waivers or payments.
home-factor-missing = Missing
home-diagnostic = Begin the diagnostic
home-diagnostic-why = Without a valid diagnostic your firm can't be given lots.
home-diagnostic-why-lead-firm = Lead firms are diagnosed too: payments, forecasts, technical assistance.
home-diagnostic-missing = To do
home-diagnostic-go-on = Continue the diagnostic
home-diagnostic-saved = What you answered is saved.
home-diagnostic-under-way = Under way
home-diagnostic-see = See the diagnostic
home-diagnostic-valid = Valid
home-matches = Proposed matches
home-matches-why = Contracts that wait for your firm's answer.
home-approve = Matches to approve
home-approve-why = Accepted by both firms, with the dependency before and after.
home-due = { $number ->
    [one] 1 waits for your decision
   *[other] { $number } wait for your decision
}
home-none-due = Nothing to do
home-requirements-supplier = What lead firms ask for, and what your firm lacks to meet it.
home-requirements-lead-firm = Your lots and criteria, and the gaps of suppliers that gave you permission.
home-requirements-institution = What the lead firms of your programmes ask for, with the suppliers' gaps.
menu-new = to read
