//! What is on record of a firm at a moment, with what it was computed from.
//!
//! Nothing is carried forward: what a firm stated, or answered in a diagnostic, counts for half a year; what contracts
//! show is that of the twelve months before the reference day. Where nothing is on record there is no value.

use std::collections::BTreeMap;

use num_rational::BigRational;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

use super::dependency;
use crate::{
    contracts::{self, Period},
    diagnostics::{self, Answer, instrument},
    foundation::{
        access::{Actor, Kind},
        clock::{Day, Timestamp},
        ids::OrganisationId,
        money::Currency,
        problem::Problem,
    },
    gaps::signing::agreed_at,
    matching::position::Exchange,
    monitoring::{
        catalogue::About,
        figures::{Exact, mean},
    },
    organisations::store::{ledger, skills},
    plans::{self, Plan, Stage},
    programmes::Programme,
};

/// So many days a statement counts: half a year.
const FRESH: i64 = 183;
/// So many days before the reference day contracts are looked at, that day with them.
const YEAR: i64 = 365;

/// What a programme has on record, at a reference day.
pub(super) struct Records<'a> {
    programme: &'a Programme,
    as_of: Day,
    at: Timestamp,
    plans: Vec<Plan>,
}

impl<'a> Records<'a> {
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        service: &Actor,
        programme: &'a Programme,
        as_of: Day,
        at: Timestamp,
    ) -> Result<Self, Problem> {
        let plans = plans::store::of_programme(db, service, programme.id).await?;
        Ok(Self { programme, as_of, at, plans })
    }

    fn is_fresh(&self, stated: Day) -> bool {
        (0..=FRESH).contains(&self.as_of.days_since(stated))
    }

    /// Whether both firms had agreed on a plan by the reference day, which was not given up.
    fn is_agreed(&self, plan: &Plan) -> bool {
        let had_by_then = agreed_at(&plan.signatures).is_some_and(|at| self.programme.day(at) <= self.as_of);
        had_by_then && !matches!(plan.stage, Stage::Draft | Stage::Abandoned)
    }

    fn year(&self) -> Period {
        Period { from: self.as_of.plus_days(1 - YEAR), to: self.as_of }
    }
}

/// A value with what it was computed from.
type Known = (Exact, Json);

