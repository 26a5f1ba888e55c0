# Monitoring on screen.
programme-monitoring-why = Indicators beside their baseline, in all and by network.
monitoring-short = Monitoring
network-monitoring = See the monitoring
network-monitoring-why = Indicators, funnel, dependency and days to pay.
now = Today
withheld = Withheld
withheld-fewer_than_five = Fewer than five firms stand behind it.
withheld-gives_others_away = Beside other figures it would give fewer than five firms away.
withheld-round_open = The round is still open: answers come in.
month-short = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }
unit-persons = persons
unit-percent = %
unit-ppm = parts per million
unit-days = days
unit-certificates = certificates
unit-yes_no = 1: yes, 0: no

monitoring-title = Monitoring: { $network }
monitoring-parts = Parts of the page
monitoring-programme-lead = Each firm counts once. Those are compared that are known at both moments; of fewer than five nothing is told.
monitoring-total = The whole programme
monitoring-by-network = By network
monitoring-figures-of = See the figures of { $network }

# Rounds
rounds-title = Measurement rounds
rounds-why = The baseline, and again after twelve and twenty-four months. What is on record is not asked.
rounds-none = Nothing has been measured yet.
round-open = Open a round
round-open-lead = What the service knows already is written down when it opens; the rest is asked of the firms. Each moment is measured once.
round-as-of = as of { $day }
round-due = answers until { $day }
round-as-of-label = Reference day
round-as-of-hint = Today or earlier.
round-due-label = Answers are due on
round-due-hint = What comes later is taken and marked, until the round is closed.
round-state-open = Open
round-state-closed = Closed
round-how-far = How far it is
round-overdue = { $number ->
    [one] One question should have been answered by now.
   *[other] { $number } questions should have been answered by now.
}
round-close = Close the round
round-close-title = Close the round?
round-close-about = It takes no more answers, and only then are its figures told. What is missing stays unknown, never zero. It cannot be opened again.
round-close-confirm = Yes, close the round
round-missing = Questions without an answer
moment-baseline = Baseline
moment-month_12 = Twelve months later
moment-month_24 = Twenty-four months later
moment-short-baseline = Baseline
moment-short-month_12 = +12 months
moment-short-month_24 = +24 months
measured-asked = Asked
measured-answered = Answered
measured-unknown = Not known
measured-known = On record
measured-not_on_record = Not on record

# Indicators
indicators-title = Indicators
indicators-why = Means of the firms that are known at both moments, once both rounds are closed. “Unknown” is not zero.
indicators-none = There are no two closed rounds to compare yet.
indicator = Indicator
indicator-moment = Moment
indicator-firms = Firms
indicator-before = Baseline
indicator-after = Then
indicator-change = Change
indicator-medians = Medians
indicator-better = Better
indicator-worse = Worse
indicator-unknown = Of no firm is it known at both moments.

# Funnel
funnel-title = Funnel
funnel-finding = Of { $came } suppliers that were invited or applied, { $contracted ->
    [0] none has a contract yet.
    [one] one has a contract.
   *[other] { $contracted } have a contract.
}
funnel-stage = Stage
funnel-came = Came so far
funnel-waiting = Waiting
funnel-dropped = Gone
funnel-drop-off = Drop-off
funnel-days = Days (median)
funnel-why = A supplier came as far as a stage when it has reached that one or a later one. Days count from the stage before that is on record. Of fewer than five firms neither percent nor days are told.

# Dependency
dependency-title = Dependency
dependency-finding = { $over ->
    [0] None of { $all } suppliers stands above 30 % today; at first: { $before }.
    [one] One of { $all } suppliers stands above 30 % today; at first: { $before }.
   *[other] { $over } of { $all } suppliers stand above 30 % today; at first: { $before }.
}
dependency-finding-now = { $over ->
    [0] None of { $all } suppliers stands above 30 % today.
    [one] One of { $all } suppliers stands above 30 % today.
   *[other] { $over } of { $all } suppliers stand above 30 % today.
}
dependency-table = Suppliers by band, month by month
dependency-when = When
dependency-none = The network has no selected suppliers yet.
dependency-why = The part of the sales that comes from the largest buyer group. The marks are at 10, 15, 25 and 30 %.
dependency-cap = The programme's cap today is { $cap }.
dependency-buyer = Largest buyer
dependency-first = At first
dependency-band = Band
dependency-share = Part of the sales
dependency-record = Write down where they stand today
band-undisclosed = Undisclosed
band-fine = Below 10 %
band-watch = 10 to 15 %
band-elevated = 15 to 25 %
band-alert = 25 to 30 %
band-waiver_needed = Above 30 %
turn-worse = went up a band
turn-better = went down a band
market-hhi = Concentration of the market (HHI)
own-dependency = Your dependency
own-dependency-see = See how your dependency develops
own-dependency-lead = Which part of your sales comes from the largest buyer group. Only your firm and the institution see it.
own-dependency-finding = Today { $share } % of your sales come from one buyer group.
own-dependency-unknown = Your firm has not disclosed its sales, or has none: its dependency is not known.
own-dependency-table = What was written down

