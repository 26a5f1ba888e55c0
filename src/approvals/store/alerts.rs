//! What has lapsed since it was approved, and what is about to.
//!
//! Alerts are derived from the ledger, the rules and the day, not pushed: one stands as long as its cause
//! does. Nothing is voided by it; approvals that would widen the excess are refused.

use std::collections::{BTreeMap, BTreeSet};

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
        clock::{Day, Timestamp},
        http::list::Window,
        ids::{OrganisationId, ProgrammeId},
        problem::Problem,
    },
    matching::store::matches,
    organisations::store::firms,
    programmes::{self, Programme, Waiver},
};

/// So many days before a waiver expires, its programme is told when something would lapse with it.
const NOTICE_DAYS: i64 = 30;

/// The alerts of a programme, by supplier and buyer group, for its institution: about groups from which something
/// is approved that the actor may see. What is sold to a group elsewhere reaches it in the sums alone.
///
/// # Errors
/// 404 when the actor is no institution that sees the programme.
pub async fn alerts(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
    at: Timestamp,
) -> Result<Vec<Alert>, Problem> {
    demand_institution(actor)?;
    let programme = programmes::store::find(db, actor, programme).await?;
    let day = programme.day(at);
    let waivers = all_waivers(db, actor, programme.id).await?;
    let mut alerts = Vec::new();
    for (supplier, groups) in seen(db, actor, programme.id).await? {
        let standing = match Standing::of(db, &programme, supplier, &[], &[], at).await {
            Ok(standing) => standing,
            Err(problem) if problem.code == "other-currency-in-position" => {
                alerts.extend(groups.into_iter().map(|(group, firms)| untold(supplier, group, firms)));
                continue;
            }
            Err(problem) => return Err(problem),
        };
        for (group, firms) in groups {
            let of_group: Vec<&Waiver> =
                waivers.iter().filter(|w| w.supplier == supplier && w.buyer_group == group).collect();
            alerts.extend(alert(&programme, &standing, (group, firms), &of_group, day)?);
        }
    }
    alerts.sort_by_key(|alert| (alert.supplier, alert.buyer_group));
    Ok(alerts)
}

/// Lead firms by their buyer group.
type Groups = BTreeMap<Uuid, Vec<OrganisationId>>;

/// From which groups something is approved for which suppliers, as far as the actor sees it.
async fn seen(
    db: &impl ConnectionTrait,
    actor: &Actor,
    programme: ProgrammeId,
) -> Result<BTreeMap<OrganisationId, Groups>, Problem> {
    let pairs = matches::approved_pairs(db, actor, programme).await?;
    let service = Actor::system(actor.organisation);
    let buyers: BTreeSet<_> = pairs.iter().map(|(_, buyer)| *buyer).collect();
    let keys: BTreeMap<_, _> =
        firms::find_all(db, &service, buyers).await?.iter().map(|firm| (firm.id, firm.buyer_key())).collect();
    let mut seen: BTreeMap<OrganisationId, Groups> = BTreeMap::new();
    for (supplier, buyer) in pairs {
        let group = keys.get(&buyer).copied().unwrap_or(buyer.0);
        seen.entry(supplier).or_default().entry(group).or_default().push(buyer);
    }
    Ok(seen)
}

/// That nothing can be told before the figures agree.
const fn untold(supplier: OrganisationId, buyer_group: Uuid, lead_firms: Vec<OrganisationId>) -> Alert {
    let lapse = Lapse::OtherCurrency;
    Alert { supplier, buyer_group, lead_firms, lapse, share: None, cap: None, sides: None, waiver: None }
}

fn alert(
    programme: &Programme,
    standing: &Standing,
    (group, lead_firms): (Uuid, Vec<OrganisationId>),
    waivers: &[&Waiver],
    day: Day,
) -> Result<Option<Alert>, Problem> {
    let rule = standing.rule(programme.id, group)?;
    let exceeds = |sides: &Option<Sides>| sides.as_ref().is_some_and(|sides| sides.left > sides.right);
    let present = rule.sides(&standing.after, group);
    let told = |lapse, waiver: Option<&Waiver>, cap, sides| Alert {
        supplier: standing.supplier,
        buyer_group: group,
        lead_firms,
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
    let by_rules = || programme.cap_on(soon.expires_on.plus_days(1));
    then.cap = next.map(|waiver| waiver.dependency_cap).or_else(by_rules);
    let sides = then.sides(&standing.after, group);
    Ok(exceeds(&sides).then(|| told(Lapse::WaiverExpiring, Some(soon), then.cap, sides)))
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
