plan-close = Close the gap in "{ $question }"
plan-show = Show whether "{ $question }" holds

problem-no-agreed-gap-act-title = An agreed gap act is missing
problem-no-agreed-gap-act-detail = An improvement plan comes from a gap act that both sides have signed and that holds. Open or renew this supplier's act and sign it; then draw up the plan.
problem-plan-exists-title = There is an improvement plan already
problem-plan-exists-detail = This supplier has a plan for this requirement. Change it, or abandon it with a reason before you draw up another.
problem-plan-incomplete-title = The plan cannot be proposed yet
problem-plan-incomplete-detail = Put right what is listed and propose it again. Nothing was saved.
problem-plan-not-done-title = Some actions are not done
problem-plan-not-done-detail = Write down progress of 100 % for the actions listed, or change the plan. Nothing was saved.

field-no-such-action = The plan has no action with this id.
field-action-named-twice = This action is named twice. Each id stands once.
field-no-such-criterion = The requirement has no criterion on that question. Check the question and, if you gave one, the group.
field-after-the-programme = This is after the programme's last day ({ $last }). Choose an earlier day.
field-objective-without-change = The target equals the baseline. Say what is to be reached.
field-gap-without-action = The exigible criterion "{ $question }" does not hold and no action closes it. Add an action for it.
field-criterion-amended = The lead firm has amended the criterion "{ $question }". Change the action that closes it.
field-gap-act-changed = The gap act from which the plan comes is "{ $state }" or has been agreed on anew. Renew and sign it, and save the plan again.
field-over-the-development-budget = The plan asks { $needed } of the programme and { $left } is left (development budget { $budget }, promised { $promised }). Lower costs or the programme's shares, or raise the budget.
field-in-the-future = This day is yet to come. Write today or an earlier day.
field-action-not-done = It is { $percent } % done.
