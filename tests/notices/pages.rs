//! The inbox at the screen.

use eslabon::foundation::access::Role;

use serde_json::json;

use super::{Stage, told};
use crate::{matching::scene::lot, support::Filled};

on_both_engines! {
    async fn a_letter_leads_to_its_notice_and_from_there_to_the_thing(app: TestApp) {
        let stage = Stage::set(&app).await;
        let mut browser = app.browser_of(&stage.supplier, Role::SupplierMember).await;
        assert!(!browser.open("/").await.expect(200).words().contains("por leer"));
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        browser.open("/requirements").await.expect(200).says("Avisos 1 por leer");
        let list = browser.open("/notices").await.expect(200);
        list.says("La otra parte aceptó el emparejamiento.").says("Emparejamientos");
        let page = browser.open(&list.link("/notices/0")).await.expect(200);
        page.says("La otra parte aceptó el emparejamiento.");
        assert_eq!(page.link("/matches/"), stage.path);
        browser.open(&page.link("/matches/")).await.expect(200);
        let left = browser.submit(&page.form("/notices/0")).await;
        left.says("No hay avisos nuevos.");

        let theirs = stage.rival.get("/notices").await.expect(200).text("items/0/id");
        browser.open(&format!("/notices/{theirs}")).await.expect(404);
        browser.open("/notices/01890000-0000-7000-8000-000000000000").await.expect(404);
        let mut stranger = app.browser();
        assert!(stranger.open("/notices").await.expect(303).location().starts_with("/login"));
    }

    async fn the_newest_comes_first_and_every_line_names_its_thing(app: TestApp) {
        let stage = Stage::set(&app).await;
        let mut browser = app.browser_of(&stage.supplier, Role::SupplierMember).await;
        for number in 1..=28 {
            let title = format!("Pernos <{number}>");
            let body = json!({ "programme": stage.scene.id, "title": title, "lots": [lot(10, "1")], "criteria": [] });
            let posted = stage.buyer.post("/requirements", body).await.expect(201);
            stage.buyer.move_on(&format!("/requirements/{}", posted.text("id")), "publish").await;
        }
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        let newest = browser.open("/notices").await.expect(200);
        newest.says("Bujes 2026 · Buje · Grande").says("Pernos <28>").says("Pernos <5>");
        assert!(!newest.words().contains("Pernos <4>"), "{}", newest.words());
        let place = |text: &str| newest.words().find(text).unwrap();
        assert!(place("Grande") < place("Pernos <28>") && place("Pernos <28>") < place("Pernos <5>"));
        let older = browser.open(&newest.link("/notices?cursor=")).await.expect(200);
        older.says("Pernos <4>").says("Pernos <1>");
        assert!(!older.words().contains("Pernos <5>"));
        let back = browser.open(&older.link("/notices?cursor=")).await.expect(200);
        back.says("Pernos <28>").says("Pernos <5>");
        // The program's list goes the other way, and a cursor of one is none of the other.
        let cursor = newest.link("/notices?cursor=");
        stage.supplier.get(&cursor).await.expect(422);
    }

    async fn one_chooses_at_the_screen_how_one_is_told(app: TestApp) {
        let stage = Stage::set(&app).await;
        let mut browser = app.browser_of(&stage.supplier, Role::SupplierMember).await;
        let mut form = browser.open("/notices/preferences").await.expect(200).form("/notices/preferences");
        let (inbox, mail) = fields(&form, "matches");
        assert_eq!((form.get(&inbox), form.get(&mail)), (Some("true"), Some("daily")));
        form.fields.retain(|(name, _)| *name != inbox);
        browser.submit(&form.with(&mail, "never")).await;
        let form = browser.open("/notices/preferences").await.form("/notices/preferences");
        assert_eq!((form.get(&inbox), form.get(&mail)), (None, Some("never")));
        let (inbox, mail) = fields(&form, "plans");
        assert_eq!((form.get(&inbox), form.get(&mail)), (Some("true"), Some("daily")));
        stage.buyer.move_on(&stage.path, "accept").await;
        app.tell().await;
        browser.open("/notices").await.expect(200).says("No hay avisos nuevos.");
        assert_eq!(told(&stage.supplier, "&topic=matches").await, ["runs.adopt", "matches.accept"], "a colleague");
        let odd = browser.send(&form.with(&mail, "hourly")).await.expect(422);
        assert_eq!(odd.form("/notices/preferences").get(&mail), Some("never"));
    }
}

/// The names of a topic's fields: whether it goes into the inbox, and when into a letter.
fn fields(form: &Filled, topic: &str) -> (String, String) {
    let (name, _) = form.fields.iter().find(|(_, value)| value == topic).unwrap();
    let row = name.strip_suffix("topic").unwrap();
    (format!("{row}inbox"), format!("{row}mail"))
}
