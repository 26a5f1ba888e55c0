problem-nothing-to-match-title = There is nothing to match
problem-nothing-to-match-detail = No closed requirement of the programme has priced lots with units left. Close a requirement and try again.
problem-snapshot-refused-title = The figures can't be put together
problem-snapshot-refused-detail = The run has not started, because there are figures that can't be added up. Correct what is listed and try again.
problem-already-adopted-title = The run has been adopted already
problem-already-adopted-detail = Its awards are matches already. Look for them in the list of matches.
problem-looser-than-the-rules-title = The run is looser than the rules
problem-looser-than-the-rules-detail = It was solved under a larger dependency cap than the one in force, or under none. Run it under the programme's rules and adopt that one.
problem-no-awards-title = The run awards nothing
problem-no-awards-detail = There are no matches to propose. The run says which rules are in the way.

field-cap-and-without-cap = Choose a cap or none, not both.
field-amounts-too-large = The figures of supplier { $supplier } are too large. Ask it to look at them.
field-supplier-in-other-currency = Supplier { $supplier } has figures in { $currency }; the programme uses { $expected }. Ask it to state them in that currency.
field-refused-by-solver = The solver does not accept this: { $cause }

run-failure-instance-refused = The solver did not accept the run's data. Tell whoever operates the service and start another run.
run-failure-solver-crashed = The solver ended several times without an answer. Start another run; if it happens again, tell whoever operates the service.
run-failure-workers-died = The service was interrupted several times during the run. Start another one; if it happens again, tell whoever operates the service.
