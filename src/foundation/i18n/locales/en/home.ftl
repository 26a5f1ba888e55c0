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
home-waiting = { $number ->
    [one] 1 waits
   *[other] { $number } wait
}
home-objections = Objections to handle
home-objections-why = A firm has objected to a decision. Somebody else than whoever decided answers.
home-acts-answer = Disputes to answer
home-acts-answer-why = Gap acts with an open dispute: until it is settled nobody signs.
home-acts-sign = Gap acts to sign
home-acts-sign-why = With both signatures an improvement plan can be agreed on.
home-plans-propose = Improvement plans to propose
home-plans-propose-why = They are drafts. The firms sign after the institution has proposed them.
home-plans-sign = Improvement plans to sign
home-plans-sign-why = Proposed by the institution; they begin with both signatures.
home-plans-due = Improvement actions that are due
home-plans-due-why = Due within seven days, or overdue. Write down how far they are.
home-contracts-sign = Contracts to sign
home-contracts-sign-why = They are in force with both firms' signatures.
home-deliveries = Deliveries to confirm
home-deliveries-why = Contracts with deliveries that were due and are not recorded as made.
home-payments = Payments to confirm
home-payments-why = Contracts with invoices that were due and are not recorded as paid.
home-questions = Questions to answer
home-questions-why = Suppliers have asked about your requirements. Everybody reads the answer.
home-commitments = Commitments to answer
home-commitments-why = An institution has named your firm in a proposal.
home-calls = Open calls
home-calls-why = Your institution can propose until they close, and has submitted nothing yet.
home-evaluate = Proposals to evaluate
home-evaluate-why = You evaluate the call, which has closed.
home-decide = Proposals to decide on
home-decide-why = They are evaluated.
home-measurements = Measurements to answer
home-measurements-why = A round asks for your indicators.
home-results = Results to announce
home-results-why = Everything about these requirements is decided. Tell those who made an offer.
home-requirements-supplier = What lead firms ask for, and what your firm lacks to meet it.
home-requirements-lead-firm = Your lots and criteria, and the gaps of suppliers that gave you permission.
home-requirements-institution = What the lead firms of your programmes ask for, with the suppliers' gaps.
menu-new = to read
