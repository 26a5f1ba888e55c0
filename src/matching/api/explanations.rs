//! Runs side by side, and "why not me".

use axum::extract::State as Shared;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    foundation::{
        Base,
        access::May,
        fields::{Fields, Input},
        http::{Key, Params, Reply},
        i18n::Locale,
        ids::{LotId, RunId},
        problem::Problem,
    },
    matching::{
        AskWhyNot, Compare,
        comparison::{Comparison, Row, Sides, SupplierRow},
        store::explaining,
        why_not::Own,
    },
};

pub(super) fn routes() -> OpenApiRouter<Base> {
    OpenApiRouter::new().routes(routes!(compare)).routes(routes!(ask_why_not))
}

/// Two runs side by side.
#[derive(Serialize, ToSchema)]
#[schema(as = RunComparison)]
struct ComparisonJson {
    /// Per aim, by its name.
    tiers: Vec<RowJson>,
    /// Units awarded per lot, where they differ.
    lots: Vec<RowJson>,
    suppliers: Vec<SupplierRowJson>,
    /// Contract amounts per lead firm.
    buyers: Vec<RowJson>,
    /// How many suppliers get something.
    awarded: RowJson,
    /// Largest dependency on a buyer group of those who get something.
    largest_dependency: RowJson,
    /// Whether both were asked of the same lots, firms, offers and sales, so that only the rules differ.
    same_data: bool,
}

/// A figure of both runs; null: the run has none.
#[derive(Serialize, ToSchema)]
#[schema(as = ComparedFigure)]
struct SidesJson {
    this: Option<String>,
    other: Option<String>,
}

/// A figure of both runs about something.
#[derive(Serialize, ToSchema)]
#[schema(as = ComparedRow)]
struct RowJson {
    /// A tier's name, or an id.
    id: String,
    this: Option<String>,
    other: Option<String>,
    /// Other less this.
    difference: Option<String>,
}

/// A supplier in both runs.
#[derive(Serialize, ToSchema)]
#[schema(as = ComparedSupplier)]
struct SupplierRowJson {
    id: String,
    /// Contract amounts.
    amount: SidesJson,
    /// Other less this; who gets nothing gets 0.
    difference: Option<String>,
    /// Its largest dependency on a buyer group after the awards.
    dependency: SidesJson,
    /// Concentration of its sales after the awards, 0 to 10000.
    hhi: SidesJson,
}

impl From<Sides> for SidesJson {
    fn from(sides: Sides) -> Self {
        Self { this: sides.this, other: sides.other }
    }
}

impl From<Row> for RowJson {
    fn from(row: Row) -> Self {
        Self { id: row.id, this: row.figure.this, other: row.figure.other, difference: row.difference }
    }
}

impl From<SupplierRow> for SupplierRowJson {
    fn from(row: SupplierRow) -> Self {
        let (amount, dependency, hhi) = (row.amount.into(), row.dependency.into(), row.hhi.into());
        Self { id: row.id, amount, difference: row.difference, dependency, hhi }
    }
}

impl From<Comparison> for ComparisonJson {
    fn from(comparison: Comparison) -> Self {
        let rows = |rows: Vec<Row>| rows.into_iter().map(RowJson::from).collect();
        Self {
            tiers: rows(comparison.tiers),
            lots: rows(comparison.lots),
            suppliers: comparison.suppliers.into_iter().map(SupplierRowJson::from).collect(),
            buyers: rows(comparison.buyers),
            awarded: comparison.awarded.into(),
            largest_dependency: comparison.largest_dependency.into(),
            same_data: comparison.same_data,
        }
    }
}

struct With {
    other: RunId,
}

impl Input for With {
    fn read(f: &mut Fields) -> Option<Self> {
        Some(Self { other: f.required("with")? })
    }
}

/// Compares a finished run with another of the same programme.
#[utoipa::path(
    get, path = "/runs/{id}/comparison", operation_id = "runs_compare", tag = "matching",
    params(("id" = RunId, Path), ("with" = RunId, Query)), responses((status = OK, body = ComparisonJson))
)]
async fn compare(
    Shared(base): Shared<Base>,
    may: May<Compare>,
    Key(id): Key<RunId>,
    Params(With { other }): Params<With>,
) -> Result<Reply, Problem> {
    Reply::ok(&ComparisonJson::from(explaining::compare(base.db.reads(), may.actor(), id, other).await?))
}

/// What one's own firm got of a lot, and what kept it from more.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyNot)]
struct WhyNotJson {
    lot: LotId,
    /// Units that one's own firm was awarded.
    awarded: i64,
    /// Every reason, most decisive first.
    reasons: Vec<OwnReasonJson>,
}

/// A reason, about one's own firm.
#[derive(Serialize, ToSchema)]
#[schema(as = WhyNotReason)]
struct OwnReasonJson {
    /// `no_candidate`, `forbidden`, `gaps`, `capacity`, `dependency`, `concentration`, `lead_time`, `price`, `rule`,
    /// `served_otherwise`.
    code: &'static str,
    /// The same in words, with what to do.
    text: String,
    /// Actions of one's own plan that would close the gaps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<String>,
    /// The questions of criteria that keep one red and stand in no plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unplanned: Vec<String>,
    /// The process, for `capacity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<String>,
    /// The buyer group, for `dependency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_group: Option<String>,
    /// The cap, for `dependency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<String>,
    /// One's own dependency with what one was awarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    dependency: Option<String>,
    /// The rule's name, for `rule`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

impl OwnReasonJson {
    fn new(own: Own, locale: Locale) -> Self {
        let (code, key) = own.said();
        let bare = Self {
            code,
            text: locale.text(key),
            gaps: Vec::new(),
            unplanned: Vec::new(),
            process: None,
            buyer_group: None,
            cap: None,
            dependency: None,
            rule: None,
        };
        match own {
            Own::Gaps { actions: gaps, unplanned } => Self { gaps, unplanned, ..bare },
            Own::Capacity(process) => Self { process: Some(process), ..bare },
            Own::Dependency { group, cap, after } => {
                Self { buyer_group: Some(group), cap: Some(cap), dependency: after, ..bare }
            }
            Own::Rule(rule) => Self { rule: Some(rule), ..bare },
            _ => bare,
        }
    }
}

/// Asks what kept one's own firm from a lot, or from more of it, in the run that was adopted: one's own gaps
/// and limits and the rule that binds, and nothing about others.
#[utoipa::path(
    get, path = "/lots/{id}/why-not", operation_id = "lots_why_not", tag = "matching",
    params(("id" = LotId, Path)), responses((status = OK, body = WhyNotJson))
)]
async fn ask_why_not(
    Shared(base): Shared<Base>,
    may: May<AskWhyNot>,
    Key(lot): Key<LotId>,
) -> Result<Reply, Problem> {
    let (awarded, reasons) = explaining::why_not_me(base.db.reads(), may.actor(), lot).await?;
    let locale = may.actor().locale;
    let reasons = reasons.into_iter().map(|own| OwnReasonJson::new(own, locale)).collect();
    Reply::ok(&WhyNotJson { lot, awarded, reasons })
}
