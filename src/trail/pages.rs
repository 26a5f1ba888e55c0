//! The trail at the screen: what people of one's organisation did, newest first, and the proof of each entry.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State as Shared, response::Response, routing::get};

use super::{ListEntries, Prove};
use crate::{
    foundation::{
        Base,
        access::May,
        audit::{self, Written, log},
        clock::Day,
        http::Key,
        i18n::Locale,
        ids::{AccountId, AuditEntryId},
        page::{Page, View, filters, number_on_record, show},
        problem::Problem,
        zone::Zone,
    },
    organisations::store::people,
};

/// So many of the latest entries are shown; all of them are a download away.
const MOST: u64 = 200;

/// The pages, behind a login.
pub fn routes() -> Router<Base> {
    Router::new().route("/audit", get(trail)).route("/audit/{id}", get(proof))
}

/// What was done on a day.
struct Together {
    day: Day,
    /// With the clock and the name of whoever did it.
    entries: Vec<(Written, String, String)>,
}

/// The latest entries.
#[derive(Template)]
#[template(path = "trail/list.html")]
struct TrailPage {
    days: Vec<Together>,
}

impl Page for TrailPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("trail-title")
    }
}

impl TrailPage {
    /// Under which number whoever did it was told that it is on record.
    fn number(entry: &Written) -> String {
        number_on_record(entry.id.into())
    }

    fn of(entries: Vec<Written>, names: &BTreeMap<AccountId, String>, zone: &Zone) -> Self {
        let mut days: Vec<Together> = Vec::new();
        for entry in entries {
            let day = zone.day(entry.at);
            let name = names.get(&entry.account).cloned().unwrap_or_else(|| "–".to_owned());
            let line = (entry.clone(), zone.wall_clock(entry.at), name);
            match days.last_mut().filter(|last| last.day == day) {
                Some(last) => last.entries.push(line),
                None => days.push(Together { day, entries: vec![line] }),
            }
        }
        Self { days }
    }
}

async fn trail(Shared(base): Shared<Base>, view: View, may: May<ListEntries>) -> Result<Response, Problem> {
    let (db, actor) = (base.db.reads(), may.actor());
    let entries = audit::list(db, actor, MOST).await?.iter().map(audit::Entry::written).collect();
    let people = people::members(db, actor).await?.into_iter();
    let names = people.map(|member| (member.account.id, member.account.name)).collect();
    show(&view, &TrailPage::of(entries, &names, &view.zone()))
}

/// The proof that an entry stands in the log.
#[derive(Template)]
#[template(path = "trail/proof.html")]
struct ProofPage {
    entry: Written,
    position: u64,
    path: Vec<String>,
    checkpoint: String,
    zone: Zone,
}

impl Page for ProofPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("trail-proof")
    }
}

/// An entry that no checkpoint covers yet.
#[derive(Template)]
#[template(path = "trail/not_yet.html")]
struct NotYetPage;

impl Page for NotYetPage {
    fn title(&self, locale: Locale) -> String {
        locale.text("trail-not-yet")
    }
}

async fn proof(
    Shared(base): Shared<Base>,
    view: View,
    may: May<Prove>,
    Key(id): Key<AuditEntryId>,
) -> Result<Response, Problem> {
    match log::prove(base.db.reads(), may.actor(), id).await {
        Ok(log::Inclusion { entry, position, path, checkpoint }) => {
            show(&view, &ProofPage { entry, position, path, checkpoint, zone: view.zone() })
        }
        // It is there, and some minutes later it has its place.
        Err(problem) if problem.code == "entry-not-in-checkpoint" => show(&view, &NotYetPage),
        Err(problem) => Err(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::{access::Role, clock::Timestamp, ids::OrganisationId, page::samples};

    #[test]
    fn the_trail_is_shown_in_both_languages() {
        let entry = |at: i64| Written {
            id: AuditEntryId(uuid::Uuid::nil()),
            at: Timestamp::from_micros(at),
            account: AccountId(uuid::Uuid::nil()),
            organisation: OrganisationId(uuid::Uuid::nil()),
            role: Role::Officer,
            operation: "requirements.publish".to_owned(),
            subject: "requirement".to_owned(),
            subject_id: uuid::Uuid::nil(),
            details: None,
            salt: None,
            details_hash: None,
            leaf_hash: "f".repeat(64),
        };
        let names: BTreeMap<_, _> = [(AccountId(uuid::Uuid::nil()), "Ana <Rojas>".to_owned())].into();
        let day = 86_400_000_000;
        let page = TrailPage::of(vec![entry(2 * day), entry(day + 5), entry(day)], &names, &Zone::default());
        assert_eq!(page.days.iter().map(|day| day.entries.len()).collect::<Vec<_>>(), [1, 2]);
        samples(&page);
        samples(&TrailPage { days: Vec::new() });
        samples(&NotYetPage);
        let (path, zone) = (vec!["f".repeat(64); 2], Zone::default());
        samples(&ProofPage {
            entry: entry(0),
            position: 7,
            path,
            checkpoint: "eslabon\n7\n".to_owned(),
            zone,
        });
    }
}
