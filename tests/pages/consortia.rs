//! Suppliers form a consortium, each says yes for itself, and it offers as one: through the HTML.

use eslabon::foundation::access::Role;
use serde_json::json;

use crate::matching::scene::{Scene, lot};

on_both_engines! {
    async fn a_consortium_is_formed_offers_and_is_dissolved(app: TestApp) {
        let scene = Scene::set(&app, "0").await;
        let buyer = scene.lead_firm(&app, "Grande").await;
        let (one, other) = (scene.supplier(&app, "1000").await, scene.supplier(&app, "1000").await);
        let requirement = buyer.requirement(&scene.programme, json!([lot(100, "1")]), json!([])).await;
        let lot = buyer.move_on(&requirement, "publish").await.text("lots/0/id");
        let mut speaker = app.browser_of(&one, Role::SupplierMember).await;
        let mut member = app.browser_of(&other, Role::SupplierMember).await;
        let list = speaker.open(&scene.programme).await.expect(200).link("/consortia?programme=");
        let new = speaker.open(&list).await.expect(200).link("/consortia/new");

        let wrong = speaker.fill(&new, &[("name", "T"), ("members-0-country", "NI"), ("members-0-tax_id", "")]).await.expect(422);
        for field in ["name", "members-0-tax_id"] {
            assert!(wrong.text.contains(&format!("id=\"{field}-fault\"")), "{field}: {}", wrong.words());
        }
        let tax_id = other.get("/me").await.text("organisation/tax_id");
        let form = wrong.form(&new).with("name", "Torneros <del valle>").with("members-0-tax_id", &tax_id);
        let formed = speaker.send(&form).await.expect(303).location();
        speaker.open(&formed).await.expect(200).says("En formación").says("Por responder").says(&tax_id);

        // Who is asked says yes to the members that it has read.
        let page = member.open("/consortia").await.expect(200);
        page.says("Torneros <del valle>").says("2 empresas");
        let asked = member.open(&formed).await.expect(200);
        asked.says("Le piden participar");
        assert!(!asked.text.contains("/dissolve"), "only its speaker dissolves it");
        member.submit(&asked.form("/accept")).await.expect(200).says("Listo para ofrecer");
        member.send(&asked.form("/accept").with("_once", "again")).await.expect(412);

        // It offers as one, sealed, beside the firm's own offer.
        let own = format!("/lots/{lot}/offer");
        let joint = speaker.open(&own).await.expect(200).link("/consortia/");
        let page = speaker.open(&joint).await.expect(200);
        page.says("Oferta de Torneros <del valle>");
        let made = speaker.submit(&page.form(&joint).with("unit_price", "0.90")).await.expect(200);
        made.says("0.9 USD");
        assert!(!speaker.open(&own).await.words().contains("Su oferta 0.9"), "its own offer is another one");
        let seen = member.open(&joint).await.expect(200);
        seen.says("0.9 USD");
        assert!(!seen.text.contains("Sellar la oferta"), "only its speaker offers");
        let withdraw = made.link("/withdraw");
        let page = speaker.open(&withdraw).await.expect(200);
        speaker.submit(&page.form(&withdraw)).await.expect(200);

        // Asked in once more, everybody answers again; then it is dissolved.
        let third = scene.supplier(&app, "1000").await;
        let tax_id = third.get("/me").await.text("organisation/tax_id");
        let ask = speaker.open(&formed).await.form("/ask").with("country", "NI");
        let wrong = speaker.send(&ask.clone().with("tax_id", "")).await.expect(422);
        assert_eq!(wrong.form("/ask").get("country"), Some("NI"));
        speaker.submit(&ask.with("tax_id", &tax_id)).await.expect(200).says("En formación");
        member.open(&formed).await.expect(200).says("Le piden participar");
        let decline = member.open(&formed).await.link("/decline");
        let page = member.open(&decline).await.expect(200);
        page.says("¿No participar?");
        member.submit(&page.form(&decline)).await.expect(200).says("No hay ninguno");
        member.open(&formed).await.expect(404);
        let dissolve = speaker.open(&formed).await.link("/dissolve");
        let page = speaker.open(&dissolve).await.expect(200);
        speaker.submit(&page.form(&dissolve)).await.expect(200).says("Disuelto");

        let mut stranger = app.browser_of(&scene.supplier(&app, "1000").await, Role::SupplierMember).await;
        for path in [&formed, &joint, &dissolve] {
            stranger.open(path).await.expect(404);
        }
        let mut buying = app.browser_of(&buyer, Role::LeadFirmMember).await;
        buying.open(&formed).await.expect(403);
    }
}
