problem-programme-not-open-title = The programme is not open
problem-programme-not-open-detail = The programme's state is "{ $state }". Wait until its institution opens it, or choose another programme.

field-yellow-above-green = The yellow threshold can't be above the green one.
field-ends-before-start = The last day can't be before the first.
field-not-the-programmes-currency = The amounts of this programme are in { $currency }; use that currency.
field-no-such-firm = We found no such supplier or lead firm. Check what you wrote, or ask the firm to register.
field-not-a-member = This is no supplier or lead firm of the programme. Take the firm in first.
field-in-the-past = This day has passed. Write today or a later day.

problem-network-closed-title = The network is closed
problem-network-closed-detail = Nobody joins this network any more. Ask the promoting institution for another one.
problem-no-open-call-title = There is no open call
problem-no-open-call-detail = One can apply to this network with an invitation only. Ask the promoting institution for it.

field-not-a-time-zone = Write a time zone of the IANA database, such as America/Santiago.
field-twice = It stands there twice. Leave one.
field-zero = It can't be zero.
field-shares-not-one = The three shares must sum to 1.
field-glide-path-rises = The cap can't rise from one year to the next. Write a share at most as large as the one before.
field-cap-beside-glide-path = The glide path takes the place of the cap and ends at { $last }. Leave the cap out.
field-objectives-without-coverage = Coverage is missing among the objectives: without it, buying nothing would be the cheapest.
field-the-programmes-own-currency = { $currency } is the programme's own currency. Write other ones only.

problem-not-the-speaker-title = Another firm speaks for the consortium
problem-not-the-speaker-detail = Only the firm that formed the consortium decides who is in it and offers for it. Ask it.
problem-the-speaker-dissolves-title = Your firm speaks for the consortium
problem-the-speaker-dissolves-detail = Whoever formed the consortium neither accepts nor leaves it: it can dissolve it.
problem-consortium-dissolved-title = The consortium was dissolved
problem-consortium-dissolved-detail = There is nothing to answer any more. Form another one if you need it.
problem-consortium-not-ready-title = The consortium is not ready
problem-consortium-not-ready-detail = Its state is "{ $state }". A consortium offers once all its members have accepted: ask them to answer.
problem-consortium-elsewhere-title = The consortium bids elsewhere
problem-consortium-elsewhere-detail = A consortium offers only in the programme, and where it has one in the network, in which it was formed. Form another one where this lot is.
field-not-in-the-consortium = It is not in the consortium, or it is the firm that speaks for it.
problem-not-a-participant-title = Your organisation is no part of this meeting
problem-not-a-participant-detail = You see it because you look after the network; the minutes belong to those who take part. Nothing was saved.
problem-nothing-to-confirm-here-title = There is nothing to confirm
problem-nothing-to-confirm-here-detail = Your organisation has confirmed the minutes already, or they say that it did not come. If that is not so, write the minutes anew.
problem-promised-by-another-title = Another organisation promised it
problem-promised-by-another-detail = Whoever promised it says that it is done. Nothing was saved.
problem-agreement-done-title = It is done already
problem-agreement-done-detail = It was said to be done on { $day }. Nothing was saved.
field-no-such-participant = This is no organisation of the network that can take part here, or it is named twice.
field-own-attendance-missing = Whoever came writes the minutes: add your organisation.
