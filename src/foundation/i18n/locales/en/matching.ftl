problem-nothing-to-match-title = There is nothing to match
problem-nothing-to-match-detail = No closed requirement of the programme has priced lots with units left. Close a requirement and try again.
problem-snapshot-refused-title = The figures can't be put together
problem-snapshot-refused-detail = The run has not started, because there are figures that can't be added up. Correct what is listed and try again.
problem-already-adopted-title = The run has been adopted already
problem-already-adopted-detail = Its awards are matches already. Look for them in the list of matches.
problem-rules-changed-title = The rules have changed since the run
problem-rules-changed-detail = It was solved under version { $then } of the programme's rules, and version { $now } is in force. Run the solver again and adopt that run.
problem-lots-already-proposed-title = Another run has proposed these lots
problem-lots-already-proposed-detail = Proposals of the run “{ $run }” ({ $id }) cover { $lots } of the same lots and are still undecided ({ $matches } matches). Approve or reject them first and run the solver again; or send a reason in supersede: this run's proposals then take their place, and what the firms have answered to them is void.
problem-looser-than-the-rules-title = The run is looser than the rules
problem-looser-than-the-rules-detail = It was solved under a larger dependency cap than the one in force, or under none. Run it under the programme's rules and adopt that one.
problem-no-awards-title = The run awards nothing
problem-no-awards-detail = There are no matches to propose. The run says which rules are in the way.
problem-run-without-answer-title = The run has no answer
problem-run-without-answer-detail = The run { $run } has not finished, has failed or was stopped. Only finished runs are compared.
problem-not-matched-yet-title = There is no result yet
problem-not-matched-yet-detail = No adopted run is about this lot. Ask again once the institution has proposed matches.

field-cap-and-without-cap = Choose a cap or none, not both.
field-amounts-too-large = The figures of supplier { $supplier } are too large. Ask it to look at them.
field-supplier-in-other-currency = Supplier { $supplier } has figures in { $currency }; the programme uses { $expected } and has no rate for that. Put a rate with its day and source into the exchange table of the programme's rules, or ask the supplier to state its figures in { $expected }.
field-refused-by-solver = The solver does not accept this: { $cause }
field-no-network-to-match = There is no such network in this programme, or it is none of yours.
field-no-such-run = There is no such run in this programme, or your organisation may not see it.
field-quantity-of-nothing = What is forbidden has no quantity.
field-decision-over-the-lot = The lot has { $open } units to award, and this supplier can get { $most } at most. Fix a smaller quantity.
field-decision-without-pair = This supplier can't get that lot: it is no candidate, or the lot is not open. Take the decision out.

run-failure-instance-refused = The solver did not accept the run's data. Tell whoever operates the service and start another run.
run-failure-solver-crashed = The solver ended several times without an answer. Start another run; if it happens again, tell whoever operates the service.
run-failure-workers-died = The service was interrupted several times during the run. Start another one; if it happens again, tell whoever operates the service.

run-offer-too-late = By its own lead time, the order would have had to be placed by { $last } at the latest.

why-not-no-candidate = Your firm was no candidate for this lot: it is red for the requirement, or has stated no capacity in the process and made no offer. Look at your gap analysis and your profile.
why-not-forbidden = Your firm declined this lot, or the institution decided not to award it to you.
why-not-gaps = Your gaps are still open. The actions of your improvement plan that are named close them.
why-not-unplanned = Your firm is still red for the requirement because of the criteria that are named, and no improvement plan says how they will be fulfilled. Agree on the gap act and a plan with the lead firm.
why-not-capacity = Your capacity in this process is used up by what was awarded and approved.
why-not-dependency = With more sales to this buyer group, your firm would exceed the dependency cap.
why-not-concentration = With more sales to this buyer, your firm's sales would be too concentrated.
why-not-lead-time = Your own offer would deliver after the lot's last day of delivery. Offer a shorter lead time next time, or tell the lead firm before it closes.
why-not-price = Your price is above the reference price.
why-not-rule = Another rule of the lot was in the way.
why-not-served-otherwise = Nothing was in the way on your side; the lot was covered otherwise.

why-unmet-no-candidate = No supplier was a candidate for this lot: none is green or yellow with capacity stated in the process or an offer. Look at the criteria, or ask the institution to invite other suppliers.
why-unmet-forbidden = Some candidates declined the lot, or the institution decided not to award it to them.
why-unmet-lead-time = Some candidates' offers would deliver after the lot's last day of delivery. A later last day may help.
why-unmet-gaps = Some candidates have gaps that are still open. An improvement plan with technical assistance of your firm may close them.
why-unmet-capacity = The candidates' capacity in this process is used up. A later delivery or a smaller lot may help.
why-unmet-dependency = With more sales to your buyer group, the candidates would exceed the dependency cap. Only the institution can give a waiver.
why-unmet-concentration = With more sales to your firm, the candidates' sales would be too concentrated.
why-unmet-rule = Another rule of the lot, of your firm or of the programme was in the way.
why-unmet-untold = The run does not say what stood in the way. Ask the institution.

own-limit-dependency = The dependency cap with this buyer group keeps you from more. Selling more to other customers makes room.
own-limit-capacity = Your capacity in this process is used up.
