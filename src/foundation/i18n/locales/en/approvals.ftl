problem-already-accepted-title = Your firm has accepted already
problem-already-accepted-detail = The other firm's answer or the institution's decision is still to come. You need not do anything more.
problem-own-proposal-title = You proposed this match
problem-own-proposal-detail = Nobody approves what they proposed. Ask somebody else with the approver's role to look at it.
problem-lot-already-covered-title = The lot is covered already
problem-lot-already-covered-detail = With this approval the lot “{ $lot }” would have { $units } units approved and asks for { $quantity } only. Reject what is too much.
problem-dependency-cap-exceeded-title = Over the dependency cap
problem-dependency-cap-exceeded-detail = With this approval the supplier's annual sales to { $lead-firm } and its group would be { $left }, and the rule allows { $right } (dependency { $share } %, cap { $cap } %). Nothing was approved. Approve other matches of the supplier first or together with this one, or reject it.
problem-other-currency-in-position-title = The supplier has figures in another currency
problem-other-currency-in-position-detail = There are figures in { $found } and the programme uses { $expected }, so that the rule on dependency can't be checked. Ask the supplier to state its sales in that currency.

field-over-the-cap = This match exceeds the supplier's dependency cap.
field-named-twice = A match is named twice.
field-not-an-etag = Send the ETag that you read, with its quotation marks.
