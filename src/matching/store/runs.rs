//! Runs. The programme's institution sees them, nobody else; of it, its administrators and those who look after every
//! network that the run is about.

use eslabon_solver::{
    Outcome,
    read::{self, Reading},
    write,
};
use sea_orm::{
    ActiveValue::Set, Condition, QueryOrder, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::SelectStatement,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{adoption, facts, feeding, matches};
use crate::{
    foundation::{
        access::{Actor, Kind},
        db::Write,
        http::{
            IfVersion,
            list::{Page, Window},
        },
        ids::{MatchId, ProgrammeId, RunId},
        jobs::NewJob,
        problem::{FieldError, Problem},
    },
    matching::{Adopting, Cause, Failure, Match, Move, NewRun, Run, Scenario, State, Step, jobs},
    programmes::{self, Programme},
};

mod run {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, ProgrammeId, RunId},
        },
        matching::State,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        pub programme_id: ProgrammeId,
        pub name: String,
        pub state: State,
        pub requested_by: AccountId,
        pub rules_version: i64,
        pub scenario: Option<String>,
        pub instance: String,
        pub fingerprint: String,
        pub exchange_rates: Option<String>,
        pub progress: Option<String>,
        pub result: Option<String>,
        pub failure: Option<String>,
        pub cancel_requested: bool,
        pub adopted_at: Option<Timestamp>,
        pub adopted_by: Option<AccountId>,
        pub created_at: Timestamp,
        pub finished_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

/// The same table without the two long texts, which a list or a look at the progress does not need.
mod head {
    use sea_orm::entity::prelude::*;

    use crate::{
        foundation::{
            clock::Timestamp,
            ids::{AccountId, ProgrammeId, RunId},
        },
        matching::State,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        pub programme_id: ProgrammeId,
        pub name: String,
        pub state: State,
        pub requested_by: AccountId,
        pub rules_version: i64,
        pub scenario: Option<String>,
        pub fingerprint: String,
        pub exchange_rates: Option<String>,
        pub progress: Option<String>,
        pub failure: Option<String>,
        pub cancel_requested: bool,
        pub adopted_at: Option<Timestamp>,
        pub adopted_by: Option<AccountId>,
        pub created_at: Timestamp,
        pub finished_at: Option<Timestamp>,
        pub version: i64,
    }

    crate::unrelated!();
}

/// The networks of which a run has requirements.
mod network {
    use sea_orm::entity::prelude::*;

    use crate::foundation::ids::{NetworkId, RunId};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "run_networks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: RunId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub network_id: NetworkId,
    }

    crate::unrelated!();
}

fn visible(actor: &Actor) -> Condition {
    match actor.kind() {
        None if actor.is_system() => Condition::all(),
        Some(Kind::Institution) => Condition::all()
            .add(head::Column::ProgrammeId.in_subquery(programmes::store::seen_by(actor)))
            .add(head::Column::Id.not_in_subquery(about_others(actor))),
        _ => Condition::all().add(Expr::val(false)),
    }
}

/// The runs that are about a network which the actor does not look after.
fn about_others(actor: &Actor) -> SelectStatement {
    network::Entity::find()
        .select_only()
        .column(network::Column::RunId)
        .filter(network::Column::NetworkId.not_in_subquery(programmes::store::networks(actor)))
        .into_query()
}

