//! The tables of pages, taken along for a spreadsheet.

use std::collections::{BTreeSet, VecDeque};

use eslabon::foundation::access::Role;

use crate::{
    matching::scene::{Scene, lot},
    support::{Browser, Html},
    world::World,
};

/// So many pages are walked to by each.
const MOST: usize = 150;

/// Where the links of a page lead on this site.
fn links(page: &Html) -> Vec<String> {
    let hrefs = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs
        .filter(|href| href.starts_with('/'))
        .map(|href| href.replace("&amp;", "&").replace("&#38;", "&"))
        .collect()
}

/// Follows every link from the first page, and takes every table along; how many there were.
async fn take_every_table(browser: &mut Browser) -> usize {
    let (mut tables, mut seen) = (0, BTreeSet::new());
    let mut ahead = VecDeque::from(["/".to_owned()]);
    while let Some(address) = ahead.pop_front() {
        let page = browser.open(&address).await;
        if page.status != 200 || !page.header("content-type").starts_with("text/html") {
            continue;
        }
        for link in links(&page) {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            if link.starts_with("/tables/") {
                let table = browser.open(&link).await.expect(200);
                let kind = if link.ends_with("csv") { "text/csv" } else { "application/vnd" };
                assert!(table.header("content-type").starts_with(kind), "{link} on {address}");
                if link.ends_with("csv") {
                    tables += 1;
                    let mut lines = table.text.lines();
                    let headings = lines.next().unwrap_or_default();
                    assert!(!headings.is_empty() && !headings.contains(",,"), "{link}: {headings:?}");
                    assert!(lines.next().is_some(), "{link} has no row");
                }
            } else if seen.len() < MOST && !link.starts_with("/downloads/") && seen.insert(link.clone()) {
                ahead.push_back(link);
            }
        }
    }
    tables
}

on_both_engines! {
    async fn the_awards_of_a_run_are_a_table_for_those_who_see_them(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Conservas <Pacífico>").await;
        scene.supplier(&app, "1000").await;
        scene.requirement(&buyer, &[lot(1_000, "1")]).await;
        let mut officer = app.browser_of(&scene.institution, Role::Officer).await;
        let address = format!("{}/runs/new", scene.programme);
        let form = officer.open(&address).await.expect(200).form(&address).with("name", "=Uno");
        let run = officer.send(&form).await.expect(303).location();
        app.run_jobs().await;

        let page = officer.open(&run).await.expect(200);
        let link = links(&page).into_iter().find(|link| link.contains("table=awards&format=csv")).unwrap();
        let table = officer.open(&link).await.expect(200);
        assert!(table.header("content-disposition").contains("awards.csv"));
        let lines: Vec<&str> = table.text.lines().collect();
        assert_eq!(lines[0], "Lote,Proveedor,Cantidad (pieza),Del lote (%),Monto (USD)");
        assert!(lines[1].ends_with(",428,42.8,428.00"), "{lines:?}");

        let english = officer.submit(&page.form("/language")).await.expect(200);
        let link = links(&english).into_iter().find(|link| link.contains("table=awards&format=csv")).unwrap();
        assert!(officer.open(&link).await.expect(200).text.starts_with("Lot,Supplier,Quantity (pieza),"));
        let book = officer.open(&link.replace("csv", "xlsx")).await.expect(200);
        assert!(book.header("content-type").contains("spreadsheetml"));

        officer.open(&link.replace("awards", "nothing")).await.expect(404);
        officer.open(&link.replace("csv", "pdf")).await.expect(422);
        officer.open("/tables/tables/runs").await.expect(404);
        let stranger = app.institution().await;
        app.browser_of(&stranger, Role::Officer).await.open(&link).await.expect(404);
        let nobody = Browser::new(app.router.clone()).open(&link).await.expect(303);
        assert!(nobody.location().starts_with("/login"), "{}", nobody.location());
    }

    async fn every_table_that_a_page_offers_can_be_taken_along(app: TestApp) {
        let world = World::set(&app).await;
        let people = [
            (&world.scene.institution, Role::Officer, 25),
            (&world.buyer, Role::LeadFirmMember, 15),
            (&world.supplier, Role::SupplierMember, 15),
        ];
        for (client, role, least) in people {
            let tables = take_every_table(&mut app.browser_of(client, role).await).await;
            assert!(tables >= least, "{role}: {tables} tables");
        }
    }
}
