//! Matches, approvals and alerts as they are sent.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    approvals::{
        Alert, Approval, Effect, Lapse, NoLongerFits, Preview, Tested, Why,
        dependency::{Verdict, digits, nine_places},
        store::Seen,
    },
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        http::etag,
        i18n::Locale,
        ids::{AccountId, LotId, MatchId, OrganisationId, ProgrammeId, RequirementId, RunId, WaiverId},
        money::{Money, UnitPrice},
        problem::FieldError,
        share::Share,
    },
    matching::{Match, MatchState},
};

/// A match: an award on its way to approval.
#[derive(Serialize, ToSchema)]
#[schema(as = Match)]
pub(super) struct MatchJson {
    id: MatchId,
    programme: ProgrammeId,
    /// The run that proposed it; for the institution only.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    requirement: RequirementId,
    lot: LotId,
    lead_firm: OrganisationId,
    supplier: OrganisationId,
    /// The consortium through which the supplier has won it: the members' parts are approved together.
    consortium: Option<Uuid>,
    /// Whole units.
    quantity: i64,
    unit_price: UnitPrice,
    years: i32,
    /// Contract total.
    amount: Money,
    /// Contract total / years.
    annual_amount: Money,
    state: MatchState,
    /// Who proposed it; for the institution only.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_by: Option<AccountId>,
    decided_at: Option<Timestamp>,
    /// Why it was declined or rejected.
    reason: Option<String>,
    /// The run whose proposals took its place; for the institution only.
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<RunId>,
    /// What its approval would mean now; for the supplier and the institution, while it is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    consequence: Option<ConsequenceJson>,
    /// How many approvers it takes; for the institution, for a match read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvers_needed: Option<usize>,
    /// Who has approved it; for the institution, for a match read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<Vec<ApproverJson>>,
    /// Pending matches that could be approved now and no longer after this one; for the institution, for a
    /// match read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_longer_fit: Option<Vec<NoLongerFitsJson>>,
    /// Everything that would keep oneself from approving it now by itself; for the institution, for a match read by
    /// itself while it is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<ReasonJson>>,
    etag: String,
}

/// Who has approved, and when.
#[derive(Serialize, ToSchema)]
#[schema(as = Approver)]
pub(super) struct ApproverJson {
    approved_by: AccountId,
    approved_at: Timestamp,
}

/// A pending match that would be left without room.
#[derive(Serialize, ToSchema)]
#[schema(as = NoLongerFits)]
pub(super) struct NoLongerFitsJson {
    r#match: MatchId,
    why: Why,
}

/// What an approval would mean for the supplier's dependency on the buyer group.
#[derive(Serialize, ToSchema)]
#[schema(as = Consequence)]
pub(super) struct ConsequenceJson {
    /// Share of its sales from the buyer group now, approved matches included; null where undisclosed.
    dependency_before: Option<String>,
    /// The same after the approval.
    dependency_after: Option<String>,
    cap: Option<Share>,
    /// Annual sales to the buyer group after the approval.
    sales_after: Option<String>,
    /// The most that they may be.
    most: Option<String>,
    /// Whether the rule lets the match be approved by itself.
    allowed: bool,
}

impl MatchJson {
    pub(super) fn new(found: Match, verdict: Option<&Verdict>, actor: &Actor) -> Self {
        let to_institution = actor.is_system() || actor.kind() == Some(Kind::Institution);
        Self {
            id: found.id,
            programme: found.programme,
            run: to_institution.then_some(found.run),
            requirement: found.requirement,
            lot: found.lot,
            lead_firm: found.lead_firm,
            supplier: found.supplier,
            consortium: found.consortium,
            quantity: found.quantity,
            unit_price: found.unit_price,
            years: found.years,
            amount: found.amount,
            annual_amount: found.annual_amount,
            state: found.state,
            proposed_by: to_institution.then_some(found.proposed_by),
            decided_at: found.decided_at,
            reason: found.reason,
            superseded_by: found.superseded_by.filter(|_| to_institution),
            consequence: verdict.map(ConsequenceJson::from),
            approvers_needed: None,
            approvals: None,
            no_longer_fit: None,
            reasons: None,
            etag: etag(found.version),
        }
    }

    /// A match read by itself.
    pub(super) fn seen(seen: Seen, actor: &Actor) -> Self {
        let to_institution = seen.approvers_needed.is_some();
        let id = seen.found.id;
        let reasons = seen.reasons.iter().map(|error| ReasonJson::new(id, error, actor.locale));
        let reasons = (to_institution && seen.found.state.is_undecided()).then(|| reasons.collect());
        let approvals = seen.approvals.into_iter().map(|approval| ApproverJson {
            approved_by: approval.approved_by,
            approved_at: approval.approved_at,
        });
        Self {
            approvers_needed: seen.approvers_needed,
            approvals: to_institution.then(|| approvals.collect()),
            no_longer_fit: to_institution
                .then(|| seen.no_longer_fit.into_iter().map(NoLongerFitsJson::from).collect()),
            reasons,
            ..Self::new(seen.found, seen.verdict.as_ref(), actor)
        }
    }
}

