//! A call for projects: a local corporation proposes a network with a lead firm's commitment, two people evaluate it, a
//! third one decides, and the first milestone is paid.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Failure, PASSWORD,
    caller::{Answer, Caller, text},
    case::{Case, Person},
    chain::Network,
};
use crate::{
    cli::user,
    foundation::{
        Base,
        access::{Kind, Role},
        i18n::Locale,
    },
    organisations::{NewPerson, tax_id::TaxId},
};

/// How long the call is open, and how long the demo waits for that.
const OPEN: i64 = 3_600;
/// How much earlier the case begins for it.
pub(super) const SECONDS: i64 = 2 * OPEN;

/// The call, as it stands in `call.json`. Its people and figures are fictional, too.
#[derive(Deserialize)]
struct CallCase {
    executor: Executor,
    lead_firm: String,
    funds: Value,
    coordination: Value,
    terms: Value,
    proposal: Value,
    commitment: Value,
    evaluations: Vec<Value>,
    decision: Value,
    report: Value,
}

#[derive(Deserialize)]
struct Executor {
    name: String,
    tax_id: String,
    person: Person,
    statement: String,
}

/// What became of the call.
pub(super) struct Held {
    pub title: String,
    pub executor: String,
    pub points: String,
    pub committed: Value,
    pub disbursed: Value,
}

/// A step with the version that is there now.
async fn step(caller: &Caller, read: &str, path: &str, body: Value) -> Result<Answer, Failure> {
    let etag = caller.get(read).await?.etag;
    caller.post_if(path, &etag, body).await
}

/// The corporation, which executes in the programme once it has accepted.
async fn executor(
    base: &Base,
    case: &Case,
    terms: &Executor,
    network: &Network,
    nobody: &Caller,
) -> Result<Caller, Failure> {
    let tax_id = TaxId::parse(case.country.parse()?, &terms.tax_id).map_err(|fault| fault.0)?;
    let person = NewPerson {
        email: terms.person.email.clone(),
        name: terms.person.name.clone(),
        password: PASSWORD.to_owned(),
        locale: Locale::Es,
    };
    let role = Role::InstitutionAdministrator;
    user::open(base, Kind::Institution, tax_id, Some(terms.name.clone()), &person, role)
        .await
        .map_err(|problem| user::said(&problem))?;
    let caller = nobody.log_in(&person.email, PASSWORD).await?;
    let body = json!({
        "institution": caller.get("/me").await?.text("organisation/id"), "function": "execution",
        "statement": terms.statement,
    });
    let path = format!("/programmes/{}/appointments", network.programme);
    let appointment = format!("/appointments/{}", network.approver.post(&path, body).await?.text("id"));
    step(&caller, &appointment, &format!("{appointment}/accept"), json!({})).await?;
    Ok(caller)
}

pub(super) async fn hold(
    base: &Base,
    case: &Case,
    network: &Network,
    nobody: &Caller,
) -> Result<Held, Failure> {
    let terms: CallCase = serde_json::from_str(include_str!("call.json"))?;
    let programme = format!("/programmes/{}", network.programme);
    let executor = executor(base, case, &terms.executor, network, nobody).await?;
    network.approver.post(&format!("{programme}/fund-entries"), terms.funds.clone()).await?;
    let coordination = format!("{programme}/coordination");
    network.officer.put_if(&coordination, "\"0\"", terms.coordination.clone()).await?;

    let mut body = terms.terms.clone();
    body["closes_at"] = json!(base.clock.now().plus_seconds(OPEN));
    let call =
        format!("/calls/{}", network.officer.post(&format!("{programme}/calls"), body).await?.text("id"));
    let evaluators = [&network.officer, &network.administrator];
    for evaluator in evaluators {
        let email = evaluator.get("/me").await?.text("account/email");
        network.officer.post(&format!("{call}/evaluators"), json!({ "email": email })).await?;
    }
    step(&network.approver, &call, &format!("{call}/open"), json!({})).await?;

    let lead_firm = network.lead_firm(&terms.lead_firm)?;
    let mut body = terms.proposal.clone();
    body["lead_firms"] = json!([lead_firm.id]);
    let written = executor.post(&format!("{call}/proposals"), body).await?;
    let proposal = format!("/proposals/{}", written.text("id"));
    let commitment = format!("/commitments/{}", written.text("commitments/0/id"));
    step(&lead_firm.caller, &commitment, &format!("{commitment}/confirm"), terms.commitment.clone()).await?;
    step(&executor, &proposal, &format!("{proposal}/submit"), json!({})).await?;

    // The call closes, by itself.
    base.clock.advance(SECONDS);
    for (evaluator, scores) in evaluators.into_iter().zip(&terms.evaluations) {
        evaluator.post(&format!("{proposal}/evaluations"), scores.clone()).await?;
    }
    step(&network.officer, &call, &format!("{call}/finish-evaluation"), json!({})).await?;
    let ranking = network.officer.get(&format!("{call}/ranking")).await?;
    step(&network.approver, &proposal, &format!("{proposal}/decision"), terms.decision.clone()).await?;

    let project = format!("/projects/{}", text(&executor.get("/projects").await?.body, "items/0/id"));
    let first = format!("{project}/milestones/1");
    step(&executor, &project, &format!("{first}/report"), terms.report.clone()).await?;
    step(&network.officer, &project, &format!("{first}/accept"), json!({})).await?;
    let paid = step(&network.approver, &project, &format!("{first}/disburse"), json!({})).await?;
    Ok(Held {
        executor: terms.executor.name,
        title: text(&terms.proposal, "title"),
        points: ranking.text("items/0/points"),
        committed: paid.body["committed"].clone(),
        disbursed: paid.body["disbursed"].clone(),
    })
}