/// Takes the snapshot and puts the run into the queue.
///
/// # Errors
/// 404 when the actor sees no such programme; 409 when it is not open, when no closed requirement has a lot
/// left, or when figures of suppliers can't be put together (each is named).
pub async fn create(w: &Write, programme: ProgrammeId, new: NewRun) -> Result<Run, Problem> {
    if !w.actor().is_system() && w.actor().kind() != Some(Kind::Institution) {
        return Err(Problem::not_found());
    }
    let programme = programmes::store::hold(w, programme).await?;
    w.in_state(programme.state)?;
    if let Some(network) = new.scenario.network {
        let unknown = || Problem::field("/network", "no-network-to-match");
        match programmes::store::find_network(w.db(), w.actor(), network).await {
            Ok(found) if found.programme == programme.id => {}
            Ok(_) => return Err(unknown()),
            Err(problem) if problem == Problem::not_found() => return Err(unknown()),
            Err(problem) => return Err(problem),
        }
    }
    demand_known(w, &programme, &new.scenario).await?;
    let facts = facts::gather(w, &programme, new.scenario).await?;
    let instance = facts.instance().map_err(facts::refused)?;
    if instance.lots.is_empty() {
        return Err(Problem::conflict("nothing-to-match"));
    }
    let instance = write::to_json(&instance);
    let fingerprint = write::fingerprint(&reading(&instance)?.instance);
    let row = run::Model {
        id: w.new_id(),
        programme_id: programme.id,
        name: new.name,
        state: State::Queued,
        requested_by: w.actor().account,
        rules_version: programme.rules_version,
        scenario: Some(serde_json::to_string(&facts.scenario)?),
        instance,
        fingerprint,
        exchange_rates: Some(serde_json::to_string(&facts.rates)?),
        progress: None,
        result: None,
        failure: None,
        cancel_requested: false,
        adopted_at: None,
        adopted_by: None,
        created_at: w.at(),
        finished_at: None,
        version: 1,
    };
    run::Entity::insert(run::ActiveModel::from(row.clone())).exec_without_returning(w.db()).await?;
    for network_id in &facts.networks {
        let row = network::ActiveModel { run_id: Set(row.id), network_id: Set(*network_id) };
        network::Entity::insert(row).exec_without_returning(w.db()).await?;
    }
    let job =
        NewJob { max_attempts: jobs::JOB_ATTEMPTS, ..NewJob::new(jobs::SOLVE, json!({ "run": row.id })) };
    w.enqueue(job).await?;
    let details = json!({ "programme": programme.id, "rules_version": row.rules_version, "fingerprint": row.fingerprint,
        "scenario": facts.scenario, "exchange_rates": facts.rates });
    w.record("run", row.id, &details).await?;
    row.try_into()
}

