# What every page shows.
layout-skip = Skip to content
layout-menu = Sections
layout-printed = Programme { $programme }. Printed on { $moment }.
layout-menu-open = Menu
layout-menu-close = Close the menu
menu-home = Home
menu-diagnostics = Diagnostic
layout-switch = Change organisation
layout-log-out = Log out
layout-about = Eslabón: supplier development in vertical networks.
layout-other-language = Español
course-title = How it goes on
course-done = done
list-count = { $number ->
    [one] 1 in all
   *[other] { $number } in all
}
list-find = Search
list-none-such = None is as it is searched for.
list-pages = Pages of the list
list-previous = Previous
list-next = Next
form-error = Error:
form-saved-now = Saved now:
form-saved-choice = saved now
confirm-reason = Reason
confirm-reason-hint = At least ten characters. Whom it concerns will read it.
confirm-cancel = Cancel
problem-page-home = Go to the start page
problem-page-unchanged = Nothing was saved or changed.
problem-page-request = Request number, in case you ask for help:

moment-in-words = { $day }, { $time } ({ $place } time)
moment-in-utc = { $day }, { $time } UTC
day-in-words = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }

# Problems, told to people: what became of the data and what to do.
page-not-found-detail = This page does not exist, or your organisation may not see it. Nothing is lost: go to the start page and come from there.
page-bad-request-detail = The browser sent something that can't be understood. Nothing was saved. Go back and repeat.
page-method-not-allowed-detail = This address is not reached like that. Nothing was saved: go to the start page.
page-version-required-detail = The form lacks the version that you read. Nothing was saved: open the page again.
page-stale-version-detail = Nothing has been saved yet. What you typed is still below, beside what is saved now: check it, and send it again if it still holds.
page-invalid-fields-detail = Nothing has been saved yet. What you typed is still here.
page-too-large-detail = What you sent is too large. Nothing was saved: go back and shorten it.
page-timeout-detail = The page took too long and was cancelled. Nothing was saved: go back and repeat.
problem-cross-site-title = The form did not come from these pages
problem-cross-site-detail = Nothing was saved. Your browser said that the form was sent from another site. Open the page here and send it again.

# Logging in
login-title = Log in
login-lead = With your account's e-mail address and password.
login-email = E-mail address
login-password = Password
login-button = Log in
login-forgotten = I have forgotten my password
forgotten-title = Forgotten password
forgotten-lead = Write the e-mail of your account. We will send you a link with which to choose another password.
forgotten-button = Send the link
forgotten-sent-title = Look at your e-mail
forgotten-sent-lead = If there is an account with that e-mail, a link that works for an hour comes in some minutes.
forgotten-sent-none = Nothing comes? Look among the junk, and check that you wrote the address of your account.
new-password-title = Choose another password
new-password-lead = With it you log in from now on. All your open sessions end, and your API tokens stop working.
new-password-password = New password
new-password-hint = At least ten characters, and not one that everybody uses. Several words do well.
new-password-button = Replace the password
password-replaced-title = Your password has changed
password-replaced-lead = The sessions that were open have ended. Log in with the new password.
invitation-title = Accept the invitation
invitation-lead = { $organisation } invites you to take part.
invitation-new = The invitation is for { $email }. Say your name and choose a password.
invitation-known = The invitation is for { $email }, which has an account already. Write that account's password.
invitation-name = First and last name
invitation-notice = I accept the notice on my personal data
invitation-notice-read = Read the notice
invitation-button = Accept
problem-reset-not-valid-title = The link does not work
problem-reset-not-valid-detail = It does not exist, was used, or its hour is over. Ask for another one.
choice-title = For which organisation are you acting now?
choice-lead = Your account belongs to several. You can change at any time, at the top right.
choice-button = Continue
choice-required = Choose an organisation.
session-over-title = Your session has ended
session-over-lead = Nothing has been saved yet, and nothing that you typed is lost.
session-over-open = Log in again in another tab
session-over-then = Then come back to this one and send the same once more:
session-over-button = Send again
session-over-why = A session ends after 30 minutes without use, or after 12 hours.
logged-out-title = You have logged out
logged-out-lead = Your session on this device is closed.
logged-out-again = Log in again

role-supplier_reader = Supplier: reading
role-supplier_member = Supplier
role-supplier_administrator = Supplier: administration
role-lead_firm_reader = Lead firm: reading
role-lead_firm_member = Lead firm
role-lead_firm_administrator = Lead firm: administration
role-institution_reader = Institution: reading
role-officer = Institution: runs programmes
role-approver = Institution: approves
role-institution_administrator = Institution: administration
form-optional = Optional.
upload-hint = PDF, JPEG, PNG or WebP, up to 10 MB. Where and when a photo was taken is removed.
list-download = Download the list:
list-table-download = Download this table:
list-filter = Filter
list-all = All
layout-done = Done. It is on record under number
layout-session-ends = Your session ends in { $minutes } minutes without use. Nothing that you wrote is lost.
layout-session-stay = Stay logged in
