//! Eslabón: supplier development in vertical networks, with a cap on dependency.
//!
//! A few large buyers, many small suppliers, and an institution that wants the small ones to grow with
//! the large ones without belonging to them. This is the map, in the order in which data flows; each
//! module opens with its own short essay.
//!
//! 1. [`organisations`]: who takes part. Firms and institutions, people and their roles, which buyers are
//!    under common control and so count as one; what a supplier sells, to whom, what it can make and how much,
//!    and whom it lets see that.
//! 2. [`programmes`]: under which rules. An institution sets the *dependency cap* (the largest share of a
//!    supplier's sales that may come from one buyer group), the allowance for beginners, the thresholds of
//!    the traffic light; it takes firms in and signs waivers. Within a programme, networks select their
//!    suppliers, and suppliers form consortia. Institutions steer it, coordinate it and execute in it, with
//!    funds that are competed for in calls and used by projects.
//! 3. [`requirements`]: what is needed. A lead firm posts lots, with quantities and prices, and criteria;
//!    suppliers may put sealed prices on the lots.
//! 4. [`diagnostics`]: what a firm can do. Suppliers and lead firms answer a versioned instrument, one
//!    question at a time; verifiers answer beside them.
//! 5. [`gaps`]: what is missing between 3 and 4, criterion by criterion, and the light that follows: green,
//!    yellow or red. Both sides agree on it in a gap act: lines disputed and settled, closing actions, signatures.
//! 6. [`plans`]: how gaps are closed. Objectives and actions that both sides sign, who pays, progress, visits.
//! 7. [`matching`]: who could serve what. A run freezes all of the above into an instance, lets
//!    `eslabon_solver` solve it in a child process, and keeps awards, dependency before and after, and what
//!    nobody gets. An adopted run's awards are proposed as matches.
//! 8. [`approvals`]: what becomes of it. Supplier and lead firm accept, the institution approves, and at
//!    the commit of every approval the cap holds on what is approved.
//! 9. [`contracts`]: what is kept of it. Both firms sign, the contract enters the sales ledger; deliveries,
//!    payments and a scorecard that invents nothing follow.
//! 10. [`objections`]: what firms say against decisions. Another officer upholds or dismisses it, and what is upheld
//!     undoes the decision where it can.
//! 11. [`monitoring`]: what it changes. Indicators at a baseline and a year or two later, unknown where nobody knows;
//!     nothing is told of fewer than five firms.
//! 12. [`exchange`]: data from elsewhere, such as public procurement records, enters as all of the above.
//! 13. [`webhooks`] and [`notices`]: what programs and people are told of what others have done, from the outbox.
//! 14. [`personal`]: what is kept of people, which they read, correct and have erased.
//! 15. [`trail`]: what was done, in a log of which nobody can change, move or leave out an entry unnoticed.
//! 16. [`home`]: what each role sees first.
//!
//! Data rises through that list and nothing calls upwards. Under all of it lies [`foundation`]: who may do
//! what, the one way to write, the trail, jobs, HTTP, pages, texts, money. Above all of it, [`app`] puts
//! routers and workers together and [`cli`] is the command line.
//!
//! What it stands on and why the parts are cut this way: `ARCHITECTURE.md`.

pub mod app;
pub mod approvals;
pub mod cli;
pub mod contracts;
pub mod diagnostics;
pub mod exchange;
pub mod foundation;
pub mod gaps;
pub mod home;
pub mod matching;
pub mod monitoring;
pub mod notices;
pub mod objections;
pub mod organisations;
pub mod personal;
pub mod plans;
pub mod programmes;
pub mod requirements;
pub mod trail;
pub mod webhooks;