/// A cap of its own for a firm that the programme does not know is a mistake, not a cap that does nothing.
async fn demand_known(w: &Write, programme: &Programme, scenario: &Scenario) -> Result<(), Problem> {
    if scenario.caps.is_empty() {
        return Ok(());
    }
    let service = Actor::system(programme.institution);
    let members = async |kind| programmes::store::members(w.db(), &service, programme.id, kind).await;
    let (suppliers, lead_firms) = (members(Kind::Supplier).await?, members(Kind::LeadFirm).await?);
    let mut faults = Vec::new();
    for (at, cap) in scenario.caps.iter().enumerate() {
        let sides = [("supplier", &cap.supplier, &suppliers), ("lead_firm", &cap.lead_firm, &lead_firms)];
        let unknown = sides.into_iter().filter(|(_, firm, members)| !members.contains(*firm));
        faults
            .extend(unknown.map(|(side, ..)| FieldError::new(format!("/caps/{at}/{side}"), "no-such-firm")));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// The stored snapshot as the solver reads it.
pub(super) fn reading(instance: &str) -> Result<Reading, Problem> {
    read::from_json(instance.as_bytes()).map_err(|found| {
        let fault = |problem: eslabon_solver::problem::Problem| {
            FieldError::new(format!("/{}/{}", problem.file, problem.row), "refused-by-solver")
                .with("cause", problem)
        };
        facts::refused(found.into_iter().filter(|problem| !problem.is_warning()).map(fault).collect())
    })
}

/// The run, with the solver's answer.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: RunId) -> Result<Run, Problem> {
    let found = run::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// The run without the solver's answer.
///
/// # Errors
/// 404 when the actor may not see it.
pub async fn glance(db: &impl ConnectionTrait, actor: &Actor, id: RunId) -> Result<Run, Problem> {
    let found = head::Entity::find_by_id(id).filter(visible(actor)).one(db).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

/// A programme's runs, without the solver's answers.
///
/// # Errors
/// 404 when the actor may not see them; 422 for a cursor of another list.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    window: &Window,
) -> Result<Page<Run>, Problem> {
    programmes::store::find(db, actor, programme).await?;
    let query = head::Entity::find().filter(visible(actor)).filter(head::Column::ProgrammeId.eq(programme));
    let Page { items, next, prev } =
        window.fetch(actor, query, head::Column::Id, |row| row.id.0, &programme, db).await?;
    let items = items.into_iter().map(Run::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next, prev })
}

/// A programme's finished runs, the latest first, without the solver's answers.
///
/// # Errors
/// 404 when the actor may not see the programme.
pub async fn finished(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    most: u64,
) -> Result<Vec<Run>, Problem> {
    programmes::store::find(db, actor, programme).await?;
    let query = head::Entity::find()
        .filter(visible(actor))
        .filter(head::Column::ProgrammeId.eq(programme))
        .filter(head::Column::State.eq(State::Finished))
        .order_by_desc(head::Column::Id)
        .limit(most);
    query.all(db).await?.into_iter().map(Run::try_from).collect()
}

/// The snapshot: one JSON document in the solver's public format.
///
/// # Errors
/// 404 when the actor may not see the run.
pub async fn instance(db: &impl ConnectionTrait, actor: &Actor, id: RunId) -> Result<String, Problem> {
    let query =
        run::Entity::find_by_id(id).filter(visible(actor)).select_only().column(run::Column::Instance);
    query.into_tuple().one(db).await?.ok_or_else(Problem::not_found)
}

/// The adopted runs of a programme, the latest first; for the service itself.
///
/// # Errors
/// 404 for everybody else.
pub(super) async fn adopted(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<RunId>, Problem> {
    if !actor.is_system() {
        return Err(Problem::not_found());
    }
    let query = head::Entity::find()
        .filter(head::Column::ProgrammeId.eq(programme))
        .filter(head::Column::AdoptedAt.is_not_null())
        .order_by_desc(head::Column::AdoptedAt)
        .order_by_desc(head::Column::Id)
        .select_only()
        .column(head::Column::Id);
    Ok(query.into_tuple().all(db).await?)
}

async fn hold(w: &Write, id: RunId) -> Result<Run, Problem> {
    let found = head::Entity::find_by_id(id).filter(visible(w.actor())).lock_exclusive().one(w.db()).await?;
    found.ok_or_else(Problem::not_found)?.try_into()
}

async fn update(w: &Write, run: &Run, mut row: head::ActiveModel, state: State) -> Result<Run, Problem> {
    row.id = Set(run.id);
    row.state = Set(state);
    row.version = Set(run.version + 1);
    if state.is_final() && run.finished_at.is_none() {
        row.finished_at = Set(Some(w.at()));
    }
    w.wake(run.id);
    row.update(w.db()).await?.try_into()
}

/// Stops a run: at once while it waits; else the worker stops the solver within two seconds. Doing it again
/// changes nothing.
///
/// # Errors
/// 404 when the actor may not see it; 409 when it has ended otherwise.
pub async fn request_cancel(w: &Write, id: RunId) -> Result<Run, Problem> {
    let run = hold(w, id).await?;
    let state = w.next(run.state, Move::Cancel.from(run.state))?;
    w.record("run", id, &json!({ "state": run.state })).await?;
    if run.cancel_requested {
        return Ok(run);
    }
    let row = head::ActiveModel { cancel_requested: Set(true), ..Default::default() };
    update(w, &run, row, state).await
}

/// What an adoption has done.
pub struct Adopted {
    /// The run.
    pub run: Run,
    /// What it proposes, in the order of its awards.
    pub matches: Vec<Match>,
    /// The undecided matches of other runs that these take the place of.
    pub superseded: Vec<MatchId>,
}

/// Proposes the run's awards as matches, in the name of the actor.
///
/// # Errors
/// 404 when the actor may not see it; 412 for a stale version; 409 when it has not finished, has no awards,
/// was adopted before, was solved under a looser cap or other rules than the programme has now, the programme is not
/// open, the result of a requirement was announced, or other runs' proposals for the same lots are still undecided and no
/// reason is given to supersede them.
pub async fn adopt(
    w: &Write,
    id: RunId,
    version: IfVersion,
    adopting: &Adopting,
) -> Result<Adopted, Problem> {
    let programme = glance(w.db(), w.actor(), id).await?.programme;
    let runs = hold_all(w, programme).await?;
    let held = runs.iter().find(|run| run.id == id).ok_or_else(Problem::not_found)?;
    version.check(held.version)?;
    let state = w.next(held.state, Move::Adopt.from(held.state))?;
    if held.adopted_at.is_some() {
        return Err(Problem::conflict("already-adopted"));
    }
    let found = run::Entity::find_by_id(id).one(w.db()).await?.ok_or_else(Problem::not_found)?;
    let snapshot = reading(&found.instance)?;
    let programme = programmes::store::hold(w, held.programme).await?;
    if programme.state != programmes::State::Open {
        return Err(Problem::conflict("programme-not-open").with("state", programme.state));
    }
    let cap = programme.cap_on(programme.day(w.at()));
    let own_caps = held.scenario.as_ref().map_or(&[][..], |scenario| scenario.caps.as_slice());
    let own_is_looser = own_caps.iter().any(|own| cap.is_some_and(|cap| own.dependency_cap > cap));
    if own_is_looser || adoption::is_looser(snapshot.instance.dependency_cap, cap) {
        return Err(Problem::conflict("looser-than-the-rules"));
    }
    if held.rules_version != programme.rules_version {
        return Err(Problem::conflict("rules-changed")
            .with("then", held.rules_version)
            .with("now", programme.rules_version));
    }
    let run = Run::try_from(found)?;
    let matches = adoption::proposals(w, &run, &snapshot).await?;
    if matches.is_empty() {
        return Err(Problem::conflict("no-awards"));
    }
    let superseded = adoption::supersede(w, &runs, (&run, &matches), adopting.supersede.as_deref()).await?;
    matches::propose(w, &matches).await?;
    let row = head::ActiveModel {
        adopted_at: Set(Some(w.at())),
        adopted_by: Set(Some(w.actor().account)),
        ..Default::default()
    };
    let adopted = update(w, held, row, state).await?;
    let proposed: Vec<_> = matches.iter().map(|found| found.id).collect();
    let details = json!({ "matches": proposed, "fingerprint": run.fingerprint, "superseded": superseded,
        "reason": adopting.supersede });
    w.record("run", id, &details).await?;
    Ok(Adopted { run: Run { outcome: run.outcome, ..adopted }, matches, superseded })
}

/// All runs of a programme, in id order: so its adoptions wait for each other.
async fn hold_all(w: &Write, programme: ProgrammeId) -> Result<Vec<Run>, Problem> {
    let query =
        head::Entity::find().filter(head::Column::ProgrammeId.eq(programme)).order_by_asc(head::Column::Id);
    query.lock_exclusive().all(w.db()).await?.into_iter().map(Run::try_from).collect()
}

/// How a job ends a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// With the solver's answer, as it printed it.
    Answer(String),
    /// Without one, after the last attempt.
    Failure(Cause, String),
    /// Somebody has stopped it.
    Cancelled,
}

/// A worker takes the run up, for the first time or after another worker died. False when there is nothing
/// left to do.
///
/// # Errors
/// What the database said.
pub async fn start(w: &Write, id: RunId, attempt: i32) -> Result<bool, Problem> {
    let run = hold(w, id).await?;
    w.record("run", id, &json!({ "attempt": attempt })).await?;
    let Some(state) = Move::Start.from(run.state) else { return Ok(false) };
    if run.state != state {
        update(w, &run, <head::ActiveModel as Default>::default(), state).await?;
    }
    Ok(true)
}

/// Ends a run. A request to stop it that came in time wins over the answer.
///
/// # Errors
/// 409 when the run has ended already.
pub async fn end(w: &Write, id: RunId, ending: Ending) -> Result<Run, Problem> {
    let run = hold(w, id).await?;
    let ending = if run.cancel_requested { Ending::Cancelled } else { ending };
    let mut row = <head::ActiveModel as Default>::default();
    let step = match &ending {
        Ending::Answer(_) => Move::Finish,
        Ending::Failure(cause, detail) => {
            let failure = Stored { cause: *cause, detail: detail.clone() };
            row.failure = Set(Some(serde_json::to_string(&failure)?));
            Move::Fail
        }
        Ending::Cancelled => Move::Stop,
    };
    let state = w.next(run.state, step.from(run.state))?;
    let mut worths = None;
    if let Ending::Answer(text) = ending {
        worths = Some(feeding::feed(w, &run, &serde_json::from_str(&text)?).await?);
        let answer = run::ActiveModel { id: Set(id), result: Set(Some(text)), ..Default::default() };
        run::Entity::update(answer).exec(w.db()).await?;
    }
    w.record("run", id, &json!({ "state": state, "worths": worths })).await?;
    update(w, &run, row, state).await
}

/// Notes where the solver stands. This is no change of the run: it is not audited, leaves the version alone,
/// and is lost without harm.
///
/// # Errors
/// What the database said.
pub async fn note_progress(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: RunId,
    step: &Step,
) -> Result<(), Problem> {
    head::Entity::update_many()
        .col_expr(head::Column::Progress, Expr::value(serde_json::to_string(step)?))
        .filter(head::Column::Id.eq(id))
        .filter(head::Column::State.eq(State::Running))
        .filter(visible(actor))
        .exec(db)
        .await?;
    Ok(())
}

/// A failure as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    cause: Cause,
    detail: String,
}

