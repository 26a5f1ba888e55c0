back-home = Start
diagnostic-under-way = A diagnostic has been under way since { $day }.
diagnostic-go-on = Continue
diagnostic-begin = Begin the diagnostic
diagnostic-begin-questions = There are { $number } questions. Most are answered by choosing the text that is most like your firm.
diagnostic-begin-save = Every answer is saved when you send it: stop whenever you like and go on another day, also from another device.
diagnostic-begin-who = Only your organisation and the promoting institution see it. A lead firm sees the result against its criteria, and only if you allow it.
diagnostic-earlier = Submitted diagnostics
diagnostic-submitted-on = Submitted on { $day }.
diagnostic-counts-until = Counts until { $day }.
diagnostic-progress = { $answered } of { $questions } questions answered.
diagnostic-saved = All that you answered is saved.
diagnostic-part-done = Complete
diagnostic-part-open = { $questions ->
    [one] 1 question
   *[other] { $questions } questions
}
diagnostic-part-begun = { $answered } of { $questions }
diagnostic-start = Begin
diagnostic-check = Check and submit
diagnostic-back-tasks = List of topics
diagnostic-back-check = Check answers
diagnostic-back-all = Diagnostics
diagnostic-meanwhile = Saved now by somebody else in your organisation:
diagnostic-question-of = question { $at } of { $of }
diagnostic-evidence = Evidence that might be asked for:
diagnostic-expires = Expires on
diagnostic-expires-hint = If you answered yes.
diagnostic-or = or
diagnostic-number-hint = Between { $least } and { $most }. Use a point before decimals: 97.5
diagnostic-marks = What some values mean
diagnostic-save = Save
diagnostic-save-next = Save and continue
diagnostic-save-later = Save and go on later
diagnostic-skip = Skip for now
diagnostic-check-title = Check your answers
diagnostic-check-open = { $number ->
    [one] 1 question is unanswered. It counts neither for nor against you, but the result covers less.
   *[other] { $number } questions are unanswered. They count neither for nor against you, but the result covers less.
}
diagnostic-unanswered = Not answered
diagnostic-change = Change
diagnostic-answer = Answer
diagnostic-submit-title = Submit
diagnostic-submit-about = By submitting you declare that the answers describe what your firm does today. They can't be changed afterwards; the diagnostic counts until { $day }.
diagnostic-submit = Submit the diagnostic
diagnostic-later = Not yet
diagnostic-answers = Answers
answer-yes = Yes
answer-no = No
answer-not-applicable = Does not apply to our firm
answer-no-certificate = No valid certificate
answer-certificate = Certificate valid until { $day }
score-whole = { $points } of 100 points
score-coverage = { $share } of the weight is answered.
score-below = Below the minimum
score-table = Score by topic
score-dimension = Topic
score-points = Points
score-covered = Coverage
score-nothing = No answers
band-weak = Weak
band-below_average = Below average
band-average = Average
band-very_good = Very good
band-excellent = Excellent