# Days to pay
paydays-title = Days to pay
paydays-why = Of the last twelve months: from the invoice to its payment.
paydays-none = The network has no lead firms.
paydays-mean = Mean
paydays-median = Median
paydays-invoices = Invoices
paydays-paid = Paid
paydays-late = Late
paydays-suppliers = Suppliers

# What is asked
measurements-title = Measurements
measurements-lead = What is measured of your firm, and what you are asked. The institution reads it; nobody else does, but for figures of five firms or more.
measurements-lead-institution = What is measured in the networks that you look after. Answer here what the institution reports.
measurements-filter = Filter by state
measurements-none = There is nothing here for now.
measurement-overdue = Overdue
measurement-firm = Firm
measurement-value = Value
measurement-value-in = Value ({ $unit })
measurement-value-hint = Zero is a value. If you don't know, leave it empty and say why.
measurement-or = Or:
measurement-unknown = Why it is not known
measurement-unknown-hint = Only where there is no value.
measurement-note = Note
measurement-note-hint = Goes with a reason; “Another reason” needs one.
measurement-save = Save the answer
measurement-what = What is measured
measurement-answers = Answers
measurement-no-answers = None yet.
measurement-from = Where from
measurement-from-record = On record in the service
measurement-from-firm = Answered
measurement-late = After the due day
because-not_measured = It is not measured
because-confidential = It is confidential
because-not_applicable = It does not apply
because-unreachable = The firm could not be reached
because-other = Another reason
because-not_on_record = Not on record

# Good practices
practices-title = Good practices
practices-lead = What worked in other networks, reviewed and with the figures that show it.
practices-search = Search
practices-find = Search
practices-any = Any subject
practices-none = There is none that answers this.
practice = Practice
practice-new = Propose a practice
practice-edit = Change the practice
practice-save = Save the draft
practice-write-lead = Tell what was done, how, and what shows that it works. Somebody else of the institution reviews it before it is published.
practice-title = Title
practice-summary = Summary
practice-summary-hint = In a few lines: what it is and for whom. At least twenty characters.
practice-body = How it is done
practice-body-hint = Step by step, with what it cost and what did not work.
practice-evidence = What shows that it works
practice-evidence-hint = In words. Don't name other firms.
practice-dimension = Subject
practice-tags = Key words
practice-tags-hint = With commas between them, ten at most.
practice-figures = Figures that show it
practice-figures-hint = Of networks of your programme, beside the baseline. They are published only when five firms or more stand behind them.
practice-figure-later = Frozen when it is published.
practice-by = Written by { $author }
practice-adopted = Who has adopted it
practice-adopted-count = Firms: { $firms }. Institutions: { $institutions }.
practice-adopted-own = Your organisation has adopted it
practice-state-draft = Draft
practice-state-in_review = In review
practice-state-published = Published
practice-state-retired = Retired
practice-dimension-management = Strategy and management
practice-dimension-customers = Customers and dependency
practice-dimension-production = Production and capacity
practice-dimension-quality = Quality
practice-dimension-delivery = Delivery and logistics
practice-dimension-procurement = Procurement and sub-suppliers
practice-dimension-finance = Finance
practice-dimension-people = People and safety
practice-dimension-technology = Technology and digital tools
practice-dimension-environment = Environment and compliance
practice-dimension-purchasing = A lead firm's purchasing practice
practice-dimension-payment = A lead firm's payment
practice-dimension-forecast = A lead firm's forecasts and orders
practice-dimension-specifications = Openness of specifications
practice-dimension-assistance = A lead firm's technical assistance
practice-dimension-local = Purchases from local SMEs
practice-step-submit = Ask for the review
practice-step-return = Send back
practice-step-publish = Publish
practice-step-retire = Retire
practice-step-adopt = We have adopted it
practice-step-withdraw = We don't use it any more
practice-submit-title = Ask for the review?
practice-submit-about = It cannot be changed while it is reviewed. The reviewer publishes it, or sends it back with a reason.
practice-submit-confirm = Yes, ask for it
practice-return-title = Send the practice back
practice-return-about = It becomes a draft of whoever wrote it again, who reads your reason.
practice-return-confirm = Send back
practice-publish-title = Publish the practice?
practice-publish-about = Everybody who uses Eslabón will read it, with the figures as they are today. Nobody publishes what they wrote.
practice-publish-confirm = Yes, publish
practice-retire-title = Retire the practice
practice-retire-about = It is recommended no more; whoever adopted it still reads it, with your reason.
practice-retire-confirm = Retire
practice-adopt-title = Has your organisation adopted this practice?
practice-adopt-about = The institution that published it will see that. It can be taken back.
practice-adopt-confirm = Yes, we have
practice-withdraw-title = Don't you use it any more?
practice-withdraw-about = Your adoption is taken back. You can say it again at any time.
practice-withdraw-confirm = Yes, take it back
