gaps-title = Gaps of the suppliers
gaps-consent = Only suppliers that have allowed your firm to see their gaps.
gaps-draft = Gaps are computed once the requirement is published.
gaps-none = No gaps have been computed yet that you may see.
gaps-fit = Light and fit
gaps-read = Each cell: what the supplier has today, and how much is missing. The colour repeats what the text says.
gaps-more = { $number ->
    [one] There is 1 more supplier, further from what is required.
   *[other] There are { $number } more suppliers, further from what is required.
}
gaps-compute = Compute the gaps
gaps-compute-again = Compute again
gap-met = met
gap-not_met = not met
gap-unknown = unknown
gap-unknown-no_diagnostic = no valid diagnostic
gap-unknown-not_answered = not answered
gap-unknown-not_applicable = says not applicable
gap-unknown-other_kind = can't be compared
gap-level = level { $level }
gap-level-least = level ≥ { $level }
gap-certificate = in force
gap-certificate-until = until { $day }
gap-certificate-none = no certificate
gap-missing = gap { $amount }
gap-missing-levels = { $number ->
    [one] 1 level short
   *[other] { $number } levels short
}
gap-missing-days = { $number ->
    [one] expires 1 day early
   *[other] expires { $number } days early
}
gap-other-group = does not count: other group
gap-reason-no_diagnostic = No diagnostic submitted
gap-reason-diagnostic_expired = Diagnostic expired
gap-reason-knocked_out = An answer below its minimum
gap-reason-critical_open = A critical must is open
gap-reason-fit_below_yellow = Fit below the yellow threshold
gap-reason-must_open = A must is open
gap-reason-fit_below_green = Fit below the green threshold
light-green = Green
light-yellow = Yellow
light-red = Red

# Writing a requirement.
write-title-new = New requirement
write-title = Edit the requirement
write-lead = Nobody sees it until you publish it. You can save it and go on another day.
write-programme = Programme
write-name = Title
write-description = Description
write-description-hint = What you need and what for. It may be empty.
write-closes = Closes on
write-closes-hint = Day and hour, by the programme's clocks, at which it closes by itself. If empty, you close it.
write-supplier-share = Largest part for one supplier, in percent
write-supplier-share-hint = Of what your firm awards in all lots. Empty: no limit.
write-lots-hint = One row per lot; empty rows do not count. Write dates as 2026-12-31.
write-lot-name = Lot
write-lot-process = Process
write-lot-unit = Unit
write-lot-quantity = Quantity
write-lot-reference_price = Reference price
write-lot-max_share = Most per supplier, %
write-lot-years = Years
write-lot-delivery_from = Delivery from
write-lot-delivery_to = Delivery to
write-paste = Paste from a spreadsheet
write-paste-label = Copied rows
write-paste-hint = In the order of the table: lot, process, unit, quantity, price… They are added after the written rows, and you can correct them before saving.
write-paste-button = Put into the table
write-criteria-hint = Each criterion is a question of the suppliers' diagnostic. A level takes a minimum (1 to 5); a figure a minimum or maximum; a certificate until when it must be in force. Only desirable ones have a weight.
write-criterion-weight = Weight
write-criterion-criticality = Criticality, 1–5
write-criterion-minimum = Minimum
write-criterion-maximum = Maximum
write-criterion-valid_until = In force on
write-criterion-group = Group
write-save = Save

# Gap acts.
acts-title = Gap acts
acts-lead = In the act, supplier and lead firm agree on what is demanded, how the supplier stands, and how each gap is closed.
acts-none = There are none yet.
act-open = Open an act
act-open-own = It takes what your gap analysis says today.
act-open-button = Open the act
act-title = Gap act of { $supplier }
act-round = round { $round }
act-state-open = Open
act-state-disputed = Disputed
act-state-signed_by_supplier = Signed by the supplier
act-state-signed_by_lead_firm = Signed by the lead firm
act-state-agreed = Agreed
act-state-void = Void
act-demanded = What is demanded
act-difference = Something has changed since it was drawn up
act-difference-why = That is why it is void, even when signed. What changed:
act-cause-requirement = the requirement
act-cause-diagnostic = the diagnostic
act-cause-rules = the programme's rules
act-renew = Renew the act with what holds today
act-lines = Criterion by criterion
act-stands = How the supplier stands
act-closing = How it is closed
act-closing-parts = { $months } months; programme { $programme }, lead firm { $lead_firm }, supplier { $supplier }
act-disputes = Disputes
act-line = Line { $line }:
act-signatures = Signatures
act-signatures-none = Nobody has signed.
act-hash = Fingerprint of what is signed:
act-sign = Sign
sign-has-read = I have read the whole act.
sign-may-sign = I may sign for my firm.
sign-button = Sign the act
signature-holds = Holds
signature-void = Holds no more: the act changed
side-supplier = Supplier
side-lead_firm = Lead firm
side-institution = Institution
dispute-raise = I do not agree with a line
dispute-line = Line
dispute-reason = Why
dispute-reason-hint = The other side and the institution read it. While the dispute is open nobody signs. At least ten characters.
dispute-raise-button = Dispute the line
dispute-answer = Answer
dispute-answer-hint = The other side and the institution read it.
dispute-answer-button = Answer
dispute-settle = Settle the dispute
dispute-settle-hint = Whoever raised it may take it back; the other side may concede; the institution decides.
dispute-settle-button = Settle the dispute
dispute-outcome-upheld = It is right: the line is to be corrected
dispute-outcome-dismissed = The line stands
dispute-go = Answer or settle the dispute about line { $line }
