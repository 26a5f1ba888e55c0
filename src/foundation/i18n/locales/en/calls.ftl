problem-funds-short-title = The programme's funds do not suffice
problem-funds-short-detail = A call reserves its funds when it opens, and { $free } of the programme's are free. Reduce those of the call, or ask the strategic direction for more.
problem-call-over-title = The call takes no proposals
problem-call-over-detail = Its time ends or ended on { $closes_at }, or it is not open. Until then one writes, submits and withdraws; after that no more.
problem-call-not-begun-title = The call takes no proposals yet
problem-call-not-begun-detail = Proposals are submitted from { $opens_at } on. Until then you can write yours.
problem-call-without-proposals-title = There are no proposals
problem-call-without-proposals-detail = Nobody has submitted a proposal, so there is nothing to evaluate. Cancel the call, and say why.
problem-evaluations-missing-title = Evaluations are missing
problem-evaluations-missing-detail = { $missing ->
    [one] One proposal lacks
   *[other] { $missing } proposals lack
} evaluations: there are two at least, and a third one where the evaluators are further apart than the call allows.
problem-evaluation-over-title = It is not the time to evaluate
problem-evaluation-over-detail = The call's state is "{ $state }". One evaluates from its closing until evaluations are complete.
problem-evaluated-already-title = Your evaluation is there already
problem-evaluated-already-detail = Each evaluator hands in one, which stays as it is.
problem-evaluator-handed-in-title = The evaluator has handed in
problem-evaluator-handed-in-detail = What was handed in counts. Whoever has evaluated is not taken off the call.
problem-not-an-evaluator-title = You do not evaluate this call
problem-not-an-evaluator-detail = Only the people who were appointed evaluate. Ask the coordinating body to appoint you.
problem-not-independent-title = You can't judge this proposal
problem-not-independent-detail = Nobody evaluates or decides what is their own, and whoever has evaluated does not decide: { $ground }. Ask somebody else.
unfit-own-institution = you act for the institution that proposes
unfit-member-of-proposer = you belong to the institution that proposes as well
unfit-author = you wrote the proposal or submitted it
unfit-interest = you have declared an interest in one of its parties
unfit-evaluated = you have evaluated the proposal
problem-coordinator-proposes-title = Who coordinates does not propose
problem-coordinator-proposes-detail = The coordinating body submits no proposals to its own calls. Ask an executing institution.
problem-not-your-proposal-title = The proposal is another institution's
problem-not-your-proposal-detail = Only the institution that wrote it changes, submits or withdraws it.
problem-proposal-over-title = The proposal takes part no more
problem-proposal-over-detail = It was withdrawn, or decided on. There is nothing to commit to.
problem-call-not-evaluated-title = The evaluations are missing
problem-call-not-evaluated-detail = The call's state is "{ $state }". It is decided on once evaluations are complete.
problem-call-funds-short-title = There are not so many funds left
problem-call-funds-short-detail = { $left } of the call's are left. Award less, or reject.

field-weights-not-100 = The weights must sum to 100 exactly.
field-more-than-the-funds = It must be above zero and at most { $most }, in the same currency.
field-opens-after-closing = The call must take proposals before it closes.
field-no-such-evaluator = We found no such person in any institution. Check the e-mail address.
field-result-of-another-kind = That result does not occur in vertical networks. Choose among those of "/expected-results?kind=vertical".
field-grant-too-large = The call pays at most { $most } a project.
field-cofinancing-too-small = Others must pay at least { $least } % of the whole cost.
field-milestones-not-the-grant = The milestones' amounts must sum to what is asked for: { $grant }.
field-not-committed = This lead firm has not confirmed its commitment yet. Ask it.
field-more-than-committed = The lead firms have confirmed less than what stands as theirs.
field-amount-of-a-rejection = What is rejected gets nothing. Leave the amount out.
field-more-than-asked-for = The proposal asks for { $most }; no more is awarded.
field-not-a-criterion-of-the-call = The call has no such criterion.
field-scores-missing = Scores are missing: { $missing }.

criterion-market-outlook = Market outlook
criterion-participation = The firms' participation and co-financing
criterion-critical-mass = Critical mass of firms
criterion-feasibility = Feasibility: the institutions around it
criterion-visibility = Visibility
criterion-sector-potential = The sector's potential: demand and factors
criterion-economic-impact = Economic impact: employment, product, exports
criterion-environmental-risk = Environmental risk: the lower, the higher the score
criterion-linkage-potential = Potential for linkages
criterion-replicability = Replicability

result-specialised-advice = Specialised advice, by hiring experts for the group
result-joint-promotion = Joint commercial promotion
result-joint-purchase = Lower cost by joint purchase
result-credit-terms = Special credit terms
result-phase-specialisation = Productivity and profitability through specialisation by phase
result-shared-equipment = Technology, by joint purchase of shared equipment
result-pooled-capacity = Large-volume markets, by coordinating capacities
result-production-standards = Production standards and quality control, for even and constant output
result-large-firm-access = Access to large firms' markets and know-how, by building supplier networks
result-institutional-coordination = Mechanisms of coordination between institutions
result-territorial-image = New markets through the territory's image
result-support-services = New support services, such as a design centre or a testing laboratory
