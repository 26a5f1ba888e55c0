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
