//! How plans are shown and sent.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        figure::Figure,
        http::{Reply, etag},
        ids::{OrganisationId, PlanActionId, PlanEntryId, PlanId, ProgrammeId, RequirementId},
        money::Money,
        problem::Problem,
    },
    gaps::{
        Outcome,
        closing::{Closing, Parts},
        signing::{Party, Signature},
        store::worth::Worths,
    },
    plans::{
        Grounds, Plan, Progress, State, Visit,
        content::{Action, Objective},
        store::Standing,
        suggestion::{Suggested, Suggestion},
    },
    programmes::Cofinancing,
    requirements::criteria::Criterion,
};

/// An improvement plan.
#[derive(Serialize, ToSchema)]
#[schema(as = Plan)]
pub(super) struct PlanJson {
    pub id: PlanId,
    programme: ProgrammeId,
    requirement: RequirementId,
    lead_firm: OrganisationId,
    supplier: OrganisationId,
    /// As what one takes part.
    you_are: Party,
    state: State,
    /// The gap act on which it rests, as it was agreed.
    grounds: Grounds,
    objectives: Vec<Objective>,
    actions: Vec<ActionJson>,
    /// What it costs together, by who pays.
    cost: Parts,
    /// The criteria that it is to fulfil and that the lead firm has amended since; the plan is void until it is
    /// changed.
    amended: Vec<Criterion>,
    /// Why it was abandoned.
    reason: Option<String>,
    visits: Vec<VisitJson>,
    /// Every signature that was ever given, the oldest first.
    signatures: Vec<SignatureJson>,
    /// SHA-256 of what one signs: send it with the signature.
    hash: String,
    created_at: Timestamp,
    #[schema(example = "\"3\"")]
    etag: String,
}

/// An action.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanAction)]
struct ActionJson {
    id: PlanActionId,
    /// The criterion that it is to fulfil, as it was demanded.
    criterion: Option<Criterion>,
    /// Who carries it out.
    owner: Party,
    #[serde(flatten)]
    closing: Closing,
    /// What each pays.
    parts: Parts,
    /// What the last run under the programme's rules found closing the gap worth: what more of the lots, at reference
    /// prices, would be covered. For the institution alone: it measures others too. Null while no run has.
    worth: Option<Money>,
    due_on: Day,
    /// What will show that it is done.
    evidence: Option<String>,
    /// How much of it is done, 0…100.
    percent: i32,
    /// How far it was, the oldest entry first.
    progress: Vec<ProgressJson>,
}

/// How far an action was on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanProgress)]
struct ProgressJson {
    id: PlanEntryId,
    percent: i32,
    as_of: Day,
    note: String,
    /// Where it can be seen.
    evidence: Option<String>,
    recorded_by: Party,
    recorded_at: Timestamp,
}

/// A visit to the supplier.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanVisit)]
struct VisitJson {
    id: PlanEntryId,
    visited_on: Day,
    findings: String,
    next_on: Option<Day>,
    recorded_by: Party,
    recorded_at: Timestamp,
}

/// A signature, and whether it still holds.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanSignature)]
struct SignatureJson {
    #[serde(flatten)]
    signature: Signature,
    /// Whether what was signed is what stands there now.
    holds: bool,
}

impl From<&Progress> for ProgressJson {
    fn from(entry: &Progress) -> Self {
        Self {
            id: entry.id,
            percent: entry.percent,
            as_of: entry.as_of,
            note: entry.note.clone(),
            evidence: entry.evidence.clone(),
            recorded_by: entry.recorded_by,
            recorded_at: entry.recorded_at,
        }
    }
}

impl From<Visit> for VisitJson {
    fn from(visit: Visit) -> Self {
        Self {
            id: visit.id,
            visited_on: visit.visited_on,
            findings: visit.findings,
            next_on: visit.next_on,
            recorded_by: visit.recorded_by,
            recorded_at: visit.recorded_at,
        }
    }
}

impl ActionJson {
    fn of(action: &Action, plan: &Plan, worths: &Worths) -> Self {
        let own = plan.progress.iter().filter(|entry| entry.action == action.id);
        Self {
            id: action.id,
            criterion: action.criterion.clone(),
            owner: action.owner,
            closing: action.closing.clone(),
            parts: action.parts(),
            worth: action.criterion.as_ref().and_then(|criterion| worths.get(&criterion.question).copied()),
            due_on: action.due_on,
            evidence: action.evidence.clone(),
            percent: plan.percent_of(action.id),
            progress: own.map(ProgressJson::from).collect(),
        }
    }
}