/// What is on record of a firm, by indicator.
pub(super) struct Firm(BTreeMap<&'static str, Known>);

impl Firm {
    pub(super) fn value(&self, indicator: &str) -> Option<Known> {
        self.0.get(indicator).cloned()
    }

    fn put(&mut self, indicator: &'static str, known: Option<Known>) {
        if let Some(known) = known {
            self.0.entry(indicator).or_insert(known);
        }
    }

    pub(super) async fn of(
        db: &impl ConnectionTrait,
        service: &Actor,
        records: &Records<'_>,
        firm: OrganisationId,
        about: About,
    ) -> Result<Self, Problem> {
        let mut known = Self(BTreeMap::new());
        match about {
            About::Supplier => known.of_supplier(db, service, records, firm).await?,
            About::LeadFirm => known.of_lead_firm(db, service, records, firm).await?,
            About::Network => {}
        }
        Ok(known)
    }

    async fn of_supplier(
        &mut self,
        db: &impl ConnectionTrait,
        service: &Actor,
        records: &Records<'_>,
        firm: OrganisationId,
    ) -> Result<(), Problem> {
        let programme = records.programme;
        let profile = ledger::profile(db, service, firm).await?;
        let stated = profile.annual_sales.zip(profile.as_of).filter(|(_, day)| records.is_fresh(*day));
        if let Some((annual, day)) = stated {
            if let Ok(value) = Exchange::of(programme).exact(annual) {
                let basis = json!({ "from": "sales_ledger", "stated": annual, "as_of": day, "source": profile.source });
                self.put("sales", Some((value, basis)));
            }
            let position = dependency::positions(db, programme, &[firm]).await?.remove(&firm).flatten();
            if let Some(position) = position
                && let Some((group, share)) = dependency::largest(&position)
            {
                let basis = json!({ "from": "sales_ledger", "buyer_group": group, "as_of": day });
                self.put("largest-buyer-share", Some((share * percent(), basis)));
            }
        }
        let card =
            contracts::store::scorecard_within(db, service, programme.id, firm, records.year(), records.at)
                .await?;
        let deliveries = &card.deliveries;
        let basis = json!({ "from": "contracts", "period": [card.period.from, card.period.to], "due": deliveries.due,
            "on_time": deliveries.on_time, "late": deliveries.late, "accepted": deliveries.accepted,
            "rejected": deliveries.rejected });
        self.put("on-time", deliveries.on_time_share().map(|share| (share * percent(), basis.clone())));
        self.put("defects", deliveries.ppm().map(|ppm| (ppm, basis)));
        let asked = [("on-time", "delivery-on-time"), ("defects", "quality-defects-ppm")];
        self.of_diagnostic(db, service, records, firm, Kind::Supplier, &asked).await?;
        let certificates = skills::skills(db, service, firm).await?.certificates;
        if !certificates.is_empty() {
            let in_force = certificates.iter().filter(|certificate| {
                certificate.issued_on <= records.as_of
                    && certificate.expires_on.is_none_or(|day| day >= records.as_of)
            });
            let ids: Vec<_> = in_force.map(|certificate| certificate.id).collect();
            let basis = json!({ "from": "certificates", "in_force": ids, "stated": certificates.len() });
            self.put("certifications", Some((Exact::from_integer(ids.len().into()), basis)));
        }
        let plans: Vec<_> =
            records.plans.iter().filter(|plan| plan.supplier == firm && records.is_agreed(plan)).collect();
        self.put("gaps-closed", gaps_closed(&plans, records.as_of));
        self.put("cofunding", cofunding(&plans, programme.currency));
        Ok(())
    }

    async fn of_lead_firm(
        &mut self,
        db: &impl ConnectionTrait,
        service: &Actor,
        records: &Records<'_>,
        firm: OrganisationId,
    ) -> Result<(), Problem> {
        let year = records.year();
        let invoices = contracts::store::invoices_to(db, service, firm, Some(records.programme.id)).await?;
        let within = |day: Day| day >= year.from && day <= year.to;
        let paid = invoices.iter().filter(|(_, payment)| within(payment.invoiced_on));
        let days: Vec<_> = paid
            .filter(|(_, payment)| payment.paid_on.is_some_and(|day| day <= records.as_of))
            .filter_map(|(_, payment)| Some(Exact::from_integer(payment.days_to_pay()?.into())))
            .collect();
        let basis = json!({ "from": "contracts", "period": [year.from, year.to], "paid": days.len() });
        self.put("days-to-pay", mean(&days).map(|days| (days, basis)));
        let asked = [("days-to-pay", "payment-days"), ("local-purchases", "local-share")];
        self.of_diagnostic(db, service, records, firm, Kind::LeadFirm, &asked).await
    }

    /// What a recent diagnostic says, where contracts show nothing.
    async fn of_diagnostic(
        &mut self,
        db: &impl ConnectionTrait,
        service: &Actor,
        records: &Records<'_>,
        firm: OrganisationId,
        kind: Kind,
        asked: &[(&'static str, &str)],
    ) -> Result<(), Problem> {
        let Some(shipped) = instrument::for_kind(kind) else { return Ok(()) };
        let latest = diagnostics::store::latest_submitted(db, service, firm, &shipped.code).await?;
        let Some((found, given)) = latest else { return Ok(()) };
        let Some(day) = found.submitted_at.map(|at| records.programme.day(at)) else { return Ok(()) };
        if !records.is_fresh(day) {
            return Ok(());
        }
        let counted = diagnostics::counted(given);
        for (indicator, question) in asked {
            let Some(answer) = counted.get(*question) else { continue };
            let Answer::Number(figure) = answer.answer else { continue };
            let value = BigRational::new(figure.millionths().into(), 1_000_000.into());
            let basis = json!({ "from": "diagnostics", "diagnostic": found.id, "question": question,
                "provenance": answer.provenance, "submitted_on": day });
            self.put(indicator, Some((value, basis)));
        }
        Ok(())
    }
}

fn percent() -> Exact {
    Exact::from_integer(100.into())
}

fn gaps_closed(plans: &[&Plan], as_of: Day) -> Option<Known> {
    let done_by = |plan: &Plan, action| {
        let mut entries = plan.progress.iter().filter(|entry| entry.action == action && entry.as_of <= as_of);
        entries.next_back().is_some_and(|entry| entry.percent >= 100)
    };
    let (mut closing, mut done) = (0_i64, 0_i64);
    for plan in plans {
        for action in plan.content.actions.iter().filter(|action| action.criterion.is_some()) {
            closing += 1;
            done += i64::from(done_by(plan, action.id));
        }
    }
    let ids: Vec<_> = plans.iter().map(|plan| plan.id).collect();
    let basis = json!({ "from": "plans", "plans": ids, "actions": closing, "done": done });
    (closing > 0).then(|| (Exact::new(done.into(), closing.into()) * percent(), basis))
}

fn cofunding(plans: &[&Plan], currency: Currency) -> Option<Known> {
    let (mut cost, mut of_firms) = (0_i64, 0_i64);
    for plan in plans {
        let parts = plan.content.cost(currency);
        let firms = parts.lead_firm.minor.checked_add(parts.supplier.minor)?;
        of_firms = of_firms.checked_add(firms)?;
        cost = cost.checked_add(firms)?.checked_add(parts.programme.minor)?;
    }
    let ids: Vec<_> = plans.iter().map(|plan| plan.id).collect();
    let money = |minor| crate::foundation::money::Money::new(minor, currency);
    let basis =
        json!({ "from": "plans", "plans": ids, "cost": money(cost), "of_the_firms": money(of_firms) });
    cost.is_positive().then(|| (Exact::new(of_firms.into(), cost.into()) * percent(), basis))
}
