//! Runs as they are sent.

use eslabon_solver::{
    Outcome,
    outcome::{Concentration, Development, Price, Status, WhyNot, Worth},
    problem::Problem as Warning,
    solve::Progress,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    foundation::{
        clock::Timestamp,
        http::etag,
        i18n::Locale,
        ids::{AccountId, LotId, NetworkId, OrganisationId, ProgrammeId, RunId},
        share::Share,
    },
    matching::{
        Cause, Failure, Run, Scenario, State, Step,
        scenario::{OwnCap, Ruling},
    },
    programmes::{ExchangeRate, Objective},
};

/// A run of the solver.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub(super) struct RunJson {
    id: RunId,
    programme: ProgrammeId,
    name: String,
    state: State,
    requested_by: AccountId,
    /// Version of the programme's rules in the snapshot.
    rules_version: i64,
    /// What it was asked for beside the snapshot; null for runs from before scenarios were kept.
    scenario: Option<Scenario>,
    /// SHA-256 of the canonical snapshot.
    fingerprint: String,
    /// The rates with which figures in other currencies went into the snapshot.
    exchange_rates: Vec<ExchangeRate>,
    /// Whether somebody has asked to stop it.
    cancel_requested: bool,
    /// Where the solver stands.
    progress: Option<ProgressJson>,
    /// The solver's answer, once finished; left out of lists.
    result: Option<ResultJson>,
    failure: Option<FailureJson>,
    /// When its awards became matches.
    adopted_at: Option<Timestamp>,
    adopted_by: Option<AccountId>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    etag: String,
}

/// Where the solver stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
pub(super) struct ProgressJson {
    /// Grows with every report.
    sequence: i64,
    /// `build`, a tier's name, `publish`, `check`.
    phase: String,
    /// Best value of the tier so far.
    best: Option<f64>,
    /// Proven bound of the tier so far.
    bound: Option<f64>,
    /// Since the start of this attempt.
    seconds: f64,
}

/// Why a run failed.
#[derive(Serialize, ToSchema)]
#[schema(as = RunFailure)]
pub(super) struct FailureJson {
    cause: Cause,
    /// What happened and what to do.
    text: String,
    /// What the solver said, for whoever looks into it.
    detail: String,
}

/// The solver's answer. Amounts are in the programme's currency; shares are decimals with up to nine places.
#[derive(Serialize, ToSchema)]
#[schema(as = RunResult)]
pub(super) struct ResultJson {
    /// `optimal`, `feasible` (time ran out), `infeasible`, `unpublishable`, `interrupted`.
    #[schema(value_type = String)]
    status: Status,
    currency: String,
    tiers: Vec<TierJson>,
    awards: Vec<AwardJson>,
    /// Units that nobody gets.
    unmet: Vec<UnmetJson>,
    /// How much of each supplier's sales hangs on each buyer group, before and after.
    dependency: Vec<DependencyJson>,
    /// How concentrated suppliers' sales are, before and after.
    #[schema(value_type = Vec<Object>)]
    hhi: Vec<Concentration>,
    /// Gaps that the awards need closed, and what that costs.
    #[schema(value_type = Vec<Object>)]
    development: Vec<Development>,
    /// What binding limits cost. The warning W2009 says when time did not suffice for this and the next two.
    #[schema(value_type = Vec<Object>)]
    prices: Vec<Price>,
    /// What closing gaps would be worth.
    #[schema(value_type = Vec<Object>)]
    worth: Vec<Worth>,
    /// Why pairs were not awarded, or got not all of their lot.
    #[schema(value_type = Vec<Object>)]
    why_not: Vec<WhyNot>,
    /// The rules in the way, when there are no awards.
    conflict: Vec<RuleJson>,
    /// The least changes of these rules that would leave an assignment.
    relaxation: Vec<RelaxationJson>,
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<Warning>,
}

/// What one aim reached.
#[derive(Serialize, ToSchema)]
#[schema(as = RunTier)]
struct TierJson {
    name: String,
    value: f64,
    bound: f64,
    gap: f64,
    /// The same of the whole units awarded, exact.
    published: String,
}

/// An award.
#[derive(Serialize, ToSchema)]
#[schema(as = Award)]
struct AwardJson {
    supplier: String,
    lot: String,
    /// The consortium through which the supplier delivers; null: alone.
    consortium: Option<String>,
    quantity: u64,
    share: String,
    amount: String,
    annual_amount: String,
}

/// Units of a lot that nobody gets.
#[derive(Serialize, ToSchema)]
#[schema(as = Unmet)]
struct UnmetJson {
    lot: String,
    quantity: u64,
}

/// A supplier's dependency on a buyer group.
#[derive(Serialize, ToSchema)]
#[schema(as = Dependency)]
struct DependencyJson {
    supplier: String,
    /// The buyer group, or the lead firm that is in none.
    group: String,
    before: Option<String>,
    after: Option<String>,
    cap: Option<String>,
    /// Whether the cap is what keeps the supplier from more.
    binding: bool,
}

