# Projects at the screen: milestones, expenses and the end.
milestone-report = Report
milestone-report-title = Report milestone { $number }
milestone-report-text = Report
milestone-report-hint = What is there. At least ten characters.
milestone-what = What is there
milestone-link = Link to the evidence
milestone-link-hint = An https address, if there is one. May stay empty.
milestone-evidence = See the linked evidence
milestone-file = File { $number }
milestone-files = Files
milestone-files-so-far = { $count ->
    [0] There is none yet. Add them before you report.
    [one] There is one file.
   *[other] There are { $count } files.
}
milestone-step-send-back = Send back
milestone-step-accept = Accept
milestone-step-disburse = Pay
milestone-send-back-title = Send the milestone back?
milestone-send-back-about = The executing institution completes it and reports it again.
milestone-send-back-confirm = Send back
milestone-accept-title = Accept the milestone?
milestone-accept-about = What it is worth is then to be paid.
milestone-accept-confirm = Accept
milestone-disburse-title = Pay the milestone?
milestone-disburse-about = The amount goes from committed to disbursed, and is justified by expenses.
milestone-disburse-confirm = Record the payment
expenses-title = Expenses
expense-new = Justify
expense-lead = An expense that justifies what was paid for: { $deliverable }
expense-amount = Amount
expense-amount-hint = With the decimals of its currency.
expense-spent = Paid on
expense-document = Document
expense-document-hint = Such as Invoice 4711.
expense-description = What it was spent on
expense-button = State the expense
expense-state-stated = To review
expense-state-accepted = Accepted
expense-state-refused = Refused
expense-decide = Review the expense
expense-decide-lead = What is accepted justifies what was disbursed.
expense-outcome = Decision
expense-outcome-accept = Accept
expense-outcome-accept-why = It justifies what was paid.
expense-outcome-refuse = Refuse
expense-outcome-refuse-why = It does not; say why.
expense-reason-hint = Needed for a refusal. At least ten characters.
expense-decide-button = Save the decision
results-title = Results
achievement = What was achieved
achievement-achieved = All of it
achievement-partly = A part
achievement-missed = Nothing
achievement-unknown = Nobody knows yet
achievement-note = What there is to say
project-close = Close the project
project-close-lead = With a result for each goal, once all is paid and justified.
project-close-button = Close the project
project-terminate-title = Terminate the project early?
project-terminate-about = What was not paid is free in the programme again. There is no way back.
project-terminate-confirm = Terminate the project

# The strategic direction.
criteria-change = Set the criteria
criteria-lead = Those of before are kept, with who set them and when.
criteria-text = Criteria
criteria-hint = What is financed, with whom and how. At least ten characters.
criteria-save = Set the criteria
funds-assign = Assign funds
funds-free-today = Free today: { $amount }
funds-change = Movement
funds-change-assign = Assign
funds-change-reduce = Take back
funds-change-reduce-why = Only what is free.
funds-reason-hint = Where they come from, or why they go. At least ten characters.
funds-save = Record
