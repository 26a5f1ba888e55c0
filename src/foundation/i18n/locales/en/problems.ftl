problem-not-found-title = Not found
problem-not-found-detail = It does not exist, or your organisation may not see it. Check the address.
problem-unauthenticated-title = Please identify yourself
problem-unauthenticated-detail = A valid token is missing. Get one with POST /api/v1/tokens and send it as "Authorization: Bearer …".
problem-wrong-credentials-title = We could not identify you
problem-wrong-credentials-detail = E-mail and password do not fit. Check them and try again.
problem-forbidden-title = Your role does not allow it
problem-forbidden-detail = Your role in the organisation does not allow this operation. Ask somebody with another role.
problem-invalid-fields-title = Some data need correcting
problem-invalid-fields-detail = Nothing was saved. Correct the fields named below and send again.
problem-wrong-state-title = Not possible in this state
problem-wrong-state-detail = The present state is "{ $state }"; the operation is possible in: { $allowed }.
problem-stale-version-title = Somebody changed it first
problem-stale-version-detail = What you read is no longer the present version. Nothing was saved: read it again and repeat your change.
problem-version-required-title = The version is missing
problem-version-required-detail = Send "If-Match" with the ETag of what you read, so that nobody's change is overwritten.
problem-malformed-json-title = The JSON can't be read
problem-malformed-json-detail = There is a syntax error in line { $line }, column { $column }.
problem-not-an-object-title = An object was expected
problem-not-an-object-detail = The body must be a JSON object, such as {"{"}"field": "value"{"}"}.
problem-not-json-title = JSON was expected
problem-not-json-detail = Send the body with "Content-Type: application/json".
problem-too-large-title = It is too large
problem-too-large-detail = The body may have at most { $most } bytes. Split it.
problem-malformed-form-title = The form can't be read
problem-malformed-form-detail = The data are not encoded as a form. Go back to the page and send it again.
problem-too-many-fields-title = The form has too many fields
problem-too-many-fields-detail = Nothing was saved: at most { $most } fields are read at once. Divide what you send.
problem-malformed-idempotency-key-title = The idempotency key won't do
problem-malformed-idempotency-key-detail = "Idempotency-Key" must have between 1 and 200 characters.
problem-idempotency-key-reused-title = The idempotency key was used before
problem-idempotency-key-reused-detail = That key came before with other content. Use a new key for another operation.
problem-busy-title = Another write is under way
problem-busy-detail = Nothing was saved. Try again in a moment.
problem-not-ready-title = The service is not ready
problem-not-ready-detail = It is starting or about to stop, or its database does not answer. Try again in a few seconds.
problem-too-many-streams-title = Too many followed at once
problem-too-many-streams-detail = You are following { $most } things at once. Close a page or program that follows something, or wait a moment and try again; ordinary requests have no such limit.
problem-too-many-requests-title = Too many times in a short time
problem-too-many-requests-detail = { $minutes ->
    [one] Nothing was saved. Wait for a minute and try again.
   *[other] Nothing was saved. Wait for { $minutes } minutes and try again.
}
problem-overloaded-title = The service is busy
problem-overloaded-detail = Nothing was saved. Try again in a moment.
problem-database-gone-title = The database does not answer
problem-database-gone-detail = It is not certain that this was saved. Try again in some seconds: with the same “Idempotency-Key” nothing is done twice; without one, look first whether it is done.
problem-storage-full-title = No space is left
problem-storage-full-detail = Nothing was saved: the service has no place for it. Reading works. Tell whoever operates it, and try again later.
problem-bad-request-title = The request can't be understood
problem-bad-request-detail = Check the request against the documentation at /docs.
problem-method-not-allowed-title = Method not allowed
problem-method-not-allowed-detail = This address does not take that method; those that it takes stand in the "Allow" header.
problem-timeout-title = Time ran out
problem-timeout-detail = The operation took too long and was cancelled. Try again.
problem-internal-title = Something of ours failed
problem-internal-detail = Nothing was saved. Try again; if it happens again, tell us the request's number.
problem-buyer-group-of-another-title = Another institution looks after the buyer group
problem-buyer-group-of-another-detail = It would move firms of a buyer group that another institution looks after. That institution sees the declarations of the group's firms: ask it to confirm.
problem-last-administrator-title = The last administrator
problem-last-administrator-detail = Name another administrator first.
problem-no-membership-title = No organisation
problem-no-membership-detail = Your account belongs to no organisation. Ask your administrator to add you.
problem-wrong-kind-title = Another kind of organisation
problem-wrong-kind-detail = That tax id belongs to an organisation of another kind.
problem-lease-lost-title = Another process has taken the job
problem-lease-lost-detail = The result of this attempt is dropped.