/// A rule, by what it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleName)]
struct RuleJson {
    rule: String,
    subject: Vec<String>,
}

/// The least change of a rule that, with the others so changed, leaves an assignment.
#[derive(Serialize, ToSchema)]
#[schema(as = RuleRelaxation)]
struct RelaxationJson {
    rule: String,
    subject: Vec<String>,
    /// In the rule's own unit: units of a lot, an amount, capacity.
    by: f64,
}

/// A decision that the run takes as given.
#[derive(ToSchema)]
#[schema(as = NewRunDecision)]
#[expect(dead_code, reason = "describes what `Decision` reads")]
struct NewDecisionJson {
    supplier: OrganisationId,
    lot: LotId,
    decision: Ruling,
    /// Whole units, where they are fixed.
    quantity: Option<i64>,
    #[schema(example = "Acordado en la mesa técnica")]
    reason: String,
}

/// What to solve.
#[derive(ToSchema)]
#[schema(as = NewRun)]
#[expect(dead_code, reason = "describes what `NewRun` reads")]
pub(super) struct NewRunJson {
    #[schema(example = "Marzo, con el tope del programa")]
    name: String,
    /// Another cap than the programme's, for comparison.
    dependency_cap: Option<Share>,
    /// No cap at all, for comparison.
    without_cap: Option<bool>,
    /// Caps of their own for suppliers and lead firms, for comparison.
    caps: Option<Vec<OwnCap>>,
    /// The requirements of one network only.
    network: Option<NetworkId>,
    /// Other aims than the programme's, most important first.
    objectives: Option<Vec<Objective>>,
    /// Decisions that are taken as given, each with its reason.
    decisions: Option<Vec<NewDecisionJson>>,
    /// Takes what firms declined and the institution rejected as given, too. Approved matches always are.
    decisions_taken: Option<bool>,
}

impl RunJson {
    pub(super) fn new(run: Run, locale: Locale) -> Self {
        let failure = run.failure.map(|Failure { cause, detail }| FailureJson {
            cause,
            text: locale.text(match cause {
                Cause::Refused => "run-failure-instance-refused",
                Cause::Crashed => "run-failure-solver-crashed",
                Cause::WorkersDied => "run-failure-workers-died",
            }),
            detail,
        });
        Self {
            id: run.id,
            programme: run.programme,
            name: run.name,
            state: run.state,
            requested_by: run.requested_by,
            rules_version: run.rules_version,
            scenario: run.scenario,
            fingerprint: run.fingerprint,
            exchange_rates: run.exchange_rates,
            cancel_requested: run.cancel_requested,
            progress: run.progress.map(ProgressJson::from),
            result: run.outcome.map(ResultJson::from),
            failure,
            adopted_at: run.adopted_at,
            adopted_by: run.adopted_by,
            created_at: run.created_at,
            finished_at: run.finished_at,
            etag: etag(run.version),
        }
    }
}

impl From<Step> for ProgressJson {
    fn from(Step { sequence, progress: Progress { phase, best, bound, seconds } }: Step) -> Self {
        Self { sequence, phase, best, bound, seconds }
    }
}

impl From<Outcome> for ResultJson {
    fn from(outcome: Outcome) -> Self {
        let tiers = outcome.tiers.into_iter().map(|tier| TierJson {
            name: tier.name,
            value: tier.value,
            bound: tier.bound,
            gap: tier.gap,
            published: tier.published,
        });
        let awards = outcome.awards.into_iter().map(|award| AwardJson {
            supplier: award.supplier,
            lot: award.lot,
            consortium: award.consortium,
            quantity: award.quantity,
            share: award.share,
            amount: award.amount,
            annual_amount: award.annual_amount,
        });
        let dependency = outcome.dependency.into_iter().map(|row| DependencyJson {
            supplier: row.supplier,
            group: row.group,
            before: row.before,
            after: row.after,
            cap: row.cap,
            binding: row.binding,
        });
        let unmet = outcome.unmet.into_iter().map(|row| UnmetJson { lot: row.lot, quantity: row.quantity });
        let conflict =
            outcome.conflict.into_iter().map(|row| RuleJson { rule: row.rule, subject: row.subject });
        let relaxation = outcome.relaxation.into_iter().map(|row| RelaxationJson {
            rule: row.rule.rule,
            subject: row.rule.subject,
            by: row.by,
        });
        Self {
            status: outcome.status,
            currency: outcome.currency,
            tiers: tiers.collect(),
            awards: awards.collect(),
            unmet: unmet.collect(),
            dependency: dependency.collect(),
            hhi: outcome.hhi,
            development: outcome.development,
            prices: outcome.prices,
            worth: outcome.worth,
            why_not: outcome.why_not,
            conflict: conflict.collect(),
            relaxation: relaxation.collect(),
            warnings: outcome.warnings,
        }
    }
}
