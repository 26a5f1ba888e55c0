//! What a firm is told about its own side of a run: a lead firm about its lots, a supplier about its limits.

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        http::{Key, Reply},
        i18n::Locale,
        ids::{LotId, OrganisationId, ProgrammeId},
        money::{Currency, Money},
        problem::Problem,
    },
    matching::{
        AskWhyUnmet, SeeOwnLimits,
        own_limits::{OwnGap, OwnLimit, OwnLimits},
        store::explaining::{self, WhyUnmet},
        why_unmet::Obstacle,
    },
    organisations::{consents::Purpose, reading_log},
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(ask_why_unmet)).routes(routes!(own_limits))
}

/// How a lot of one's own fared, and what stood in the way of the rest of it.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyUnmet)]
struct WhyUnmetJson {
    lot: LotId,
    /// Units that the run awarded.
    awarded: i64,
    /// Units that nobody got.
    unmet: i64,
    /// What stood in the way; empty where nothing is left.
    reasons: Vec<ObstacleJson>,
}

/// Something that stood in the way of a lot, for one candidate or more.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyUnmetReason)]
struct ObstacleJson {
    code: Obstacle,
    /// The same in words, with what to do.
    text: String,
    /// The rule's name, for `rule`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// Of the suppliers for which it holds, those that let one see it: for `gaps` their gaps, for the others their
    /// profile. Who else there is, and how many, is not told.
    suppliers: Vec<OrganisationId>,
}

impl WhyUnmetJson {
    fn new(lot: LotId, told: WhyUnmet, locale: Locale) -> Self {
        let reason = |(code, rule, suppliers): (Obstacle, Option<String>, Vec<OrganisationId>)| {
            ObstacleJson { code, text: locale.text(code.said()), rule, suppliers }
        };
        let reasons = told.obstacles.into_iter().map(reason).collect();
        Self { lot, awarded: told.awarded, unmet: told.unmet, reasons }
    }
}

/// Asks what stood in the way of a lot of one's own in the run that was adopted last: the kinds of rule, as codes,
/// and nothing that measures other buyers, or suppliers that have not consented.
#[utoipa::path(
    get, path = "/lots/{id}/why-unmet", operation_id = "lots_why_unmet", tag = "matching",
    params(("id" = LotId, Path)), responses((status = OK, body = WhyUnmetJson))
)]
async fn ask_why_unmet(
    Shared(base): Shared<Base>,
    may: May<AskWhyUnmet>,
    Key(lot): Key<LotId>,
) -> Result<Reply, Problem> {
    let locale = may.actor().locale;
    Reply::ok(&WhyUnmetJson::new(lot, tell_why_unmet(&base, may, lot).await?, locale))
}

/// What stood in the way, with a note in the log of each supplier that is named.
///
/// # Errors
/// 404 unless it is a lot of the actor's own lead firm; 409 while no run about it has been adopted.
pub(in crate::matching) async fn tell_why_unmet(
    base: &Base,
    may: May<AskWhyUnmet>,
    lot: LotId,
) -> Result<WhyUnmet, Problem> {
    let told = explaining::why_unmet_mine(base.db.reads(), may.actor(), lot).await?;
    let read = |purpose| told.named(purpose).into_iter().map(|firm| (firm, lot.0)).collect();
    let named = vec![(Purpose::Gaps, read(Purpose::Gaps)), (Purpose::Profile, read(Purpose::Profile))];
    reading_log::note_all(base, may, "why_unmet", named).await?;
    Ok(told)
}

/// What one's own limits cost and one's own gaps are worth, in the run that was adopted last. Amounts are coverage:
/// what more of the programme's lots, at reference prices and times their importance, would be awarded.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnLimits)]
struct OwnLimitsJson {
    currency: Currency,
    /// One's own limits that keep one from more.
    limits: Vec<OwnLimitJson>,
    /// One's own gaps that keep one from lots.
    gaps: Vec<OwnGapJson>,
    /// Whether the solver had time for everything; else nulls and missing rows are what it did not reach.
    complete: bool,
}

/// A limit of one's own that binds.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnLimit)]
struct OwnLimitJson {
    /// `dependency` or `capacity`.
    code: String,
    /// The same in words.
    text: String,
    /// The buyer group, for `dependency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_group: Option<String>,
    /// The process, for `capacity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<String>,
    /// By how much it was moved each way to find out: percent points of a cap, percent of a capacity.
    step: String,
    /// Change of coverage with one percent point (percent) less.
    tighter: Option<Money>,
    /// Change of coverage with one percent point (percent) more.
    looser: Option<Money>,
}

/// A gap of one's own.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnGap)]
struct OwnGapJson {
    /// The action of one's plan that closes it; null where it stands in none.
    action: Option<String>,
    /// The questions of the criteria that keep one red and stand in no plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<String>,
    /// What the programme pays for it; null where nobody has said.
    cost: Option<Money>,
    /// The lots that it would open.
    lots: Vec<String>,
    /// Coverage with the gap closed, less without.
    worth: Option<Money>,
}

impl OwnLimitsJson {
    fn new(own: OwnLimits, locale: Locale) -> Self {
        let limit = |OwnLimit { rule, of, step, tighter, looser }| {
            let is_capacity = rule == "capacity";
            let key = if is_capacity { "own-limit-capacity" } else { "own-limit-dependency" };
            let (buyer_group, process) = if is_capacity { (None, Some(of)) } else { (Some(of), None) };
            OwnLimitJson { code: rule, text: locale.text(key), buyer_group, process, step, tighter, looser }
        };
        let gap = |OwnGap { action, questions, cost, lots, worth }| OwnGapJson {
            action,
            questions,
            cost,
            lots,
            worth,
        };
        Self {
            currency: own.currency,
            limits: own.limits.into_iter().map(limit).collect(),
            gaps: own.gaps.into_iter().map(gap).collect(),
            complete: own.complete,
        }
    }
}

/// Asks what one's own limits cost and closing one's own gaps is worth, in the programme's run that was adopted
/// last of those about one's own firm. Nothing in it measures what others fit or ask.
#[utoipa::path(
    get, path = "/programmes/{id}/own-limits", operation_id = "programmes_own_limits", tag = "matching",
    params(("id" = ProgrammeId, Path)), responses((status = OK, body = OwnLimitsJson))
)]
async fn own_limits(
    Shared(base): Shared<Base>,
    may: May<SeeOwnLimits>,
    Key(programme): Key<ProgrammeId>,
) -> Result<Reply, Problem> {
    let own = explaining::limits_of_mine(base.db.reads(), may.actor(), programme).await?;
    Reply::ok(&OwnLimitsJson::new(own, may.actor().locale))
}
