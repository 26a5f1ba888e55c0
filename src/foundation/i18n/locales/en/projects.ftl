problem-not-your-project-title = The project is another institution's
problem-not-your-project-detail = The institution that executes the project does this. Ask it.
problem-project-over-title = The project is over
problem-project-over-detail = Its state is "{ $state }". Its milestones change no more; what was paid can still be justified.
problem-not-justified-title = What was paid is not justified
problem-not-justified-detail = { $missing } of what was paid are still to be justified. Ask the executing institution for the expenses, and accept them.
problem-milestones-open-title = Milestones are missing
problem-milestones-open-detail = { $open } milestones are not paid. Wait until they are, or terminate the project, with a reason.

field-not-a-link = Write a link that begins with https:// or http://.
field-more-than-paid = Of what was paid for this milestone { $left } are still to be justified.
field-not-a-goal = The project has no such goal.
field-results-missing = Results are missing: { $missing }.
