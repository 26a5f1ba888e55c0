//! Pages, and what they notify of: they say no more than the API does.

use std::collections::BTreeMap;

use eslabon::foundation::access::Role;
use serde_json::json;

use super::act_as_rival;
use crate::{
    support::Browser,
    world::{MISSING, Object, World},
};

/// Pages with lists, counts and notices.
const LISTS: [&str; 7] =
    ["/", "/matches", "/requirements", "/diagnostics", "/networks", "/measurements", "/practices"];

/// What has a page of its own, and the pages below it.
const ADDRESSED: &[(&str, &[&str])] = &[
    ("matches", &["/accept", "/approve"]),
    (
        "requirements",
        &["/edit", "/amend", "/amendments", "/questions", "/plans", "/gap-acts", "/steps/close"],
    ),
    ("lots", &["/why-unmet"]),
    ("diagnostics", &["/check", "/questions/management-plan", "/questions/management-plan/evidence"]),
    ("gap-acts", &["/plan", "/actions"]),
    ("plans", &["/edit", "/visits", "/abandon"]),
    ("runs", &["/adopt"]),
    ("contracts", &["/sign", "/deliveries", "/payments", "/renewal", "/steps/terminate"]),
    ("consortia", &["/decline", "/dissolve"]),
    ("meetings", &["/minutes", "/cancel"]),
    (
        "projects",
        &["/milestones/1/report", "/milestones/1/expenses", "/milestones/1/accept", "/close", "/terminate"],
    ),
    ("proposals", &["/edit", "/steps/submit"]),
    ("commitments", &["/withdraw"]),
    ("questions", &[]),
    ("objections", &["/uphold", "/dismiss"]),
];

/// The text without what stands between the one and the other.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |kept, part| kept + from + part.split_once(to).unwrap().1)
}

/// A page without the key that each form gets anew, and without the request's number in a refusal.
async fn page(browser: &mut Browser, address: &str) -> (u16, String) {
    let seen = browser.open(address).await;
    let text = without(&seen.text, r#"name="_once" value=""#, "\"");
    let is_refusal = !seen.status.is_success();
    (seen.status.as_u16(), if is_refusal { without(&text, "<code>", "</code>") } else { text })
}

/// Every page of matches and requirements, and the lists.
async fn pages(browser: &mut Browser, world: &World) -> BTreeMap<String, (u16, String)> {
    let mut seen = BTreeMap::new();
    let objects = world.objects.iter().filter(|object| matches!(object.noun, "matches" | "requirements"));
    for address in LISTS.iter().map(|list| (*list).to_owned()).chain(objects.map(Object::path)) {
        seen.insert(address.clone(), page(browser, &address).await);
    }
    seen
}

fn differing(
    before: &BTreeMap<String, (u16, String)>,
    after: &BTreeMap<String, (u16, String)>,
) -> Vec<String> {
    before
        .iter()
        .filter(|(address, seen)| after[*address] != **seen)
        .map(|(address, _)| address.clone())
        .collect()
}

on_both_engines! {
    async fn nothing_that_a_rival_does_shows_on_a_page(app: TestApp) {
        let world = World::set(&app).await;
        let mut browsers = [
            app.browser_of(&world.supplier, Role::SupplierMember).await,
            app.browser_of(&world.buyer, Role::LeadFirmMember).await,
            app.browser_of(&world.other_buyer, Role::LeadFirmMember).await,
        ];
        let mut before = Vec::new();
        for browser in &mut browsers {
            // What a lead firm reads under a consent is noted once an hour.
            pages(browser, &world).await;
            before.push(pages(browser, &world).await);
        }
        assert!(before[0]["/"].1.contains("decisión") && before[0]["/matches"].1.contains("/matches/"));
        act_as_rival(&world).await;
        let rival = world.rival.organisation().to_string();
        for (browser, before) in browsers.iter_mut().zip(&before) {
            let after = pages(browser, &world).await;
            assert_eq!(differing(before, &after), [""; 0]);
            for (address, (_, text)) in after {
                assert!(!text.contains(&rival), "{address} names the rival");
            }
        }
        // It is not that pages never change: what one does oneself shows, in the list and in the count.
        let waiting = &world.in_state("matches", "proposed").params[0].1;
        crate::approvals::step(&world.supplier, waiting, "accept").await.expect(200);
        let changed = differing(&before[0], &pages(&mut browsers[0], &world).await);
        assert!(changed.contains(&"/".to_owned()) && changed.contains(&"/matches".to_owned()), "{changed:?}");
    }

    async fn a_page_of_somebody_elses_is_the_page_of_nothing(app: TestApp) {
        let world = World::set(&app).await;
        let strangers = [
            (&world.rival, Role::SupplierMember), (&world.other_buyer, Role::LeadFirmMember),
            (&world.strangers[0].1, Role::Officer), (&world.strangers[7].1, Role::SupplierReader),
        ];
        for (stranger, role) in strangers {
            let mut browser = app.browser_of(stranger, role).await;
            for (noun, below) in ADDRESSED {
                for object in world.of(noun) {
                    let id = &object.params[0].1;
                    // Suppliers of the programme see what is published there, and what is asked about it.
                    let in_programme = stranger.organisation() == world.rival.organisation();
                    if in_programme && matches!((*noun, object.state), ("requirements", "published" | "closed" | "awarded") | ("questions", "answered")) {
                        continue;
                    }
                    for part in std::iter::once(&"").chain(*below) {
                        let nothing = page(&mut browser, &format!("/{noun}/{MISSING}{part}")).await;
                        let (status, text) = page(&mut browser, &format!("{}{part}", object.path())).await;
                        assert_eq!(status, nothing.0, "{role} on {noun}{part} {}", object.state);
                        assert_eq!(text.replace(id, MISSING), nothing.1, "{role} on {noun}{part} {}", object.state);
                    }
                }
            }
        }
    }

    /// What waits for somebody's decision is counted for them alone, and the notice names nobody.
    async fn a_notice_counts_what_waits_for_its_reader_alone(app: TestApp) {
        let world = World::set(&app).await;
        let notice = async |browser: &mut Browser| browser.open("/").await.expect(200).words();
        let mut supplier = app.browser_of(&world.supplier, Role::SupplierMember).await;
        let (mut partner, mut rival) = (
            app.browser_of(&world.partner, Role::SupplierMember).await,
            app.browser_of(&world.rival, Role::SupplierMember).await,
        );
        let said = notice(&mut supplier).await;
        // Proposed, and accepted by the lead firm alone.
        assert!(said.contains("2 esperan su decisión"), "{said}");
        for other in [&mut partner, &mut rival] {
            let said = notice(other).await;
            assert!(!said.contains("su decisión") || said.contains("0 esperan"), "{said}");
        }
        let names = [world.buyer.organisation(), world.supplier.organisation(), world.rival.organisation()];
        for name in names {
            assert!(!said.contains(&name.to_string()), "{said}");
        }
        let mine = world.supplier.get("/matches?state=proposed").await.expect(200);
        assert_eq!(mine.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(world.rival.get("/matches").await.expect(200).body["items"], json!([]));
    }
}
