//! What has lapsed since it was approved, and what is about to.
//!
//! Alerts are derived from the ledger, the rules and the day, not pushed: one stands as long as its cause
//! does. Nothing is voided by it; approvals that would widen the excess are refused.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{reading::demand_institution, standing::Standing};
use crate::{
    approvals::{
        Alert, Lapse,
        dependency::{Rule, Sides},
    },
    foundation::{
        access::Actor,
        clock::Day,
        http::list::Window,
        ids::{OrganisationId, ProgrammeId},
        problem::Problem,
    },
    matching::store::matches,
    programmes::{self, Programme, Waiver},
};

/// So many days before a waiver expires, its programme is told when something would lapse with it.
const NOTICE_DAYS: i64 = 30;

/// The alerts of a programme, by supplier and buyer group, for its institution.
///
/// # Errors
/// 404 when the actor is no institution that sees the programme.
pub async fn alerts(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    day: Day,
) -> Result<Vec<Alert>, Problem> {
    demand_institution(actor)?;
    let programme = programmes::store::find(db, actor, programme).await?;
    let waivers = all_waivers(db, actor, programme.id).await?;
    let mut alerts = Vec::new();
    for supplier in matches::suppliers_with_approvals(db, actor, programme.id).await? {
        let standing = match Standing::of(db, &programme, supplier, &[], &[], day).await {
            Ok(standing) => standing,
            Err(problem) if problem.code == "other-currency-in-position" => continue,
            Err(problem) => return Err(problem),
        };
        for group in standing.groups_in(programme.id).collect::<Vec<_>>() {
            let of_group: Vec<&Waiver> =
                waivers.iter().filter(|w| w.supplier == supplier && w.buyer_group == group).collect();
            if let Some(alert) = alert(&programme, &standing, group, &of_group, day)? {
                alerts.push(alert);
            }
        }
    }
    alerts.sort_by_key(|alert| (alert.supplier, alert.buyer_group));
    Ok(alerts)
}

fn alert(
    programme: &Programme,
    standing: &Standing,
    group: Uuid,
    waivers: &[&Waiver],
    day: Day,
) -> Result<Option<Alert>, Problem> {
    let rule = standing.rule(programme.id, group)?;
    let exceeds = |sides: &Option<Sides>| sides.as_ref().is_some_and(|sides| sides.left > sides.right);
    let present = rule.sides(&standing.after, group);
    let told = |lapse, waiver: Option<&Waiver>, cap, sides| Alert {
        supplier: standing.supplier,
        buyer_group: group,
        lead_firms: firms_of(standing, group),
        lapse,
        share: standing.after.share(group),
        cap,
        sides,
        waiver: waiver.map(|waiver| (waiver.id, waiver.expires_on)),
    };
    // Of several, the one that held last. What a waiver let through is told even where the supplier may keep
    // it, because a contract has made existing sales of it.
    let strict = Rule { no_worsening: false, ..rule.clone() };
    let expired = waivers.iter().filter(|w| w.expires_on < day).max_by_key(|w| w.expires_on).copied();
    let without = strict.sides(&standing.after, group);
    if expired.is_some() && exceeds(&without) {
        return Ok(Some(told(Lapse::WaiverExpired, expired, rule.cap, without)));
    }
    if exceeds(&present) {
        return Ok(Some(told(Lapse::FiguresChanged, None, rule.cap, present)));
    }
    let soon = waivers.iter().filter(|w| w.expires_on >= day && w.expires_on.days_since(day) <= NOTICE_DAYS);
    let Some(soon) = soon.min_by_key(|w| w.expires_on).copied() else { return Ok(None) };
    let mut then = strict;
    let next = waivers.iter().filter(|w| w.expires_on > soon.expires_on).max_by_key(|w| (w.signed_at, w.id));
    let by_rules = || programme.rules.cap_on(programme.starts_on, soon.expires_on.plus_days(1));
    then.cap = next.map(|waiver| waiver.dependency_cap).or_else(by_rules);
    let sides = then.sides(&standing.after, group);
    Ok(exceeds(&sides).then(|| told(Lapse::WaiverExpiring, Some(soon), then.cap, sides)))
}

fn firms_of(standing: &Standing, group: Uuid) -> Vec<OrganisationId> {
    standing.firms.values().filter(|firm| firm.buyer_key() == group).map(|firm| firm.id).collect()
}

async fn all_waivers(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<Vec<Waiver>, Problem> {
    let (mut waivers, mut cursor) = (Vec::new(), None);
    loop {
        let window = Window::at(100, cursor);
        let page = programmes::store::list_waivers(db, actor, programme, &window).await?;
        waivers.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(waivers);
        }
    }
}