fn failure(stored: Option<&str>) -> Result<Option<Failure>, Problem> {
    let Some(stored) = stored else { return Ok(None) };
    let Stored { cause, detail } = serde_json::from_str(stored)?;
    Ok(Some(Failure { cause, detail }))
}

impl TryFrom<head::Model> for Run {
    type Error = Problem;

    fn try_from(row: head::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            programme: row.programme_id,
            name: row.name,
            state: row.state,
            requested_by: row.requested_by,
            rules_version: row.rules_version,
            scenario: row.scenario.as_deref().map(serde_json::from_str).transpose()?,
            fingerprint: row.fingerprint,
            exchange_rates: match row.exchange_rates.as_deref() {
                Some(rates) => serde_json::from_str(rates)?,
                None => Vec::new(),
            },
            progress: row.progress.as_deref().map(serde_json::from_str).transpose()?,
            cancel_requested: row.cancel_requested,
            outcome: None,
            failure: failure(row.failure.as_deref())?,
            adopted_at: row.adopted_at,
            adopted_by: row.adopted_by,
            created_at: row.created_at,
            finished_at: row.finished_at,
            version: row.version,
        })
    }
}

impl TryFrom<run::Model> for Run {
    type Error = Problem;

    fn try_from(row: run::Model) -> Result<Self, Problem> {
        let outcome: Option<Outcome> = row.result.as_deref().map(serde_json::from_str).transpose()?;
        let head = head::Model {
            id: row.id,
            programme_id: row.programme_id,
            name: row.name,
            state: row.state,
            requested_by: row.requested_by,
            rules_version: row.rules_version,
            scenario: row.scenario,
            fingerprint: row.fingerprint,
            exchange_rates: row.exchange_rates,
            progress: row.progress,
            failure: row.failure,
            cancel_requested: row.cancel_requested,
            adopted_at: row.adopted_at,
            adopted_by: row.adopted_by,
            created_at: row.created_at,
            finished_at: row.finished_at,
            version: row.version,
        };
        Ok(Self { outcome, ..Self::try_from(head)? })
    }
}
