problem-nobody-to-measure-title = There is nobody to measure
problem-nobody-to-measure-detail = No firm belongs to this network yet. Open the round once suppliers have been selected.
problem-round-closed-title = The round is closed
problem-round-closed-detail = It takes no more answers, since its figures have been told. Answer in the next round.
problem-measurement-of-another-title = Somebody else reports it
problem-measurement-of-another-detail = This indicator is reported by: { $reporter }. Your organisation may look at it, not answer it.

field-moment-measured-already = The network has a round for this moment already.
field-moments-out-of-order = The round "{ $moment }" has { $day } as its reference day; the days must be in the order of the moments.
field-value-or-unknown = Write a value with its unit, or the reason why it is not known.
field-known-and-unknown = There is a value and a reason why it is not known. Leave one of them.
field-note-beside-a-value = The note goes with a reason why it is not known. With a value, take it out.
field-unit-without-a-value = The unit goes with a value. Take it out, or write the value.
field-reason-of-the-service = Only the service gives that reason. Choose another one.
field-other-unit = This indicator is measured in { $unit }. Convert it and write that unit.

problem-own-practice-title = You wrote this practice
problem-own-practice-detail = Nobody reviews what they wrote. Ask somebody else of the institution to review it.
field-no-network-to-cite = The programme has no network with this identifier, or you do not see it. Only the institution cites figures of its networks.
field-no-such-indicator = There is no indicator of this code. See the list of indicators.
field-no-programme-of-ones-own = Your organisation takes part in no programme with this identifier. Check it.
field-figure-not-told = This figure is not told: fewer than five firms stand behind it, the round is open, or nothing was compared. Have it taken out.
field-no-tag = A tag has 40 characters at most, and no bar.
field-baseline-beside-itself = The baseline is compared with a later moment. Choose that moment.

funnel-invited = Invited or applying
funnel-selected = Selected
funnel-diagnosed = Diagnosed
funnel-gap-act-agreed = Gap act agreed
funnel-plan-agreed = Improvement plan agreed
funnel-matched = Matched
funnel-approved = Approved
funnel-contracted = Under contract
market-marks-note = The market's index is context. The marks 1000, 1800 and 2500 are merger screens (guidelines of the United States of 2023 and 2010, and of the European Union of 2004), not thresholds of dependency.
problem-nothing-to-evaluate-title = There are no figures to evaluate
problem-nothing-to-evaluate-detail = Of that moment no figure of the programme may be told: close the rounds of the baseline and of that moment, with five firms or more in both.
