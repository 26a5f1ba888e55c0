problem-requirement-incomplete-title = The requirement is incomplete
problem-requirement-incomplete-detail = To publish it, add at least one lot, and a reference price for every lot. Nothing was published.
problem-already-imported-title = It was imported before
problem-already-imported-detail = The programme has a requirement of that reference. Nothing was saved.

field-no-such-programme = Your firm takes part in no programme of this id. Check it, or ask the institution to take your firm in.
field-no-such-network = Your firm belongs to no open network of this programme with this identifier. Check it, or post for the whole programme.