field-repeated = It stands there more than once. Send it once.
field-required = This is missing.
field-takes-no-fields = This operation takes no data: send an empty object, or nothing.
field-unknown-cursor = It is no cursor of this list. Start from the first page.
field-unknown-field = There is no such field here. The fields are: { $allowed }.
field-wrong-type = Expected: { $expected ->
    [text] a text
    [number] a whole number
    [boolean] true or false
    [list] a list
    [object] an object
   *[other] { $expected }
}.
field-wrong-length = It must have between { $least } and { $most } characters.
field-out-of-range = It must lie between { $least } and { $most }.
field-too-many = There may be at most { $most }.
field-unknown-word = It must be one of: { $allowed }.
field-not-a-whole-number = Write a whole number, without points or commas.
field-not-a-time = Write a moment such as 2026-03-02T14:00:00Z.
field-not-a-day = Write a day such as 2026-03-02.
field-not-a-currency = Write an ISO 4217 currency code, such as CLP.
field-not-an-amount = Write an amount such as 1234.50: digits, and a point only before the decimals.
field-too-many-decimals = It has more decimals than can be kept.
field-too-large = It is too large.
field-negative = It can't be negative.
field-not-an-id = This is no identifier.
field-not-a-share = Write a share between 0 and 1 with at most six decimals, such as 0.3.
field-not-a-percentage = Write a percentage between 0 and 100 with at most four decimals, such as 30 or 12.5.
field-control-characters = It contains characters that can't be shown.
field-not-an-email = Write an e-mail address such as name@firm.example.
field-not-a-country = Write the country's two-letter code, such as CL.
field-wrong-tax-id = This is no valid tax id of { $country }. Check the digits.
field-tax-id-taken = There is an organisation with this number. If it is yours, ask its administrators for an invitation, or ask for membership with POST /api/v1/membership-requests.
field-email-taken = There is an account with this e-mail address.
field-name-taken = There is one of this name.
field-role-of-another-kind = That role does not exist in this kind of organisation.
field-less-than-to-buyers = It is less than what you state that you sell to lead firms, { $sum } together. Correct this amount, or first what you sell to each.
field-more-than-in-all = With this you would state sales to lead firms of { $sum }, more than your annual sales, { $all }. Correct this amount, or first your annual sales.
field-other-currency = Your figures are in { $currency }; use the same currency.
field-choose-organisation = Your account belongs to several organisations; choose one: { $choice }.

problem-invitation-not-valid-title = The invitation does not work
problem-invitation-not-valid-detail = The invitation does not exist, was used, has expired or was taken back. Ask whoever administers your organisation for another one.
field-member-already = This person belongs to the organisation already.
field-wrong-lei = This is no valid LEI: it has 20 characters, and the last two are check digits.
field-lei-taken = Another organisation has stated this LEI. If it is yours, tell the promoting institution.
field-no-such-buyer-group = It is no buyer group that this can be: name one of your institution's own, or leave it out.
field-buyer-group-there-already = A buyer group of these names is there already. Name it in buyer_group, or another one of your institution.
field-in-no-buyer-group = Your firm is in no buyer group. Say with which firm it is under common control.
field-not-a-unspsc-code = Write a UNSPSC code of eight digits, such as 73181001.
problem-evidence-store-unavailable-title = Files can't be kept now
problem-evidence-store-unavailable-detail = The evidence store does not answer. Nothing was saved: try again in some minutes.
