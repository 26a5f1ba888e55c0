# Consortia at the screen.
consortia-title = Consortia
consortia-lead = Suppliers that offer as one, with their capacity pooled.
consortia-none = There is none.
programme-consortia-why = Offering together with other suppliers.
consortium-new = Form a consortium
consortium-new-lead = Your firm speaks for it and makes the offers. It offers once all who are named have accepted.
consortium-name = Name
consortium-network = Where it offers
consortium-network-hint = In one network alone, or in the whole programme.
consortium-whole = In the whole programme
consortium-members = Members
consortium-members-hint = Your firm is in already. Name the others by their tax ids; whether anybody stands behind one shows when they accept.
consortium-form = Form the consortium
consortium-size = { $count ->
    [one] one firm
   *[other] { $count } firms
}
consortium-state-forming = Forming
consortium-state-ready = Ready to offer
consortium-state-dissolved = Dissolved
consortium-answer-invited = To answer
consortium-answer-accepted = Accepted
consortium-answer-declined = Not in it
consortium-says = Says
consortium-speaker = (speaks for it)
consortium-asked = You are asked in
consortium-asked-why = You accept with the members that you see here. When they change, you are asked again.
consortium-accept = Take part
consortium-leave = Leave the consortium
consortium-remove = Remove
consortium-ask = Ask a firm in
consortium-ask-why = Whoever had accepted answers again.
consortium-ask-button = Ask in
consortium-decline-title = Not take part?
consortium-decline-about = You no longer see the consortium, and it makes no offers until you are replaced. What is approved stands.
consortium-decline-confirm = Not take part
consortium-dissolve-title = Dissolve the consortium?
consortium-dissolve-about = It offers no more, and can’t be formed again. What is approved stands.
consortium-dissolve-confirm = Dissolve
offer-joint = Offer of { $consortium }
offer-joint-title = Offer as a consortium