pub(super) fn shown(standing: Standing, actor: &Actor) -> PlanJson {
    let you_are = standing.party(actor);
    let Standing { plan, state, hash, currency, amended, worths, version } = standing;
    let actions = plan.content.actions.iter().map(|action| ActionJson::of(action, &plan, &worths)).collect();
    let holds = !matches!(state, State::Draft | State::Void);
    PlanJson {
        id: plan.id,
        programme: plan.programme,
        requirement: plan.requirement,
        lead_firm: plan.lead_firm,
        supplier: plan.supplier,
        you_are,
        state,
        actions,
        cost: plan.content.cost(currency),
        grounds: plan.content.grounds,
        objectives: plan.content.objectives,
        amended,
        reason: plan.reason,
        visits: plan.visits.into_iter().map(VisitJson::from).collect(),
        signatures: plan
            .signatures
            .into_iter()
            .map(|signature| SignatureJson { holds: holds && signature.hash == hash, signature })
            .collect(),
        hash,
        created_at: plan.created_at,
        etag: etag(version),
    }
}

pub(super) fn answered(standing: Standing, actor: &Actor) -> Result<Reply, Problem> {
    let version = standing.version;
    Ok(Reply::ok(&shown(standing, actor))?.version(version))
}

/// What a plan could be: send `objectives` and `actions` to draw it up.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanSuggestion)]
pub(super) struct SuggestionJson {
    supplier: OrganisationId,
    objectives: Vec<Objective>,
    /// One for each gap, the most worthwhile first.
    actions: Vec<SuggestedJson>,
    /// Why each action stands where it does, in the same order.
    why: Vec<WhyJson>,
}

/// A suggested action, as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = SuggestedPlanAction)]
struct SuggestedJson {
    question: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    owner: Party,
    #[serde(flatten)]
    closing: Closing,
    due_on: Day,
}

/// Why an action stands where it does.
#[derive(Serialize, ToSchema)]
#[schema(as = WhySuggested)]
struct WhyJson {
    question: String,
    outcome: Outcome,
    /// Criticality × gap; null while nobody can tell.
    priority: Option<Figure>,
    /// What the last run under the programme's rules found closing it worth: what more of the lots, at reference prices,
    /// would be covered. For the institution alone: it measures others too.
    /// Null while no run has.
    worth: Option<Money>,
    /// Whether cost and months come from the gap act; else they are to be filled in.
    is_costed: bool,
}

/// What a gap is worth depends on who else could serve the lots: firms see the order alone.
pub(super) fn suggested(supplier: OrganisationId, suggestion: Suggestion, actor: &Actor) -> SuggestionJson {
    let sees_worth = !matches!(actor.kind(), Some(Kind::Supplier | Kind::LeadFirm));
    let why = suggestion.actions.iter().map(|action| WhyJson {
        question: action.criterion.question.clone(),
        outcome: action.outcome,
        priority: action.priority,
        worth: action.worth.filter(|_| sees_worth),
        is_costed: action.is_costed,
    });
    let why = why.collect();
    let as_sent = |action: Suggested| SuggestedJson {
        question: action.criterion.question,
        group: action.criterion.group,
        owner: action.owner,
        closing: action.closing,
        due_on: action.due_on,
    };
    SuggestionJson {
        supplier,
        objectives: suggestion.objectives,
        actions: suggestion.actions.into_iter().map(as_sent).collect(),
        why,
    }
}

/// A plan to draw up.
#[derive(ToSchema)]
#[schema(as = NewPlan)]
#[expect(dead_code, reason = "describes what `NewPlan` reads")]
pub(super) struct NewPlanJson {
    /// The supplier; a supplier may leave it out.
    supplier: Option<OrganisationId>,
    #[schema(max_items = 50)]
    objectives: Option<Vec<Objective>>,
    #[schema(max_items = 200)]
    actions: Option<Vec<NewActionJson>>,
}

/// What a plan is to say.
#[derive(ToSchema)]
#[schema(as = PlanContent)]
#[expect(dead_code, reason = "describes what `NewContent` reads")]
pub(super) struct NewContentJson {
    #[schema(max_items = 50)]
    objectives: Option<Vec<Objective>>,
    #[schema(max_items = 200)]
    actions: Option<Vec<NewActionJson>>,
}

/// An action of a plan.
#[derive(ToSchema)]
#[schema(as = NewPlanAction)]
#[expect(dead_code, reason = "describes what `NewAction` reads")]
struct NewActionJson {
    /// The action that it replaces, whose progress goes on.
    id: Option<PlanActionId>,
    /// The question of the criterion that it is to fulfil.
    #[schema(max_length = 80)]
    question: Option<String>,
    /// The group of that criterion, where the question stands in several.
    #[schema(max_length = 40)]
    group: Option<String>,
    /// Who carries it out.
    owner: Party,
    #[schema(min_length = 3, max_length = 2000)]
    description: String,
    /// In the programme's currency.
    cost: Money,
    #[schema(minimum = 0, maximum = 60)]
    months: i64,
    /// Who pays; default: the programme's co-financing, where it has one.
    split: Option<Cofinancing>,
    /// What the lead firm's own people contribute.
    #[schema(min_length = 3, max_length = 2000)]
    technical_assistance: Option<String>,
    due_on: Day,
    /// What will show that it is done.
    #[schema(min_length = 3, max_length = 500)]
    evidence: Option<String>,
}