impl From<NoLongerFits> for NoLongerFitsJson {
    fn from(found: NoLongerFits) -> Self {
        Self { r#match: found.id, why: found.why }
    }
}

impl From<&Verdict> for ConsequenceJson {
    fn from(verdict: &Verdict) -> Self {
        Self {
            dependency_before: verdict.share_before.as_ref().map(nine_places),
            dependency_after: verdict.share_after.as_ref().map(nine_places),
            cap: verdict.cap,
            sales_after: verdict.sides.as_ref().map(|sides| digits(&sides.left)),
            most: verdict.sides.as_ref().map(|sides| digits(&sides.right)),
            allowed: verdict.allowed,
        }
    }
}

/// What approving matches together would mean.
#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalPreview)]
pub(super) struct PreviewJson {
    /// Per supplier and buyer group that gains.
    effects: Vec<EffectJson>,
    /// Everything that would keep oneself from approving them together now.
    reasons: Vec<ReasonJson>,
    /// Those of the matches that take two approvers.
    two_approvers: Vec<MatchId>,
    /// Pending matches that could be approved now and no longer afterwards.
    no_longer_fit: Vec<NoLongerFitsJson>,
    /// Whether one could approve all of them together now: there is no reason against it. What somebody changes before
    /// one does is judged anew.
    would_be_approved: bool,
}

/// What keeps a match from being approved.
#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalReason)]
pub(super) struct ReasonJson {
    r#match: MatchId,
    /// As in the errors of an approval.
    code: &'static str,
    text: String,
}

impl ReasonJson {
    fn new(id: MatchId, error: &FieldError, locale: Locale) -> Self {
        let text = locale.text_with(&format!("field-{}", error.code), &error.args);
        Self { r#match: id, code: error.code, text }
    }
}

/// How a supplier would stand to a buyer group.
#[derive(Serialize, ToSchema)]
#[schema(as = ApprovalEffect)]
pub(super) struct EffectJson {
    supplier: OrganisationId,
    buyer_group: Uuid,
    /// A lead firm of the group.
    lead_firm: OrganisationId,
    consequence: ConsequenceJson,
}

impl PreviewJson {
    pub(super) fn new(preview: Preview, locale: Locale) -> Self {
        let reasons = preview.reasons.iter().map(|(id, error)| ReasonJson::new(*id, error, locale));
        Self {
            would_be_approved: preview.reasons.is_empty(),
            reasons: reasons.collect(),
            effects: preview.effects.into_iter().map(EffectJson::from).collect(),
            two_approvers: preview.two_approvers,
            no_longer_fit: preview.no_longer_fit.into_iter().map(NoLongerFitsJson::from).collect(),
        }
    }
}

impl From<Effect> for EffectJson {
    fn from(effect: Effect) -> Self {
        Self {
            supplier: effect.supplier,
            buyer_group: effect.buyer_group,
            lead_firm: effect.lead_firm,
            consequence: ConsequenceJson::from(&effect.verdict),
        }
    }
}

/// Who has approved a match, on which figures.
#[derive(Serialize, ToSchema)]
#[schema(as = Approvals)]
pub(super) struct ApprovalsJson {
    items: Vec<ApprovalJson>,
}

/// An approval.
#[derive(Serialize, ToSchema)]
#[schema(as = Approval)]
pub(super) struct ApprovalJson {
    approved_by: AccountId,
    approved_at: Timestamp,
    /// Whether the match was approved with it; else a second approver had to follow.
    is_final: bool,
    rules_version: i64,
    /// Every rule on dependency that was tested, with both sides as exact fractions.
    tested: Vec<Tested>,
}

impl From<Vec<Approval>> for ApprovalsJson {
    fn from(approvals: Vec<Approval>) -> Self {
        let show = |approval: Approval| ApprovalJson {
            approved_by: approval.approved_by,
            approved_at: approval.approved_at,
            is_final: approval.is_final,
            rules_version: approval.rules_version,
            tested: approval.tested,
        };
        Self { items: approvals.into_iter().map(show).collect() }
    }
}

/// What has lapsed since it was approved, and what is about to.
#[derive(Serialize, ToSchema)]
#[schema(as = Alerts)]
pub(super) struct AlertsJson {
    items: Vec<AlertJson>,
}

/// Something that has lapsed, or is about to.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(super) struct AlertJson {
    supplier: OrganisationId,
    buyer_group: Uuid,
    /// The lead firms of the group from which something is approved for the supplier that one may see.
    lead_firms: Vec<OrganisationId>,
    lapse: Lapse,
    /// The same in words, with what to do.
    text: String,
    /// The share of the group today; null where undisclosed, or where it can't be told.
    dependency: Option<String>,
    /// The cap that holds, or that will once the waiver has expired.
    cap: Option<Share>,
    /// Annual sales to the group.
    sales: Option<String>,
    /// The most that they may be under the cap.
    most: Option<String>,
    waiver: Option<WaiverId>,
    /// The last day on which the waiver holds, or held.
    waiver_expires_on: Option<Day>,
}

impl AlertsJson {
    pub(super) fn new(alerts: Vec<Alert>, locale: Locale) -> Self {
        let show = |alert: Alert| AlertJson {
            supplier: alert.supplier,
            buyer_group: alert.buyer_group,
            lead_firms: alert.lead_firms,
            lapse: alert.lapse,
            text: locale.text(match alert.lapse {
                Lapse::WaiverExpired => "alert-waiver-expired",
                Lapse::WaiverExpiring => "alert-waiver-expiring",
                Lapse::FiguresChanged => "alert-figures-changed",
                Lapse::OtherCurrency => "alert-other-currency",
            }),
            dependency: alert.share.as_ref().map(nine_places),
            cap: alert.cap,
            sales: alert.sides.as_ref().map(|sides| digits(&sides.left)),
            most: alert.sides.as_ref().map(|sides| digits(&sides.right)),
            waiver: alert.waiver.map(|(id, _)| id),
            waiver_expires_on: alert.waiver.map(|(_, day)| day),
        };
        Self { items: alerts.into_iter().map(show).collect() }
    }
}
