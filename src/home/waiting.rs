//! What waits for whoever has logged in, put together from what each stage says waits for them.

use crate::{
    contracts,
    foundation::{
        Base,
        access::{Actor, Operation},
        clock::Timestamp,
        problem::Problem,
    },
    gaps, matching, monitoring,
    notices::Reminder,
    objections, plans, programmes, requirements,
};

/// Things of one sort that wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The key of the text that says what is to be done; with `-why` behind it, of the one that says why.
    pub text: &'static str,
    /// Where it is done: the one that has waited longest, or all of them where they share a page.
    pub address: String,
    /// How many there are.
    pub count: usize,
}

/// What waits, the most urgent first.
struct Found<'a> {
    actor: &'a Actor,
    tasks: Vec<Waiting>,
}

impl Found<'_> {
    /// Adds what waits under an address where one operation is done, when the actor may do it.
    fn add<O: Operation>(&mut self, text: &'static str, place: &str, ids: &[impl std::fmt::Display]) {
        let Some(first) = ids.first().filter(|_| self.actor.may::<O>().is_ok()) else { return };
        self.tasks.push(Waiting { text, address: format!("/{place}/{first}"), count: ids.len() });
    }

    /// The same for what stands together on one page.
    fn add_all<O: Operation>(&mut self, text: &'static str, address: &str, count: usize) {
        if count > 0 && self.actor.may::<O>().is_ok() {
            self.tasks.push(Waiting { text, address: address.to_owned(), count });
        }
    }
}

/// What waits for the actor, the most urgent first: what holds up others, then what has a day, then what has none.
///
/// # Errors
/// What the database said.
pub async fn waiting(base: &Base, actor: &Actor, at: Timestamp) -> Result<Vec<Waiting>, Problem> {
    let db = base.db.reads();
    let today = at.day();
    let soon = today.plus_days(Reminder::Action.days());
    let mut found = Found { actor, tasks: Vec::new() };

    let filed = objections::store::to_handle(db, actor).await?;
    found.add::<objections::Review>("home-objections", "objections", &filed);

    let acts = gaps::store::acts::waiting(db, actor).await?;
    found.add::<gaps::acts::Answer>("home-acts-answer", "gap-acts", &acts.to_answer);
    found.add::<gaps::acts::Sign>("home-acts-sign", "gap-acts", &acts.to_sign);

    let plans = plans::store::waiting(db, actor, soon).await?;
    found.add::<plans::Propose>("home-plans-propose", "plans", &plans.to_propose);
    found.add::<plans::Sign>("home-plans-sign", "plans", &plans.to_sign);

    let contracts = contracts::store::waiting(db, actor, today).await?;
    found.add::<contracts::Sign>("home-contracts-sign", "contracts", &contracts.to_sign);

    let questions = requirements::store::to_answer(db, actor).await?;
    found.add::<requirements::questions::Answer>("home-questions", "questions", &questions);

    let calls = programmes::store::calls::waiting(db, actor, at).await?;
    found.add::<programmes::calls::Confirm>("home-commitments", "commitments", &calls.to_commit);
    found.add::<programmes::calls::Propose>("home-calls", "calls", &calls.to_propose);
    found.add::<programmes::calls::Evaluate>("home-evaluate", "proposals", &calls.to_evaluate);
    found.add::<programmes::calls::Decide>("home-decide", "proposals", &calls.to_decide);

    found.add::<plans::RecordProgress>("home-plans-due", "plans", &plans.to_carry_out);
    found.add::<contracts::RecordDelivery>("home-deliveries", "contracts", &contracts.to_confirm);
    found.add::<contracts::RecordPayment>("home-payments", "contracts", &contracts.to_confirm);

    let asked = monitoring::store::asked_of(db, actor).await?.len();
    found.add_all::<monitoring::AnswerMeasurement>("home-measurements", "/measurements?state=asked", asked);

    let settled = matching::store::matches::settled(db, actor).await?;
    found.add::<requirements::Announce>("home-results", "requirements", &settled);
    Ok(found.tasks)
}
